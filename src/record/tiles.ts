import type { SubtreeRoot } from "./proof.ts";
import { nodeHash, rootOfLeaves, splitPoint } from "./tree.ts";

// Tiles as in C2SP tlog-tiles: 256 hashes wide, level l holds the roots of full subtrees of 256^l leaves. A full tile never
// changes; the last tile of a level may be partial.

export const tileWidth = 256;
export const hashBytes = 32;

/** `width` < 256 names a partial tile. */
export type TileId = { level: number; index: number; width: number };

/** Path of a tile, `tile/0/x001/234` or `tile/0/x001/234.p/56` (C2SP tlog-tiles). */
export function tilePath(tile: TileId): string {
  let rest = tile.index;
  let path = String(rest % 1000).padStart(3, "0");
  for (rest = Math.floor(rest / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${String(rest % 1000).padStart(3, "0")}/${path}`;
  }
  return `tile/${tile.level}/${path}${tile.width === tileWidth ? "" : `.p/${tile.width}`}`;
}

/** Tiles that a tree of `newSize` has and one of `oldSize` had not, lowest level first. Partial ones included. */
export function newTiles(oldSize: number, newSize: number): TileId[] {
  const tiles: TileId[] = [];
  let span = 1;
  for (let level = 0; span <= newSize; level++, span *= tileWidth) {
    const before = Math.floor(oldSize / span);
    const now = Math.floor(newSize / span);
    for (let index = Math.floor(before / tileWidth); index * tileWidth < now; index++) {
      const width = Math.min(tileWidth, now - index * tileWidth);
      if (before < index * tileWidth + width) tiles.push({ level, index, width });
    }
  }
  return tiles;
}

/** A tile one level up takes each full tile below as one hash. */
export function tileRoot(tile: Uint8Array): Uint8Array {
  return rootOfLeaves(tileHashes(tile));
}

export function* tileHashes(tile: Uint8Array): Generator<Uint8Array> {
  if (tile.length % hashBytes !== 0) throw new Error(`found a tile of ${tile.length} bytes, expected a multiple of 32`);
  for (let at = 0; at < tile.length; at += hashBytes) yield tile.subarray(at, at + hashBytes);
}

/** Reads at least the first `width` hashes of a tile; a wider tile may be returned. */
export type ReadTile = (tile: TileId) => Uint8Array | Promise<Uint8Array>;

/**
 * Subtree roots for proofs about the tree of `size`, from its tiles. Keeps no tile: wrap `read` with a cache when many proofs
 * are made.
 */
export function subtreeRootFromTiles(size: number, read: ReadTile): SubtreeRoot {
  const node = async (level: number, index: number): Promise<Uint8Array> => {
    const now = Math.floor(size / tileWidth ** level);
    const tile = Math.floor(index / tileWidth);
    const bytes = await read({ level, index: tile, width: Math.min(tileWidth, now - tile * tileWidth) });
    const at = (index - tile * tileWidth) * hashBytes;
    if (at + hashBytes > bytes.length) throw new Error(`found tile ${level}/${tile} too short for hash ${index}`);
    return bytes.subarray(at, at + hashBytes);
  };
  const root = async (from: number, to: number): Promise<Uint8Array> => {
    const length = to - from;
    let level = 0;
    let span = 1;
    while (span * tileWidth <= length && from % (span * tileWidth) === 0) {
      span *= tileWidth;
      level++;
    }
    if (length === span) return node(level, from / span);
    const split = from + splitPoint(length);
    const left = await root(from, split);
    return nodeHash(left, await root(split, to));
  };
  return root;
}
