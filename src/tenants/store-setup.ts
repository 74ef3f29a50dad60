import type { TenantTx } from "../audit/index.ts";

/** The oldest open site, and whether a device was ever registered that is not revoked. */
export async function selectFirsts(tx: TenantTx): Promise<{ siteId: string | null; hasDevice: boolean }> {
  const { rows } = await tx.query<{ siteId: string | null; hasDevice: boolean }>(
    `select (select site_id from sites where tenant_id = app.tenant() and closed_at is null order by created_at, site_id limit 1) as "siteId",
            exists (select from devices where tenant_id = app.tenant() and revoked_at is null) as "hasDevice"`,
  );
  return rows[0]!;
}
