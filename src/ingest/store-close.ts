import type { Principal } from "../audit/index.ts";
import { literal } from "../platform/db.ts";
import type { Timestamp } from "../record/time.ts";
import type { Batch } from "./build-batch.ts";
import type { OutboxMark } from "./incoming.ts";
import { type BatchClient, plainArray, type StatementResult } from "./store.ts";

export type SiteUse = { siteId: string; events: number; bytes: number; images: number; imageBytes: number };
export type DeviceUse = { deviceId: string; siteId: string; events: number; rejected: number; gaps: number };

export type Closing = {
  batch: Batch | null;
  received: Timestamp;
  use: { events: number; bytes: number; rejected: number };
  sites: readonly SiteUse[];
  devices: readonly DeviceUse[];
  outboxes: readonly { deviceId: string; outbox: string; seen: readonly [number, number][] }[];
  /** Counts by reason; dead letters need a row of their own when no batch brings one. */
  rejects: Record<string, number>;
  deadLetters: number;
  quotaReached: boolean;
};

// An honest outbox has a handful of ranges. Beyond this a hostile one gets no further receipts, and costs no more memory.
const mostSeenBytes = 65_536;

/**
 * Ends the transaction: counters, outboxes, the ledger row, commit, in one message, so that the locks they take (always in
 * this order, the chain head's last) live as short as can be. A refused row refuses the whole message, so also the commit.
 */
export async function closeBatch(
  client: BatchClient,
  principal: Principal,
  closing: Closing,
): Promise<{ marks: OutboxMark[] }> {
  const statements = [
    usageStatement(closing),
    ...siteStatements(closing),
    ...deviceStatements(closing),
    outboxStatement(closing),
    ...rowStatements(principal, closing),
    "commit",
  ];
  const results = (await client.query(statements.join(";\n"))) as unknown as StatementResult[];
  const seen = results.find((result) => result.command === "INSERT" && result.fields[0]?.name === "outbox_device");
  return { marks: ((seen?.rows ?? []) as MarkRow[]).map(toMark) };
}

const day = (received: Timestamp): string => `${literal(received.slice(0, 10))}::date`;

function usageStatement({ received, use }: Closing): string {
  return `insert into tenant_usage as u (tenant_id, day, events, bytes, rejected)
    values (app.tenant(), ${day(received)}, ${use.events}, ${use.bytes}, ${use.rejected})
    on conflict (tenant_id, day) do update
       set events = u.events + excluded.events, bytes = u.bytes + excluded.bytes, rejected = u.rejected + excluded.rejected`;
}

// site_hours keeps so many hours (migration 0031).
const hoursKept = 48;

function siteStatements({ received, sites }: Closing): string[] {
  if (sites.length === 0) return [];
  const sorted = [...sites].sort((a, b) => (a.siteId < b.siteId ? -1 : 1));
  const valuesOf = (when: string): string =>
    sorted
      .map(
        ({ siteId, events, bytes, images, imageBytes }) =>
          `(app.tenant(), ${literal(siteId)}::uuid, ${when}, ${events}, ${bytes}, ${images}, ${imageBytes})`,
      )
      .join(", ");
  const hour = `${received.slice(0, 13)}:00:00Z`;
  const slot = Math.floor(Date.parse(hour) / 3_600_000) % hoursKept;
  return [
    `insert into site_days as s (tenant_id, site_id, day, events, bytes, images, image_bytes)
     values ${valuesOf(day(received))}
     on conflict (tenant_id, site_id, day) do update
        set events = s.events + excluded.events, bytes = s.bytes + excluded.bytes,
            images = s.images + excluded.images, image_bytes = s.image_bytes + excluded.image_bytes`,
    // The hour that stood in the slot two days ago begins again from nothing.
    `insert into site_hours as s (tenant_id, site_id, slot, hour, events, bytes, images, image_bytes)
     values ${valuesOf(`${slot}, ${literal(hour)}::timestamptz`)}
     on conflict (tenant_id, site_id, slot) do update
        set hour = excluded.hour,
            events = excluded.events + case when s.hour = excluded.hour then s.events else 0 end,
            bytes = excluded.bytes + case when s.hour = excluded.hour then s.bytes else 0 end,
            images = excluded.images + case when s.hour = excluded.hour then s.images else 0 end,
            image_bytes = excluded.image_bytes + case when s.hour = excluded.hour then s.image_bytes else 0 end`,
  ];
}

function deviceStatements({ received, devices }: Closing): string[] {
  if (devices.length === 0) return [];
  const sorted = [...devices].sort((a, b) => (a.deviceId < b.deviceId ? -1 : 1));
  const at = `${literal(received)}::timestamptz`;
  const values = sorted.map(
    (device) =>
      `(app.tenant(), ${literal(device.siteId)}::uuid, ${literal(device.deviceId)}::uuid, ${at}, ${device.events > 0 ? at : "null::timestamptz"}, ${at}, ${device.rejected}, ${device.gaps})`,
  );
  return [
    `insert into device_status as d (tenant_id, site_id, device_id, last_seen_at, last_event_at, last_receipt_at, rejected, gaps)
     values ${values.join(", ")}
     on conflict (tenant_id, device_id) do update
        set site_id = excluded.site_id, last_seen_at = excluded.last_seen_at,
            last_event_at = coalesce(excluded.last_event_at, d.last_event_at), last_receipt_at = excluded.last_receipt_at,
            rejected = d.rejected + excluded.rejected, gaps = d.gaps + excluded.gaps`,
  ];
}

function outboxStatement({ outboxes }: Closing): string {
  const values = [...outboxes]
    .sort((a, b) => (a.deviceId + a.outbox < b.deviceId + b.outbox ? -1 : 1))
    .map(({ deviceId, outbox, seen }) => {
      const ranges = seen.map(([from, to]) => `[${from},${to}]`).join(",");
      return `(app.tenant(), ${literal(deviceId)}::uuid, ${literal(outbox)}::uuid, '{${ranges}}'::int8multirange)`;
    });
  if (values.length === 0) return "select 1";
  return `insert into device_outboxes as o (tenant_id, device_id, outbox, seen)
    values ${values.join(", ")}
    on conflict (tenant_id, device_id, outbox) do update
       set seen = case when pg_column_size(o.seen) > ${mostSeenBytes} then o.seen else o.seen + excluded.seen end,
           updated_at = clock_timestamp()
    returning device_id as outbox_device, outbox, seen::text as seen, backed_up`;
}

type MarkRow = { outbox_device: string; outbox: string; seen: string; backed_up: number | null };

function toMark(row: MarkRow): OutboxMark {
  const ranges = [...row.seen.matchAll(/\[(\d+),(\d+)\)/g)].map((match): [number, number] => [
    Number(match[1]),
    Number(match[2]) - 1,
  ]);
  return { deviceId: row.outbox_device, outbox: row.outbox, ranges, backedUp: row.backed_up };
}

function rowStatements(principal: Principal, closing: Closing): string[] {
  const { batch, received, rejects, deadLetters, quotaReached } = closing;
  const { actor, via, correlation } = principal;
  const who = `${literal(actor.type)}, ${literal(actor.id)}, ${literal(via)}`;
  const detail = Object.keys(rejects).length > 0 ? literal(JSON.stringify({ rejected: rejects })) : null;
  const statements: string[] = [];
  if (quotaReached) {
    statements.push(
      `select ledger.append(${who}, 'quota.reached', 'tenant', app.tenant()::text, ${literal(correlation)}::uuid)
        where not exists (select from ledger.rows r where r.tenant_id = app.tenant() and r.action = 'quota.reached'
                             and r.at >= ${literal(`${received.slice(0, 10)}T00:00:00Z`)}::timestamptz)`,
    );
  }
  if (batch) {
    const roots = batch.sites.map((site) => `decode('${site.root}', 'hex')`).join(", ");
    statements.push(
      `select ledger.record_batch(${literal(batch.batchId)}::uuid, ${literal(received)}::timestamptz,
         ${literal(plainArray(batch.sites.map((site) => site.siteId)))}::uuid[],
         ${literal(plainArray(batch.sites.map((site) => site.count)))}::int[], array[${roots}], ${who},
         ${literal(correlation)}::uuid, ${detail ? `array['detail'], array[${detail}]` : "null, null"})`,
    );
  } else if (deadLetters > 0) {
    statements.push(
      `select ledger.append(${who}, 'events.rejected', 'batch', gen_random_uuid()::text, ${literal(correlation)}::uuid,
         null, null, array['detail'], array[${detail}])`,
    );
  }
  return statements;
}
