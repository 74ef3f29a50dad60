import type { Queryable } from "../platform/db.ts";
import type { RowWalker, WalkedRow } from "./row-walker.ts";
import { readRowChunk } from "./store-chain.ts";

export const rowsPerRead = 2048;

/**
 * Walks rows from..to in bounded memory; reads the next rows while these are being hashed. `hooks` are awaited
 * before and after the rows of each read are walked.
 */
export async function walkRange(
  tx: Queryable,
  walker: RowWalker,
  range: { from: number; to: number; signal?: AbortSignal },
  onRow: (row: WalkedRow) => void,
  hooks: {
    before?: (from: number, to: number) => Promise<void>;
    after?: (from: number, to: number) => Promise<void>;
  } = {},
): Promise<void> {
  const end = (from: number): number => Math.min(from + rowsPerRead - 1, range.to);
  const read = (from: number) => readRowChunk(tx, walker.tenantId, from, end(from));
  let next = read(range.from);
  for (let from = range.from; from <= range.to; from += rowsPerRead) {
    const chunk = await next;
    const following = from + rowsPerRead <= range.to ? read(from + rowsPerRead) : undefined;
    // A failing prefetch is thrown where it is awaited; until then it must not count as unhandled.
    following?.catch(() => {});
    range.signal?.throwIfAborted();
    await hooks.before?.(from, end(from));
    if (!walker.take(chunk, onRow)) {
      for (let seq = from; seq <= end(from); seq++)
        walker.take(await readRowChunk(tx, walker.tenantId, seq, seq), onRow);
    }
    await hooks.after?.(from, end(from));
    if (following) next = following;
  }
}
