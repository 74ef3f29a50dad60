import type { TenantTx } from "../audit/index.ts";
import {
  byId,
  byText,
  byTime,
  byTimeOrNever,
  keyset,
  type ListOrder,
  type Page,
  type Placed,
} from "../platform/sorted-list.ts";

export interface Site {
  siteId: string;
  name: string;
  timeZone: string;
  offlineWindowDays: number;
  createdAt: string;
  closedAt: string | null;
}

/** As a list shows it. */
export type SiteSummary = Site & {
  /** Without revoked ones. */
  devices: number;
  /** When the newest event that is still here was received. */
  lastEventAt: string | null;
};

const COLUMNS = `s.site_id as "siteId", s.name, s.time_zone as "timeZone", s.offline_window_days as "offlineWindowDays",
  ledger.timestamp_text(s.created_at) as "createdAt", ledger.timestamp_text(s.closed_at) as "closedAt"`;

// The newest day by its counter, so that one partition of the events is read.
const LAST_EVENT = `(select e.received from (
    select max(d.day) as day from site_days d
     where d.tenant_id = s.tenant_id and d.site_id = s.site_id and d.events > 0 and not d.events_erased) newest
  cross join lateral (
    select e.received from events e
     where e.tenant_id = s.tenant_id and e.site_id = s.site_id
       and e.received >= ledger.day_start(newest.day) and e.received < ledger.day_start(newest.day + 1)
     order by e.received desc limit 1) e)`;

export const SITE_ORDER: ListOrder = {
  id: byId("s.site_id"),
  keys: {
    name: byText("s.name"),
    timeZone: byText("s.time_zone"),
    createdAt: byTime("s.created_at"),
    closedAt: byTimeOrNever("s.closed_at"),
  },
  first: "name",
};

export async function selectSites(tx: TenantTx, page: Page): Promise<{ sites: SiteSummary[]; next: string | null }> {
  const { place, after, order, values, cut } = keyset(SITE_ORDER, page, 1);
  const { rows } = await tx.query<SiteSummary & Placed>(
    `select ${COLUMNS}, ledger.timestamp_text(${LAST_EVENT}) as "lastEventAt",
            (select count(*)::int from devices d
              where d.tenant_id = s.tenant_id and d.site_id = s.site_id and d.revoked_at is null) as devices, ${place}
       from sites s
      where s.tenant_id = app.tenant() and ${after}
      order by ${order}`,
    values,
  );
  return cut("sites", rows);
}

export async function selectSite(tx: TenantTx, siteId: string): Promise<Site | undefined> {
  const { rows } = await tx.query<Site>(
    `select ${COLUMNS} from sites s where s.tenant_id = app.tenant() and s.site_id = $1::uuid`,
    [siteId],
    "site-by-id",
  );
  return rows[0];
}

export async function insertSite(
  tx: TenantTx,
  siteId: string,
  site: Pick<Site, "name" | "timeZone" | "offlineWindowDays">,
): Promise<void> {
  await tx.query(
    `insert into sites (tenant_id, site_id, name, time_zone, offline_window_days)
     values (app.tenant(), $1::uuid, $2::text, $3::text, $4::int)`,
    [siteId, site.name, site.timeZone, site.offlineWindowDays],
  );
}

export async function updateSite(tx: TenantTx, site: Site): Promise<void> {
  await tx.query(
    `update sites set name = $2::text, time_zone = $3::text, offline_window_days = $4::int
      where tenant_id = app.tenant() and site_id = $1::uuid`,
    [site.siteId, site.name, site.timeZone, site.offlineWindowDays],
  );
}
