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

const COLUMNS = `site_id as "siteId", name, time_zone as "timeZone", offline_window_days as "offlineWindowDays",
  ledger.timestamp_text(created_at) as "createdAt", ledger.timestamp_text(closed_at) as "closedAt"`;

export const SITE_ORDER: ListOrder = {
  id: byId("site_id"),
  keys: {
    name: byText("name"),
    timeZone: byText("time_zone"),
    createdAt: byTime("created_at"),
    closedAt: byTimeOrNever("closed_at"),
  },
  first: "name",
};

export async function selectSites(tx: TenantTx, page: Page): Promise<{ sites: Site[]; next: string | null }> {
  const { place, after, order, values, cut } = keyset(SITE_ORDER, page, 1);
  const { rows } = await tx.query<Site & Placed>(
    `select ${COLUMNS}, ${place} from sites
      where tenant_id = app.tenant() and ${after}
      order by ${order}`,
    values,
  );
  return cut("sites", rows);
}

export async function selectSite(tx: TenantTx, siteId: string): Promise<Site | undefined> {
  const { rows } = await tx.query<Site>(
    `select ${COLUMNS} from sites where tenant_id = app.tenant() and site_id = $1::uuid`,
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
