import { type Principal, withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import type { Page } from "../platform/sorted-list.ts";
import { getSite } from "../sites/index.ts";
import { type KeptDay, selectKeptDays, selectTombstones, type Tombstone, type TombstoneFilter } from "./store-lists.ts";

/** The tenant's tombstones; of who is limited to sites, those of these sites alone. */
export async function listTombstones(
  pool: Pool,
  principal: Principal,
  page: Page & TombstoneFilter,
): Promise<{ erasures: Tombstone[]; next: string | null }> {
  return withTenant(pool, principal, (tx) => selectTombstones(tx, page));
}

/** What a site holds of each UTC day, newest first. Throws `not-found` for a site outside the principal's. */
export async function listKeptDays(pool: Pool, principal: Principal, siteId: string): Promise<KeptDay[]> {
  await getSite(pool, principal, siteId);
  return withTenant(pool, principal, (tx) => selectKeptDays(tx, siteId));
}
