import { appendRow, listTenantIds, systemPrincipal, withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import type { Logger } from "../platform/logger.ts";
import { deleteOldAnomalies } from "./anomalies/store.ts";
import { deleteOldFailures, deleteOldPlaces } from "./anomalies/store-places.ts";
import { deleteOldNotices } from "./notices/store.ts";
import { deleteOldSessions, endRunOut } from "./sessions/store-upkeep.ts";

export type UpkeepDeps = { pool: Pool; log: Logger };

const chunk = 5000;

/**
 * Marks sessions that ran out as ended, removes ended ones when the tenant's session retention is over, and what else of people is
 * past its time. One ledger row with counts for each transaction that removed something; content that is only counted has none.
 */
export async function tidyTenant({ pool }: Pick<UpkeepDeps, "pool">, tenantId: string): Promise<boolean> {
  return withTenant(pool, systemPrincipal(tenantId, "upkeep", "cron"), async (tx) => {
    const ranOut = await endRunOut(tx, chunk);
    const removed = await deleteOldSessions(tx, chunk);
    const notices = await deleteOldNotices(tx);
    await deleteOldAnomalies(tx);
    await deleteOldPlaces(tx);
    await deleteOldFailures(tx);
    if (ranOut + removed + notices === 0) return false;
    await appendRow(tx, {
      action: "sessions.tidied",
      entity: { type: "tenant", id: tenantId },
      units: [{ name: "detail", content: JSON.stringify({ ranOut, removed, notices }) }],
    });
    return ranOut === chunk || removed === chunk;
  });
}

/** Every tenant; one's trouble is not the others'. */
export async function tidyIdentity(deps: UpkeepDeps, signal: AbortSignal): Promise<void> {
  for (const tenantId of await listTenantIds(deps.pool)) {
    try {
      for (let more = true; more; ) {
        signal.throwIfAborted();
        more = await tidyTenant(deps, tenantId);
      }
    } catch (error) {
      signal.throwIfAborted();
      deps.log.error({ err: error, tenantId }, "tidying sessions failed");
    }
  }
}
