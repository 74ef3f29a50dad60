import type { TenantTx } from "../audit/index.ts";
import { deviceState } from "./store.ts";

export type DeviceCounts = {
  /** Without revoked ones. */
  total: number;
  heard: number;
  silent: number;
  /** Enrolled, and not heard yet. */
  neverHeard: number;
  /** Waiting for their code to be used. */
  notEnrolled: number;
  revoked: number;
};

/** One row a device is read: there are thousands of them where there are millions of events. */
export async function selectDeviceCounts(tx: TenantTx): Promise<DeviceCounts> {
  const { rows } = await tx.query<DeviceCounts>(
    `select count(*) filter (where not revoked)::int as total,
            count(*) filter (where not revoked and state = 'heard')::int as heard,
            count(*) filter (where not revoked and state = 'silent')::int as silent,
            count(*) filter (where not revoked and state = 'never-heard')::int as "neverHeard",
            count(*) filter (where not revoked and state = 'not-enrolled')::int as "notEnrolled",
            count(*) filter (where revoked)::int as revoked
       from (select d.revoked_at is not null as revoked, ${deviceState} as state
               from devices d
               left join device_status s on s.tenant_id = d.tenant_id and s.device_id = d.device_id
              where d.tenant_id = app.tenant()) d`,
  );
  return rows[0]!;
}

export type TroubledDevice = {
  deviceId: string;
  siteId: string;
  name: string;
  lastSeenAt: string | null;
  silent: boolean;
  /** Events of it that were refused within the last 24 hours; counting ends at `rejectedAtMost`. */
  rejected: number;
};

/** Silent ones and those of which events were refused in the last 24 hours; most refused first, then longest silent. */
export async function selectTroubledDevices(
  tx: TenantTx,
  { limit, lettersRead }: { limit: number; lettersRead: number },
): Promise<TroubledDevice[]> {
  const { rows } = await tx.query<TroubledDevice>(
    `with letters as (
       select source_id, count(*)::int as rejected
         from (select source_id from dead_letters
                where tenant_id = app.tenant() and source_type = 'device' and received > clock_timestamp() - interval '24 hours'
                order by received desc limit $2::int) newest
        group by source_id),
     known as (
       select d.device_id, d.site_id, d.name, s.last_seen_at, ${deviceState} = 'silent' as silent, coalesce(l.rejected, 0) as rejected
         from devices d
         left join device_status s on s.tenant_id = d.tenant_id and s.device_id = d.device_id
         left join letters l on l.source_id = d.device_id
        where d.tenant_id = app.tenant() and d.revoked_at is null)
     select device_id as "deviceId", site_id as "siteId", name, ledger.timestamp_text(last_seen_at) as "lastSeenAt", silent, rejected
       from known
      where silent or rejected > 0
      order by rejected desc, last_seen_at, device_id
      limit $1::int`,
    [limit, lettersRead],
  );
  return rows;
}
