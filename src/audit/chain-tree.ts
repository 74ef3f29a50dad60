import type { Queryable } from "../platform/db.ts";
import { concatBytes } from "../record/bytes.ts";
import { consistencyProof, inclusionProof, type SubtreeRoot } from "../record/proof.ts";
import { type ReadTile, subtreeRootFromTiles, type TileId, tileRoot, tileWidth } from "../record/tiles.ts";
import { leafHash } from "../record/tree.ts";
import { readRowHashes, readTile } from "./store-chain.ts";

const cachedTiles = 64;

/** A tile that was just made, so that it need not be made again. */
export type KnownTile = TileId & { hashes: Uint8Array };

/** Leaf hashes of the rows from..to, concatenated. */
export async function readLeaves(tx: Queryable, tenantId: string, from: number, to: number): Promise<Uint8Array> {
  const hashes = await readRowHashes(tx, tenantId, from, to);
  const leaves = new Uint8Array(hashes.length);
  for (let at = 0; at < hashes.length; at += 32) leaves.set(leafHash(hashes.subarray(at, at + 32)), at);
  return leaves;
}

/** Tiles of a chain's tree: full ones as stored, partial and missing ones made from the rows. Keeps the last few, and `known`. */
export function chainTiles(tx: Queryable, tenantId: string, known: readonly KnownTile[] = []): ReadTile {
  const cache = new Map<string, Uint8Array>();
  const given = new Map(known.map(({ level, index, width, hashes }) => [`${level}/${index}/${width}`, hashes]));
  const read = async (tile: TileId): Promise<Uint8Array> => {
    const key = `${tile.level}/${tile.index}/${tile.width}`;
    const kept = given.get(key) ?? cache.get(key);
    if (kept) return kept;
    const bytes = await load(tile);
    cache.set(key, bytes);
    if (cache.size > cachedTiles) cache.delete(cache.keys().next().value!);
    return bytes;
  };
  const load = async ({ level, index, width }: TileId): Promise<Uint8Array> => {
    const stored = width === tileWidth ? await readTile(tx, tenantId, level, index) : undefined;
    if (stored) return stored;
    const first = index * tileWidth;
    if (level === 0) return readLeaves(tx, tenantId, first + 1, first + width);
    const below: Uint8Array[] = [];
    for (let i = first; i < first + width; i++) {
      below.push(tileRoot(await read({ level: level - 1, index: i, width: tileWidth })));
    }
    return concatBytes(...below);
  };
  return read;
}

export function chainSubtrees(
  tx: Queryable,
  tenantId: string,
  size: number,
  known?: readonly KnownTile[],
): SubtreeRoot {
  return subtreeRootFromTiles(size, chainTiles(tx, tenantId, known));
}

/** Root of the tree over rows 1..size, from tiles and the rows after them. */
export async function chainRoot(
  tx: Queryable,
  tenantId: string,
  size: number,
  known?: readonly KnownTile[],
): Promise<Uint8Array> {
  return chainSubtrees(tx, tenantId, size, known)(0, size);
}

/** Audit path of row `seq` in the tree of `size` (RFC 6962 section 2.1.1). */
export async function proveInclusion(
  tx: Queryable,
  tenantId: string,
  seq: number,
  size: number,
): Promise<Uint8Array[]> {
  return inclusionProof(seq - 1, size, chainSubtrees(tx, tenantId, size));
}

/** That the tree of `oldSize` is a prefix of the one of `newSize` (RFC 6962 section 2.1.2). */
export async function proveConsistency(
  tx: Queryable,
  tenantId: string,
  oldSize: number,
  newSize: number,
  known?: readonly KnownTile[],
): Promise<Uint8Array[]> {
  return consistencyProof(oldSize, newSize, chainSubtrees(tx, tenantId, newSize, known));
}
