import assert from "node:assert/strict";
import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { RowScanner } from "../../src/audit/row-scanner.ts";
import { parseRow } from "../../src/record/row.ts";

const tenant = randomUUID();
const hex = (): string => randomBytes(32).toString("hex");

/** A row as store-chain.ts gives it, and its hashed lines. */
function sample(seq: number, prev: string) {
  const id = randomUUID();
  const commits = `commit events ${hex()}\n`;
  const units = `unit change ${hex()}\nunit context ${hex()}\n`;
  const middle = `actor user ${id}\nvia api\naction site.renamed\nentity site ${id}\ncorrelation ${id}\ncontrol 1\n${commits}`;
  const [time, written] = [
    ["2026-11-21 20:50:00", "2026-11-21T20:50:00.000000Z"],
    ["2026-11-21 20:50:00.25", "2026-11-21T20:50:00.250000Z"],
    ["2026-11-21 20:50:00.123456", "2026-11-21T20:50:00.123456Z"],
  ][seq % 3]!;
  const fields = `epoch 1\nseq ${seq}\n${time}+00\n${middle}|${units}`;
  const lines = `ledgerstone/row/v1\ntenant ${tenant}\nepoch 1\nseq ${seq}\nprev ${prev}\nat ${written}\n${middle}${units}`;
  return { fields, lines };
}

function scan(fields: string, prev: string, seq: number, at = "2026-01-01T00:00:00.000000Z"): string | undefined {
  const scanner = new RowScanner(tenant);
  if (!scanner.load({ fields, prevs: prev, hashes: hex(), count: 1, whole: 1 })) return undefined;
  scanner.setAt(at);
  if (!scanner.take(0, 1, seq, 1)) return undefined;
  return Buffer.from(scanner.lines).toString("latin1");
}

describe("the scanner of rows", () => {
  it("puts together the lines that are hashed", () => {
    for (const seq of [1, 9, 10, 11, 999_999, 1_000_000]) {
      const prev = hex();
      const { fields, lines } = sample(seq, prev);
      assert.equal(scan(fields, prev, seq), lines);
    }
  });

  it("leaves a row alone that is not the next, is older, or is a control row", () => {
    const prev = hex();
    const { fields } = sample(7, prev);
    assert.equal(scan(fields, prev, 8), undefined);
    assert.equal(scan(fields, prev, 7, "2026-11-21T20:50:00.250001Z"), undefined);
    assert.equal(scan(fields.replace("action site", "action ledger"), prev, 7), undefined);
    assert.equal(scan(fields.replace("unit change", "unit context"), prev, 7), undefined, "a name twice");
    assert.equal(scan(fields.replace("unit change", "unit zebra"), prev, 7), undefined, "names descend");
  });

  it("takes nothing that the grammar refuses, whatever byte is changed, left out or put in", () => {
    const prev = hex();
    const bytes = ["\n", " ", "|", "é", "\0", "A", "g", "-", ".", "0", "9", ":", "unit ", "commit ", "+00"];
    let taken = 0;
    for (let i = 0; i < 20_000; i++) {
      const { fields } = sample(7, prev);
      const at = randomInt(fields.length);
      // The time is a column that Postgres prints: its digits are a time.
      if (at >= 14 && at < 37) continue;
      const cut = randomInt(2);
      const changed = fields.slice(0, at) + (i % 3 === 0 ? "" : bytes[i % bytes.length]) + fields.slice(at + cut);
      const lines = scan(changed, prev, 7);
      if (lines === undefined) continue;
      taken++;
      const row = parseRow(lines);
      assert.deepEqual([row.tenant, row.seq, row.epoch, row.prev, row.control], [tenant, 7, 1, prev, 1]);
      assert.equal(row.action.startsWith("ledger."), false);
    }
    assert.ok(taken > 100 && taken < 10_000, `took ${taken}`);
  });
});
