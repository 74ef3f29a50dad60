import { sha256 } from "./sha256.ts";

// RFC 6962 section 2.1. Hashes are 32 raw bytes.

export function leafHash(data: Uint8Array): Uint8Array {
  const input = new Uint8Array(data.length + 1);
  input.set(data, 1);
  return sha256(input);
}

// Reused: safe because sha256 reads it before it returns and nothing here awaits.
const nodeInput = new Uint8Array(65).fill(1, 0, 1);

export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  nodeInput.set(left, 1);
  nodeInput.set(right, 33);
  return sha256(nodeInput);
}

/** MTH of no leaves: SHA-256 of nothing. */
export function emptyRoot(): Uint8Array {
  return sha256(new Uint8Array(0));
}

/** Largest power of two strictly below n, for n ≥ 2. */
export function splitPoint(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/**
 * A growing tree in O(log n) memory: the roots of its full subtrees, largest first, as the binary digits of `size` tell.
 * `add` takes leaf hashes in order.
 */
export class CompactTree {
  readonly nodes: Uint8Array[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Takes up where an earlier tree of that size stopped, by its `nodes`. */
  static resume(size: number, nodes: Uint8Array[]): CompactTree {
    const tree = new CompactTree();
    if (nodes.length !== fullSubtrees(size)) {
      throw new Error(`found ${nodes.length} nodes for a tree of ${size}, expected ${fullSubtrees(size)}`);
    }
    tree.nodes.push(...nodes);
    tree.#size = size;
    return tree;
  }

  add(leaf: Uint8Array): void {
    let node = leaf;
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) node = nodeHash(this.nodes.pop()!, node);
    this.nodes.push(node);
    this.#size++;
  }

  root(): Uint8Array {
    let root = this.nodes.at(-1);
    if (!root) return emptyRoot();
    for (let i = this.nodes.length - 2; i >= 0; i--) root = nodeHash(this.nodes[i]!, root);
    return root;
  }
}

function fullSubtrees(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}

/** MTH over leaf hashes. */
export function rootOfLeaves(leaves: Iterable<Uint8Array>): Uint8Array {
  const tree = new CompactTree();
  for (const leaf of leaves) tree.add(leaf);
  return tree.root();
}

/** MTH whose leaf data are the given bytes: lines with their LF, or the 32 raw bytes of hashes. */
export function rootOfData(data: Iterable<Uint8Array>): Uint8Array {
  const tree = new CompactTree();
  for (const item of data) tree.add(leafHash(item));
  return tree.root();
}
