import { Outbox } from "../../src/edge/outbox.ts";
import { jpeg } from "./box.ts";

// Appends and takes receipts until it is killed; says on stdout what it was promised, one line each.
const [dir = "", seed = "0"] = process.argv.slice(2);
const box = new Outbox(dir, { quotaBytes: 3_000_000 });
let receiptAt = Date.now();
for (let i = 0; ; i++) {
  const images = i % 3 === 0 ? [{ data: jpeg(20_000, (i + Number(seed)) % 256) }] : [];
  const id = await box.append({ kind: "a", body: { seed, i }, images });
  process.stdout.write(`held ${id}\n`);
  if (i % 7 !== 6) continue;
  const [oldest] = box.pendingAfter(0, 1);
  if (!oldest) continue;
  // Said before: from here on, the event may or may not be there.
  process.stdout.write(`receipt ${oldest.id}\n`);
  const { incarnation } = box.state();
  const at = new Date(receiptAt++).toISOString();
  box.applyReceipt({
    outbox: incarnation,
    through: oldest.seq,
    ranges: [],
    rejects: [],
    backedUp: null,
    tickets: [],
    at,
  });
}
