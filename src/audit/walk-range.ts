import type { Queryable } from "../platform/db.ts";
import type { RowWalker } from "./row-walker.ts";
import { type RowChunk, readRowChunks, rowsPerChunk } from "./store-chain.ts";
import type { WalkedRow } from "./walked-row.ts";

export const rowsPerRead = 4096;

type Range = { from: number; to: number };
type OnRow = (row: WalkedRow) => void;

/**
 * Walks rows from..to in bounded memory; reads the next rows while these are being hashed. `hooks` are awaited
 * before and after the rows of each read are walked.
 */
export async function walkRange(
  tx: Queryable,
  walker: RowWalker,
  range: Range & { signal?: AbortSignal },
  onRow: OnRow,
  hooks: {
    before?: (from: number, to: number) => Promise<void>;
    after?: (from: number, to: number) => Promise<void>;
  } = {},
): Promise<void> {
  const end = (from: number): number => Math.min(from + rowsPerRead - 1, range.to);
  const read = (from: number) => readRowChunks(tx, walker.tenantId, from, end(from));
  let next = read(range.from);
  for (let from = range.from; from <= range.to; from += rowsPerRead) {
    const chunks = await next;
    const following = from + rowsPerRead <= range.to ? read(from + rowsPerRead) : undefined;
    // A failing prefetch is thrown where it is awaited; until then it must not count as unhandled.
    following?.catch(() => {});
    range.signal?.throwIfAborted();
    await hooks.before?.(from, end(from));
    for (const [i, chunk] of chunks.entries()) {
      const first = from + i * rowsPerChunk;
      await walkPart(tx, walker, { from: first, to: Math.min(first + rowsPerChunk - 1, end(from)) }, chunk, onRow);
    }
    await hooks.after?.(from, end(from));
    if (following) next = following;
  }
}

/** Halves what cannot be walked in one until the row at fault stands alone. */
async function walkPart(
  tx: Queryable,
  walker: RowWalker,
  { from, to }: Range,
  chunk: RowChunk,
  onRow: OnRow,
): Promise<void> {
  if (walker.take(chunk, onRow)) return;
  const half = Math.floor((from + to) / 2);
  for (const part of [
    { from: Math.max(from, walker.state.seq + 1), to: half },
    { from: Math.max(half + 1, walker.state.seq + 1), to },
  ]) {
    if (part.from > part.to) continue;
    const [chunk] = await readRowChunks(tx, walker.tenantId, part.from, part.to);
    await walkPart(tx, walker, part, chunk!, onRow);
  }
}
