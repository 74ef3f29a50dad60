import type { TenantTx } from "../audit/index.ts";

export type StatusRow = { deviceId: string; status: string; clockSkewMs: number };

/** Operational: no ledger row. A revoked device changes nothing. */
export async function saveStatuses(tx: TenantTx, rows: readonly StatusRow[]): Promise<void> {
  await tx.query(
    `insert into device_status as s (tenant_id, site_id, device_id, last_seen_at, status, clock_skew_ms)
     select d.tenant_id, d.site_id, d.device_id, clock_timestamp(), r.status::json, r."clockSkewMs"
       from json_to_recordset($1::json) r("deviceId" uuid, status text, "clockSkewMs" bigint)
       join devices d on d.tenant_id = app.tenant() and d.device_id = r."deviceId" and d.revoked_at is null
      order by d.device_id
     on conflict (tenant_id, device_id) do update
        set site_id = excluded.site_id, last_seen_at = excluded.last_seen_at, status = excluded.status,
            clock_skew_ms = excluded.clock_skew_ms`,
    [JSON.stringify(rows)],
  );
}
