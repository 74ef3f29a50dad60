import { type Principal, withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { getSite } from "../sites/index.ts";
import { type KeptDay, selectKeptDays, selectTombstones, type Tombstone } from "./store-lists.ts";

/** The tenant's tombstones, newest first. */
export async function listTombstones(
  pool: Pool,
  principal: Principal,
  page: { after?: number | undefined; limit: number },
): Promise<Tombstone[]> {
  return withTenant(pool, principal, (tx) => selectTombstones(tx, page.after, page.limit));
}

/** What a site holds of each UTC day, newest first. Throws `not-found` for a site outside the principal's. */
export async function listKeptDays(pool: Pool, principal: Principal, siteId: string): Promise<KeptDay[]> {
  await getSite(pool, principal, siteId);
  return withTenant(pool, principal, (tx) => selectKeptDays(tx, siteId));
}
