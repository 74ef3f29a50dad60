import { type Principal, withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { type Checkpoint, type CheckpointPlace, selectCheckpoints } from "./store-checkpoints.ts";

/** `after`: what the page before answered with as `next`. */
export async function listCheckpoints(
  pool: Pool,
  principal: Principal,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<{ checkpoints: Checkpoint[]; next: string | null }> {
  const place = after === undefined ? undefined : placeOf(after);
  const checkpoints = await withTenant(pool, principal, (tx) => selectCheckpoints(tx, place, limit));
  const last = checkpoints.at(-1);
  const next = last && checkpoints.length === limit ? `${last.epoch}-${last.size}-${last.sealedAt}` : null;
  return { checkpoints, next };
}

function placeOf(cursor: string): CheckpointPlace {
  const [epoch, size, ...sealedAt] = cursor.split("-");
  return { epoch: Number(epoch), size: Number(size), sealedAt: sealedAt.join("-") };
}
