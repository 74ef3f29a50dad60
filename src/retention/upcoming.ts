import { appendRow, type Principal, withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import type { Page } from "../platform/sorted-list.ts";
import { getSite } from "../sites/index.ts";
import { enqueueTask, findOpenTask, hurryTasks, type OpenTask } from "../tasks/index.ts";
import { findSafetyStop } from "./forecast.ts";
import { selectCoolingOffHours } from "./store.ts";
import {
  type FilesLeft,
  type SitePolicy,
  selectFilesLeft,
  selectSitePolicies,
  selectUpcomingDays,
  selectUpcomingSites,
  type UpcomingDay,
  type UpcomingSite,
} from "./store-upcoming.ts";

const filesKind = "retention.files";

/** What policies will erase within so many days, by the UTC day on which it goes: of the sites that the principal may see, or of one. */
export async function whatGoes(
  pool: Pool,
  principal: Principal,
  { days, siteId }: { days: number; siteId?: string | undefined },
): Promise<UpcomingDay[]> {
  if (siteId) await getSite(pool, principal, siteId);
  return withTenant(pool, principal, (tx) => selectUpcomingDays(tx, siteId ?? null, days));
}

/** What goes on one day (today unless told), site by site, the largest first; at most 1000. */
export async function whatGoesOn(
  pool: Pool,
  principal: Principal,
  { on, siteId }: { on?: string | undefined; siteId?: string | undefined },
): Promise<UpcomingSite[]> {
  if (siteId) await getSite(pool, principal, siteId);
  return withTenant(pool, principal, (tx) => selectUpcomingSites(tx, siteId ?? null, on ?? null));
}

/** The policy of every open site that the principal may see. */
export async function listPolicies(
  pool: Pool,
  principal: Principal,
  page: Page & { pendingOnly: boolean },
): Promise<{ policies: SitePolicy[]; next: string | null }> {
  return withTenant(pool, principal, (tx) => selectSitePolicies(tx, page));
}

export type RetentionState = {
  /** Why nothing is erased until a person confirms; null: it goes on. */
  stop: string | null;
  coolingOffHours: number;
  /** Files of erased images: their keys are gone, their bytes wait to be removed. */
  files: FilesLeft & { task: OpenTask | null };
};

export async function getRetentionState(pool: Pool, principal: Principal): Promise<RetentionState> {
  return withTenant(pool, principal, async (tx) => ({
    stop: (await findSafetyStop(tx)) ?? null,
    coolingOffHours: await selectCoolingOffHours(tx),
    files: { ...(await selectFilesLeft(tx)), task: (await findOpenTask(tx, filesKind)) ?? null },
  }));
}

/** Tries at once again to remove the files of erased images, instead of at the next attempt. */
export async function retryFiles(pool: Pool, principal: Principal): Promise<RetentionState["files"]> {
  return withTenant(pool, principal, async (tx) => {
    await enqueueTask(tx, { kind: filesKind, key: "all", arguments: {} });
    await hurryTasks(tx, filesKind);
    const left = await selectFilesLeft(tx);
    await appendRow(tx, {
      action: "erasure.files-retried",
      entity: { type: "tenant", id: principal.tenantId },
      units: [{ name: "detail", content: JSON.stringify(left) }],
    });
    return { ...left, task: (await findOpenTask(tx, filesKind)) ?? null };
  });
}
