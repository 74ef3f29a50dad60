import { type Pool, type Queryable, withTransaction } from "../platform/db.ts";
import { parseCheckpoint } from "../record/checkpoint.ts";
import { newTiles, type TileId, tileWidth } from "../record/tiles.ts";
import { chainTiles, type KnownTile } from "./chain-tree.ts";
import { bindTenant } from "./store.ts";
import { readTiles, type StoredCheckpoint } from "./store-chain.ts";
import { readWitnessed, TileWriter, writeWitnessCheckpoint } from "./witness.ts";

const tilesPerWrite = 64;

/**
 * Brings a witness directory up to a checkpoint that is committed: tiles first, then the note. Does nothing when it is there.
 * `edge`: partial tiles of the checkpoint's tree that are at hand.
 */
export async function publish(
  pool: Pool,
  tenantId: string,
  directory: string,
  { checkpoint, edge }: { checkpoint: StoredCheckpoint; edge: readonly KnownTile[] },
): Promise<void> {
  const kept = await readWitnessed(directory, tenantId);
  if (kept && kept.text === checkpoint.note) return;
  const size = kept && kept.checkpoint.epoch === checkpoint.epoch ? kept.checkpoint.size : 0;
  const writer = new TileWriter(directory, tenantId);
  await withTransaction(pool, async (tx) => {
    await bindTenant(tx, tenantId, "all");
    const tiles = newTiles(size, checkpoint.size);
    for (let from = 0; from < tiles.length; from += tilesPerWrite) {
      await writer.write(await loadTiles(tx, tenantId, tiles.slice(from, from + tilesPerWrite), edge));
    }
  });
  // Whoever reads the note may ask for its tiles: they are durable before it.
  await writer.sync();
  await writeWitnessCheckpoint(directory, parseCheckpoint(checkpoint.note), checkpoint.note);
}

/** Full tiles of one level in one read. */
async function loadTiles(
  tx: Queryable,
  tenantId: string,
  tiles: readonly TileId[],
  edge: readonly KnownTile[],
): Promise<KnownTile[]> {
  const stored: KnownTile[] = [...edge];
  for (const level of new Set(tiles.map((tile) => tile.level))) {
    const indices = tiles.filter((tile) => tile.level === level && tile.width === tileWidth).map(({ index }) => index);
    if (indices.length === 0) continue;
    const found = await readTiles(tx, tenantId, level, { from: indices[0]!, to: indices.at(-1)! });
    for (const [index, hashes] of found) stored.push({ level, index, width: tileWidth, hashes });
  }
  const read = chainTiles(tx, tenantId, stored);
  const loaded: KnownTile[] = [];
  for (const tile of tiles) loaded.push({ ...tile, hashes: await read(tile) });
  return loaded;
}
