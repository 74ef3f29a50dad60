import { type ReadTile, tileRoot, tileWidth } from "../record/tiles.ts";
import type { KnownTile } from "./chain-tree.ts";
import { RowTree } from "./row-tree.ts";
import type { WalkedRow } from "./walked-row.ts";

const bytes = 32;

export type FullTile = { level: number; index: number; hashes: Uint8Array };

/** Makes a chain's tiles from rows in order, from any size on; holds one tile a level. */
export class TileBuilder {
  #full: FullTile[] = [];
  readonly #tree = new RowTree();
  /** Of each level above 0: how many hashes it has, and the last tile, which is being filled. */
  readonly #above: { count: number; hashes: Buffer }[] = [];
  #first = 0;

  /** `read`: tiles of the tree of `size`; `hashes`: row hashes after its last full tile of level 0. */
  static async resume(size: number, hashes: Buffer, read: ReadTile): Promise<TileBuilder> {
    const builder = new TileBuilder();
    builder.#first = size - hashes.length / bytes;
    for (let at = 0; at < hashes.length; at += bytes) builder.#tree.add(hashes, at);
    for (
      let level = 1, count = Math.floor(size / tileWidth);
      count > 0;
      level++, count = Math.floor(count / tileWidth)
    ) {
      const width = count % tileWidth;
      const tile = Buffer.alloc(tileWidth * bytes);
      if (width > 0)
        tile.set((await read({ level, index: (count - width) / tileWidth, width })).subarray(0, width * bytes));
      builder.#above.push({ count, hashes: tile });
    }
    return builder;
  }

  get size(): number {
    return this.#first + this.#tree.size;
  }

  take({ hashes, hashAt }: WalkedRow): void {
    if (!this.#tree.add(hashes, hashAt)) return;
    this.#full.push({ level: 0, index: this.size / tileWidth - 1, hashes: new Uint8Array(this.#tree.leaves) });
    this.#push(1, this.#tree.tileRoot());
  }

  #push(level: number, root: Uint8Array): void {
    if (this.#above.length < level) this.#above.push({ count: 0, hashes: Buffer.alloc(tileWidth * bytes) });
    const above = this.#above[level - 1]!;
    above.hashes.set(root, (above.count++ % tileWidth) * bytes);
    if (above.count % tileWidth > 0) return;
    const hashes = new Uint8Array(above.hashes);
    this.#full.push({ level, index: above.count / tileWidth - 1, hashes });
    this.#push(level + 1, tileRoot(hashes));
  }

  /** Tiles that were filled since the last call. */
  takeFull(): FullTile[] {
    return this.#full.splice(0);
  }

  /** The partial tile at the end of each level that has one. */
  partial(): KnownTile[] {
    const edge = [{ count: this.size, hashes: this.#tree.leaves }, ...this.#above];
    return edge.flatMap(({ count, hashes }, level) => {
      const width = count % tileWidth;
      const id = { level, index: (count - width) / tileWidth, width };
      return width === 0 ? [] : [{ ...id, hashes: new Uint8Array(hashes.subarray(0, width * bytes)) }];
    });
  }
}
