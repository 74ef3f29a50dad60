import type { TenantTx } from "../audit/index.ts";

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

export async function selectSites(tx: TenantTx, after: string | undefined, limit: number): Promise<Site[]> {
  const { rows } = await tx.query<Site>(
    `select ${COLUMNS} from sites
      where tenant_id = app.tenant() and ($1::uuid is null or site_id > $1::uuid)
      order by site_id limit $2::int`,
    [after ?? null, limit],
  );
  return rows;
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
