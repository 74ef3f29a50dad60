import type { Receipt } from "../record/receipts.ts";
import { mergeReceipts } from "./receipt-parts.ts";

const mostOutboxes = 10_000;

/**
 * Rejects that nobody heard, by outbox: its device was away, without a session at the broker. The next receipt tells them, since
 * it covers their numbers and the device then asks no more. In memory: a worker that ends forgets them; the dead letters stay.
 */
export function createUntold() {
  const kept = new Map<string, Receipt>();
  return {
    keep(key: string, receipt: Receipt): void {
      if (receipt.rejects.length === 0) return;
      const older = kept.get(key);
      kept.delete(key);
      kept.set(key, { ...(older ? mergeReceipts(older, receipt) : receipt), tickets: [] });
      if (kept.size > mostOutboxes) kept.delete(kept.keys().next().value!);
    },
    /** To be merged with the next one. */
    take(key: string): Receipt | undefined {
      const receipt = kept.get(key);
      kept.delete(key);
      return receipt;
    },
  };
}
