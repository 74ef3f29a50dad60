import { appendRow, type Principal, readTenant, type TenantTx, withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { forbidden, invalid, notFound } from "../platform/errors.ts";
import type { Page } from "../platform/sorted-list.ts";
import { insertSite, type Site, type SiteSummary, selectSite, selectSites, updateSite } from "./store.ts";

export interface NewSite {
  name: string;
  timeZone?: string | undefined;
  offlineWindowDays?: number | undefined;
}
export type SiteChange = Partial<Pick<Site, "name" | "timeZone" | "offlineWindowDays">>;

/** Sites the principal may see. */
export async function listSites(
  pool: Pool,
  principal: Principal,
  page: Page,
): Promise<{ sites: SiteSummary[]; next: string | null }> {
  return readTenant(pool, principal, (tx) => selectSites(tx, page));
}

export async function getSite(pool: Pool, principal: Principal, siteId: string): Promise<Site> {
  return readTenant(pool, principal, (tx) => requireSite(tx, siteId));
}

/**
 * Makes a site inside the caller's transaction-of-one. `withPolicy` sets its first retention policy in the same transaction:
 * a site is never without one.
 */
export async function createSite(
  pool: Pool,
  principal: Principal,
  site: NewSite,
  withPolicy: (tx: TenantTx, siteId: string) => Promise<unknown>,
): Promise<Site> {
  if (principal.sites !== "all") throw forbidden("making a site needs access to all sites");
  const timeZone = site.timeZone ?? "UTC";
  refuseUnknownZone(timeZone);
  return withTenant(pool, principal, async (tx) => {
    const siteId = crypto.randomUUID();
    await insertSite(tx, siteId, { name: site.name, timeZone, offlineWindowDays: site.offlineWindowDays ?? 7 });
    const created = await requireSite(tx, siteId);
    await appendRow(tx, {
      action: "site.created",
      entity: { type: "site", id: siteId },
      units: [{ name: "change", content: JSON.stringify({ after: created }) }],
    });
    await withPolicy(tx, siteId);
    return created;
  });
}

export async function changeSite(pool: Pool, principal: Principal, siteId: string, change: SiteChange): Promise<Site> {
  if (Object.keys(change).length === 0)
    throw invalid("nothing to change", { expected: "name, timeZone or offlineWindowDays" });
  if (change.timeZone !== undefined) refuseUnknownZone(change.timeZone);
  return withTenant(pool, principal, async (tx) => {
    const before = await requireSite(tx, siteId);
    const after = { ...before, ...change };
    await updateSite(tx, after);
    await appendRow(tx, {
      action: "site.changed",
      entity: { type: "site", id: siteId },
      units: [{ name: "change", content: JSON.stringify({ before, after }) }],
    });
    return after;
  });
}

/** @throws AppError `not-found` for one that the bound principal cannot see. */
export async function requireSite(tx: TenantTx, siteId: string): Promise<Site> {
  const site = await selectSite(tx, siteId);
  if (!site) throw notFound("site");
  return site;
}

function refuseUnknownZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
  } catch {
    throw invalid("unknown time zone", {
      found: JSON.stringify(timeZone),
      expected: "an IANA name such as Europe/Zurich",
    });
  }
}
