import { type Pool, withTransaction } from "../platform/db.ts";
import { parseCheckpoint } from "../record/checkpoint.ts";
import { newTiles } from "../record/tiles.ts";
import { chainTiles } from "./chain-tree.ts";
import { bindTenant } from "./store.ts";
import type { StoredCheckpoint } from "./store-chain.ts";
import { readWitnessed, writeWitnessCheckpoint, writeWitnessTile } from "./witness.ts";

/** Brings a witness directory up to a checkpoint that is committed: tiles first, then the note. Does nothing when it is there. */
export async function publish(
  pool: Pool,
  tenantId: string,
  directory: string,
  checkpoint: StoredCheckpoint,
): Promise<void> {
  const kept = await readWitnessed(directory, tenantId);
  if (kept && kept.text === checkpoint.note) return;
  const size = kept && kept.checkpoint.epoch === checkpoint.epoch ? kept.checkpoint.size : 0;
  await withTransaction(pool, async (tx) => {
    await bindTenant(tx, tenantId, "all");
    const read = chainTiles(tx, tenantId);
    for (const tile of newTiles(size, checkpoint.size)) {
      await writeWitnessTile(directory, tenantId, tile, await read(tile));
    }
  });
  await writeWitnessCheckpoint(directory, parseCheckpoint(checkpoint.note), checkpoint.note);
}
