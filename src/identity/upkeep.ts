import { appendRow, listTenantIds, systemPrincipal, withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import type { Logger } from "../platform/logger.ts";
import { recordExpiries } from "./access/expiry.ts";
import { deleteOldAnomalies } from "./anomalies/store.ts";
import { deleteOldFailures, deleteOldPlaces } from "./anomalies/store-places.ts";
import { tidyApprovals } from "./approvals/upkeep.ts";
import type { NoticeDeps } from "./notices/deps.ts";
import { deleteOldNotices } from "./notices/store.ts";
import { deleteExpiredRequests } from "./saml/store-requests.ts";
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
    await deleteExpiredRequests(tx);
    if (ranOut + removed + notices === 0) return false;
    await appendRow(tx, {
      action: "sessions.tidied",
      entity: { type: "tenant", id: tenantId },
      units: [{ name: "detail", content: JSON.stringify({ ranOut, removed, notices }) }],
    });
    return ranOut === chunk || removed === chunk;
  });
}

export async function tidyIdentity(deps: UpkeepDeps, signal: AbortSignal): Promise<void> {
  await eachTenant(deps, signal, async (tenantId) => {
    for (let more = true; more; ) {
      signal.throwIfAborted();
      more = await tidyTenant(deps, tenantId);
    }
  });
}

/** Writes down which grants and requests ran out. They count as ended from their time on, whether this ran or not. */
export async function recordEnds(deps: UpkeepDeps & { notices?: NoticeDeps }, signal: AbortSignal): Promise<void> {
  await eachTenant(deps, signal, async (tenantId) => {
    await withTenant(deps.pool, systemPrincipal(tenantId, "upkeep", "cron"), async (tx) => {
      await recordExpiries(tx, deps.notices);
      await tidyApprovals(tx);
    });
  });
}

/** One tenant's trouble is not the others'. */
async function eachTenant({ pool, log }: UpkeepDeps, signal: AbortSignal, work: (tenantId: string) => Promise<void>) {
  for (const tenantId of await listTenantIds(pool)) {
    signal.throwIfAborted();
    await work(tenantId).catch((error: unknown) => {
      signal.throwIfAborted();
      log.error({ err: error, tenantId }, "upkeep of a tenant failed");
    });
  }
}
