import type { Principal } from "../audit/index.ts";
import { literal, type Pool, type Queryable, type Tx } from "../platform/db.ts";
import type { Timestamp } from "../record/time.ts";
import type { SenderFacts } from "./admit.ts";
import { uuidArray } from "./binary-arrays.ts";

/** The connection itself: for named statements, and for several statements in one message. */
export type BatchClient = Tx["raw"];
/** What one of several statements of a message gave. */
export type StatementResult = { command: string; fields: { name: string }[]; rows: unknown[] };

export type TenantFacts = {
  now: Timestamp;
  eventsLeft: number;
  bytesLeft: number;
  closed: boolean;
  devices: Map<string, SenderFacts>;
  sites: Map<string, { offlineWindowDays: number }>;
};

/** An array of uuids, numbers or timestamps in Postgres' text form: nothing in them needs a quote. */
export const plainArray = (values: readonly (string | number)[]): string => `{${values.join(",")}}`;

/** Begins, binds and reads all that a batch needs to know, in one message. */
export async function beginBatch(
  client: BatchClient,
  principal: Principal,
  wanted: { devices: readonly string[]; sites: readonly string[] },
): Promise<TenantFacts> {
  const sites = principal.sites === "all" ? "null" : literal(plainArray(principal.sites));
  const results = (await client.query(
    `begin isolation level read committed;
     select app.bind(${literal(principal.tenantId)}::uuid, ${sites}::uuid[]);
     select ledger.timestamp_text(clock_timestamp()) as now,
            t.closed_at is not null as closed,
            t.event_quota_per_day - coalesce(u.events + u.rejected, 0) as "eventsLeft",
            t.byte_quota_per_day - coalesce(u.bytes, 0) as "bytesLeft"
       from tenants t
       left join tenant_usage u on u.tenant_id = t.tenant_id and u.day = ledger.utc_day(clock_timestamp())
      where t.tenant_id = app.tenant();
     select d.device_id as "deviceId", d.site_id as "siteId", d.revoked_at is not null as revoked, d.access = 'plain' as plain,
            s.offline_window_days as "offlineWindowDays"
       from devices d
       join sites s on s.tenant_id = d.tenant_id and s.site_id = d.site_id
      where d.tenant_id = app.tenant() and d.device_id = any(${literal(plainArray(wanted.devices))}::uuid[]);
     select s.site_id as "siteId", s.offline_window_days as "offlineWindowDays"
       from sites s
      where s.tenant_id = app.tenant() and s.closed_at is null and s.site_id = any(${literal(plainArray(wanted.sites))}::uuid[])`,
  )) as unknown as StatementResult[];
  const [, , tenants, deviceRows, siteRows] = results;
  const tenant = tenants?.rows[0] as Omit<TenantFacts, "devices" | "sites"> | undefined;
  const devices = (deviceRows?.rows ?? []) as (Omit<SenderFacts, "bestEffort"> & { deviceId: string })[];
  const openSites = (siteRows?.rows ?? []) as { siteId: string; offlineWindowDays: number }[];
  if (!tenant) throw new Error(`tenant ${principal.tenantId} has no row: found none, expected one`);
  return {
    ...tenant,
    devices: new Map(devices.map((row) => [row.deviceId, { ...row, bestEffort: row.plain }])),
    sites: new Map(openSites.map((row) => [row.siteId, row])),
  };
}

/** Whose topic it is. Before any tenant is bound: ids only. */
export async function findSenders(
  db: Queryable,
  names: readonly string[],
): Promise<{ name: string; tenantId: string; deviceId: string; plain: boolean }[]> {
  const { rows } = await db.query<{ name: string; tenantId: string; deviceId: string; plain: boolean }>(
    `select name, tenant_id as "tenantId", device_id as "deviceId", plain from app.find_senders($1::text[])`,
    [names],
  );
  return rows;
}

/**
 * Takes the ids that nobody took before. Sorted, so that two transactions never wait for each other crosswise; waits for
 * a transaction that holds one of them.
 */
export async function takeKeys(
  client: BatchClient,
  tenantId: string,
  received: Timestamp,
  keys: readonly { id: string; source: string }[],
): Promise<Set<string>> {
  const sorted = [...keys].sort((a, b) => (a.id < b.id ? -1 : 1));
  const { rows } = await client.query<{ taken: string[] | null }>({
    name: "ingest-take-keys",
    text: `with taken as (
             insert into event_keys (tenant_id, event_id, source_id, received)
             select $1::uuid, ($3::uuid[])[place], ($4::uuid[])[place], $2::timestamptz
               from generate_series(1, $5::int) place
              order by place
             on conflict do nothing
             returning event_id)
           select case when count(*) < $5::int then coalesce(array_agg(event_id)::text[], '{}') end as taken from taken`,
    values: [
      tenantId,
      received,
      uuidArray(sorted.map((key) => key.id)),
      uuidArray(sorted.map((key) => key.source)),
      sorted.length,
    ],
  });
  // Nearly always all of them: then none needs to be named.
  return new Set(rows[0]!.taken ?? sorted.map((key) => key.id));
}

export type KnownKey = { id: string; source: string; received: string };

export async function selectKeys(client: BatchClient, tenantId: string, ids: readonly string[]): Promise<KnownKey[]> {
  const { rows } = await client.query<KnownKey>(
    `select event_id as id, source_id as source, ledger.timestamp_text(received) as received
       from event_keys where tenant_id = $1::uuid and event_id = any($2::uuid[])`,
    [tenantId, plainArray(ids)],
  );
  return rows;
}

export type PendingImage = { event: string; n: number; sha256: string; image: string; received: string };

/** Images of these events whose bytes have not come. */
export async function selectPendingImages(
  client: BatchClient,
  tenantId: string,
  keys: readonly KnownKey[],
): Promise<PendingImage[]> {
  const { rows } = await client.query<PendingImage>(
    `select i.event_id as event, i.n, encode(i.sha256, 'hex') as sha256, i.image_id as image,
            ledger.timestamp_text(i.received) as received
       from unnest($2::uuid[], $3::timestamptz[]) k(id, received)
       join images i on i.tenant_id = $1::uuid and i.received = k.received and i.event_id = k.id
      where i.stored_at is null
      order by i.event_id, i.n`,
    [tenantId, plainArray(keys.map((key) => key.id)), plainArray(keys.map((key) => key.received))],
  );
  return rows;
}

/** Day partitions for what is received, and key partitions for every id that ingest takes. Returns how many were missing. */
export async function makePartitions(pool: Pool, longestOfflineDays: number): Promise<number> {
  const { rows } = await pool.query<{ made: number }>(
    `select app.make_partitions(today, today + 2) + app.make_key_partitions(today - ($1::int + 2), today + 2) as made
       from (select ledger.utc_day(clock_timestamp()) as today) clock`,
    [longestOfflineDays],
  );
  return rows[0]?.made ?? 0;
}
