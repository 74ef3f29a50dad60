import { equalBytes } from "./bytes.ts";
import { nodeHash, splitPoint } from "./tree.ts";

/**
 * MTH of the leaves from..to (half-open), read from wherever they are kept. Proofs ask only for aligned ranges or for ranges
 * that end at the tree's end, so that tiles can answer them.
 */
export type SubtreeRoot = (from: number, to: number) => Uint8Array | Promise<Uint8Array>;

type Range = { from: number; to: number };

function inclusionRanges(index: number, from: number, to: number): Range[] {
  if (to - from === 1) return [];
  const split = from + splitPoint(to - from);
  if (index < split) return [...inclusionRanges(index, from, split), { from: split, to }];
  return [...inclusionRanges(index, split, to), { from, to: split }];
}

function consistencyRanges(size: number, from: number, to: number, complete: boolean): Range[] {
  if (size === to) return complete ? [] : [{ from, to }];
  const split = from + splitPoint(to - from);
  if (size <= split) return [...consistencyRanges(size, from, split, complete), { from: split, to }];
  return [...consistencyRanges(size, split, to, false), { from, to: split }];
}

/** RFC 6962 section 2.1.1: the audit path of leaf `index` (from 0) in a tree of `size`. */
export async function inclusionProof(index: number, size: number, root: SubtreeRoot): Promise<Uint8Array[]> {
  if (index < 0 || index >= size) throw new Error(`found leaf ${index}, expected 0 to ${size - 1}`);
  const proof: Uint8Array[] = [];
  for (const range of inclusionRanges(index, 0, size)) proof.push(await root(range.from, range.to));
  return proof;
}

/** RFC 6962 section 2.1.2: that the tree of `oldSize` is a prefix of the tree of `newSize`. Empty when they are equal. */
export async function consistencyProof(oldSize: number, newSize: number, root: SubtreeRoot): Promise<Uint8Array[]> {
  if (oldSize < 1 || oldSize > newSize) throw new Error(`found old size ${oldSize}, expected 1 to ${newSize}`);
  const proof: Uint8Array[] = [];
  for (const range of consistencyRanges(oldSize, 0, newSize, true)) proof.push(await root(range.from, range.to));
  return proof;
}

/** True when the leaf hash stands at `index` of the tree with that root. */
export function verifyInclusion(
  claim: { index: number; size: number; leaf: Uint8Array; root: Uint8Array },
  proof: Uint8Array[],
): boolean {
  const { index, size, leaf, root } = claim;
  if (!(index >= 0 && index < size)) return false;
  const ranges = inclusionRanges(index, 0, size);
  if (ranges.length !== proof.length) return false;
  let hash = leaf;
  for (const [i, range] of ranges.entries()) {
    hash = range.from > index ? nodeHash(hash, proof[i]!) : nodeHash(proof[i]!, hash);
  }
  return equalBytes(hash, root);
}

/** True when the proof joins both roots. Two trees of one size are consistent when they are equal and the proof is empty. */
export function verifyConsistency(
  claim: { oldSize: number; newSize: number; oldRoot: Uint8Array; newRoot: Uint8Array },
  proof: Uint8Array[],
): boolean {
  const { oldSize, newSize, oldRoot, newRoot } = claim;
  if (!(oldSize >= 1 && oldSize <= newSize)) return false;
  if (oldSize === newSize) return proof.length === 0 && equalBytes(oldRoot, newRoot);
  const ranges = consistencyRanges(oldSize, 0, newSize, true);
  if (ranges.length !== proof.length) return false;
  // The first range is the old tree's last full subtree, unless the old tree is one full subtree and its root itself begins.
  const seeded = ranges[0]!.from < oldSize;
  let oldHash = seeded ? proof[0]! : oldRoot;
  let newHash = oldHash;
  for (let i = seeded ? 1 : 0; i < ranges.length; i++) {
    const node = proof[i]!;
    if (ranges[i]!.from >= oldSize) newHash = nodeHash(newHash, node);
    else {
      oldHash = nodeHash(node, oldHash);
      newHash = nodeHash(node, newHash);
    }
  }
  return equalBytes(oldHash, oldRoot) && equalBytes(newHash, newRoot);
}
