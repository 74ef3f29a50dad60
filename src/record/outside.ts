import type { SubtreeRoot } from "./proof.ts";
import { nodeHash, splitPoint } from "./tree.ts";

type Range = { from: number; to: number };

/** Whether any of the ascending indices lies in from..to; `at` is where to begin looking. */
function firstFrom(indices: number[], from: number): number {
  let low = 0;
  let high = indices.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (indices[middle]! < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The subtrees of a tree of `size` that hold no carried leaf, in the order of a walk from the root, left first.
 * `carried`: indices from 0, strictly ascending.
 */
export function* outsideRanges(size: number, carried: number[]): Generator<Range> {
  const pending: Range[] = size > 0 ? [{ from: 0, to: size }] : [];
  for (let range = pending.pop(); range; range = pending.pop()) {
    const next = carried[firstFrom(carried, range.from)];
    if (next === undefined || next >= range.to) {
      yield range;
      continue;
    }
    if (range.to - range.from === 1) continue;
    const split = range.from + splitPoint(range.to - range.from);
    pending.push({ from: split, to: range.to }, { from: range.from, to: split });
  }
}

/** The hashes of outside.txt. */
export async function* outsideHashes(size: number, carried: number[], root: SubtreeRoot): AsyncGenerator<Uint8Array> {
  for (const range of outsideRanges(size, carried)) yield await root(range.from, range.to);
}

/** What a walk meets next: nothing may be skipped, and nothing may be left at the end. */
export type RebuildSource = {
  /** index (from 0) of the next carried leaf, undefined at the end */
  peekCarried(): number | undefined;
  takeCarried(): Uint8Array;
  /** next hash of outside.txt; undefined when there is none left */
  takeOutside(): Uint8Array | undefined;
};

export type Rebuilt = { ok: true; root: Uint8Array } | { ok: false; reason: string };

/** MTH of `size` leaves from carried leaf hashes and outside hashes, each used exactly once. */
export function rebuildRoot(size: number, source: RebuildSource): Rebuilt {
  if (size < 1) return { ok: false, reason: "found a tree of size 0, expected at least one row" };
  const build = (from: number, to: number): Uint8Array => {
    const next = source.peekCarried();
    if (next === undefined || next >= to) {
      const hash = source.takeOutside();
      if (!hash) throw new RangeError(`found no hash left for the rows ${from + 1} to ${to}`);
      return hash;
    }
    if (to - from === 1) return source.takeCarried();
    const split = from + splitPoint(to - from);
    const left = build(from, split);
    return nodeHash(left, build(split, to));
  };
  try {
    const root = build(0, size);
    if (source.peekCarried() !== undefined)
      return { ok: false, reason: `found row ${source.peekCarried()! + 1} beyond size ${size}` };
    if (source.takeOutside()) return { ok: false, reason: "found a hash in outside.txt that no subtree needs" };
    return { ok: true, root };
  } catch (error) {
    if (error instanceof RangeError) return { ok: false, reason: error.message };
    throw error;
  }
}
