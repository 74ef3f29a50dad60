import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { Outbox, type OutboxOptions } from "../../src/edge/outbox.ts";
import type { Receipt } from "../../src/edge/receipt.ts";
import { timestampFromMillis } from "../../src/record/time.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";

// The smallest file that begins as a JPEG does, filled up to `bytes`.
export function jpeg(bytes: number, fill = 0): Buffer {
  return Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(bytes - 4, fill)]);
}

export async function testBox(options: Partial<OutboxOptions> = {}) {
  const dir = await temporaryDirectory("edge");
  let box: Outbox | null = new Outbox(dir, options);
  const close = () => {
    box?.close();
    box = null;
  };
  return {
    dir,
    get box(): Outbox {
      box ??= new Outbox(dir, options);
      return box;
    },
    close,
    files: () => readdir(join(dir, "images")),
    async stop() {
      close();
      await removeDirectory(dir);
    },
  };
}

export function receiptFor(box: Outbox, parts: Partial<Receipt>): Receipt {
  const at = timestampFromMillis(receiptMs++);
  return {
    outbox: box.state().incarnation,
    through: box.state().through,
    ranges: [],
    rejects: [],
    backedUp: null,
    tickets: [],
    at,
    ...parts,
  };
}
let receiptMs = Date.parse("2026-11-21T20:00:00Z");

export function ticket(event: string, n: number, sha256: string): Receipt["tickets"][number] {
  const image = "0190a000-0000-7000-8000-000000000001";
  return { event, n, sha256, image, path: `/device/v1/images/${image}`, expires: "2026-12-31T00:00:00Z" };
}
