import { hash } from "node:crypto";
import { tileWidth } from "../record/tiles.ts";
import { CompactTree, nodeHash } from "../record/tree.ts";

const height = Math.log2(tileWidth);
const bytes = 32;

/** "binary" text is four times as fast to get as a Buffer (record/sha256.ts); so few bytes move faster one by one than by a call. */
function putHash(target: Buffer, index: number, input: Buffer): void {
  const digest = hash("sha256", input, "binary");
  for (let i = 0; i < bytes; i++) target[index * bytes + i] = digest.charCodeAt(i);
}

/**
 * The RFC 6962 tree over row hashes, as CompactTree is, but without an object per hash: the tile being filled stands in one
 * buffer a level, full tiles in a compact tree of their roots.
 */
export class RowTree {
  /** Leaf hashes of the tile being filled, or of the one just filled: read them before the next `add`. */
  readonly leaves = Buffer.alloc(tileWidth * bytes);
  readonly #levels: Buffer[];
  readonly #tiles = new CompactTree();
  readonly #leafInput = Buffer.alloc(1 + bytes);
  readonly #nodeInput = Buffer.alloc(1 + 2 * bytes, 1);
  #size = 0;

  constructor() {
    const above = Array.from({ length: height }, (_, level) => Buffer.alloc((tileWidth >> (level + 1)) * bytes));
    this.#levels = [this.leaves, ...above];
  }

  get size(): number {
    return this.#size;
  }

  /** Takes the row hash that `source` holds from `at` on. True when it filled a tile. */
  add(source: Buffer, at: number): boolean {
    const [leaf, node] = [this.#leafInput, this.#nodeInput];
    for (let i = 0; i < bytes; i++) leaf[i + 1] = source[at + i]!;
    let index = this.#size++ % tileWidth;
    putHash(this.leaves, index, leaf);
    let level = 0;
    for (; index % 2 === 1; index >>= 1, level++) {
      const below = this.#levels[level]!;
      const from = (index - 1) * bytes;
      for (let i = 0; i < 2 * bytes; i++) node[i + 1] = below[from + i]!;
      putHash(this.#levels[level + 1]!, index >> 1, node);
    }
    if (level < height) return false;
    this.#tiles.add(this.tileRoot());
    return true;
  }

  /** Root of the tile that the last `add` filled. */
  tileRoot(): Uint8Array {
    return new Uint8Array(this.#levels[height]!);
  }

  root(): Uint8Array {
    const rest = this.#size % tileWidth;
    if (rest === 0) return this.#tiles.root();
    let root: Uint8Array | undefined;
    for (let level = 0; level < height; level++) {
      const index = rest >> level;
      if (index % 2 === 0) continue;
      const node = new Uint8Array(this.#levels[level]!.subarray((index - 1) * bytes, index * bytes));
      root = root ? nodeHash(node, root) : node;
    }
    for (let i = this.#tiles.nodes.length - 1; i >= 0; i--) root = nodeHash(this.#tiles.nodes[i]!, root!);
    return root!;
  }
}
