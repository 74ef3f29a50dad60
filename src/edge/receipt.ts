import { z } from "zod";
import type { Receipt } from "../record/receipts.ts";

export type { Receipt } from "../record/receipts.ts";

const seq = z.int().min(0);

// Unlike record/receipts.ts it lets unknown keys through: an older edge has to understand a newer appliance.
const receiptSchema = z.object({
  outbox: z.uuid().nullable(),
  through: seq,
  ranges: z.array(z.tuple([seq, seq])),
  rejects: z.array(
    z.object({ id: z.string().nullable(), seq: seq.nullable(), reason: z.string(), detail: z.string().default("") }),
  ),
  backedUp: seq.nullable(),
  tickets: z.array(
    z.object({
      event: z.uuid(),
      n: z.int().min(0),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
      image: z.uuid(),
      // A path on the device plane, never another host: the client certificate goes there.
      path: z.string().regex(/^\/device\/v1\/images\/[0-9a-f-]{36}$/),
      expires: z.string(),
    }),
  ),
  at: z.iso.datetime(),
});

export function parseReceipt(payload: Buffer): Receipt {
  return receiptSchema.parse(JSON.parse(payload.toString("utf8")));
}

// Rejected ones are covered too: `through` and `ranges` count what is stored, rejected or declared a gap.
export function covers({ through, ranges }: Receipt, seq: number): boolean {
  return seq <= through || ranges.some(([from, to]) => seq >= from && seq <= to);
}
