import type { TenantTx } from "../audit/index.ts";
import type { Timestamp } from "../record/time.ts";
import type { Cursor } from "./cursor.ts";

export type EventSummary = {
  eventId: string;
  siteId: string;
  received: Timestamp;
  occurred: Timestamp;
  kind: string;
  source: { type: "device" | "api-key"; id: string };
  /** From a listener without certificates. */
  bestEffort: boolean;
  /** How many images the event declares. */
  images: number;
  /** Of them, those that are not erased: here, or still to come. */
  imagesKept: number;
  /** JSON text, to the byte as it came. */
  body: string;
};

/** What an event must be besides: of this kind, sent by this device or API key. No index leads to a source: it is filtered. */
export type Narrow = { kind: string | null; source: string | null };

/** `from` and `to`: half-open, of `received`. `after`: the last event of the page before. */
export type Range = { from: Timestamp | null; to: Timestamp | null; after: Cursor | null };

/** As it is stored, before its images are counted. */
export type FoundEvent = Omit<EventSummary, "imagesKept">;

const COLUMNS = `e.event_id as "eventId", e.site_id as "siteId", ledger.timestamp_text(e.received) as received,
  ledger.timestamp_text(e.occurred) as occurred, e.kind, json_build_object('type', e.source_type, 'id', e.source_id) as source,
  e.best_effort as "bestEffort", octet_length(e.image_units) / 32 as images, e.body`;

// Constants instead of nulls, so that each bound is one comparison that the index and the pruning of partitions understand.
const BEGINNING = "0001-01-01T00:00:00.000000Z";
const END = "9999-12-31T23:59:59.999999Z";
const FIRST_ID = "00000000-0000-0000-0000-000000000000";

/**
 * `from`, and one place before which all must lie. Beside a second, wider bound Postgres would begin to read at the wider
 * one: at the end of the day, not at `to`.
 */
function bounds({ from, to, after }: Range): string[] {
  const end = to ?? END;
  const place = after && after.received < end ? after : { received: end, eventId: FIRST_ID };
  return [from ?? BEGINNING, place.received, place.eventId];
}

/** Newest first, of all sites that the principal may see. */
export async function selectNewest(
  tx: TenantTx,
  source: string | null,
  range: Range,
  limit: number,
): Promise<FoundEvent[]> {
  const { rows } = await tx.query<FoundEvent>(
    `select ${COLUMNS}
       from events e
      where e.tenant_id = (select app.tenant())
        and e.received >= $1::timestamptz and e.received <= $2::timestamptz
        and (e.received, e.event_id) < ($2::timestamptz, $3::uuid)
        and ($5::uuid is null or e.source_id = $5::uuid)
      order by e.received desc, e.event_id desc
      limit $4::int`,
    [...bounds(range), limit, source],
  );
  return rows;
}

/** Newest first, of the named sites: each site's own index, merged. */
export async function selectBySites(
  tx: TenantTx,
  siteIds: readonly string[],
  { kind, source }: Narrow,
  range: Range,
  limit: number,
): Promise<FoundEvent[]> {
  const { rows } = await tx.query<FoundEvent>(
    `select ${COLUMNS}
       from unnest($5::uuid[]) s(site_id)
      cross join lateral (
        select *
          from events e
         where e.tenant_id = (select app.tenant()) and e.site_id = s.site_id
           and e.received >= $1::timestamptz and e.received <= $2::timestamptz
           and (e.received, e.event_id) < ($2::timestamptz, $3::uuid)
           and ($6::text is null or e.kind = $6::text)
           and ($7::uuid is null or e.source_id = $7::uuid)
         order by e.received desc, e.event_id desc
         limit $4::int) e
      order by e.received desc, e.event_id desc
      limit $4::int`,
    [...bounds(range), limit, siteIds, kind, source],
  );
  return rows;
}

export async function selectByKind(
  tx: TenantTx,
  kind: string,
  { siteIds, source }: { siteIds: readonly string[] | null; source: string | null },
  range: Range,
  limit: number,
): Promise<FoundEvent[]> {
  const { rows } = await tx.query<FoundEvent>(
    `select ${COLUMNS}
       from events e
      where e.tenant_id = (select app.tenant()) and e.kind = $5::text
        and e.received >= $1::timestamptz and e.received <= $2::timestamptz
        and (e.received, e.event_id) < ($2::timestamptz, $3::uuid)
        and ($6::uuid[] is null or e.site_id = any($6::uuid[]))
        and ($7::uuid is null or e.source_id = $7::uuid)
      order by e.received desc, e.event_id desc
      limit $4::int`,
    [...bounds(range), limit, kind, siteIds, source],
  );
  return rows;
}

/**
 * `subject`: the HMAC under the tenant's index key. A named statement: its one good plan is kept by the connection, since
 * planning over all days of two tables takes several times the reading.
 */
export async function selectBySubject(
  tx: TenantTx,
  subject: Buffer,
  filter: Narrow & { siteIds: readonly string[] | null },
  range: Range,
  limit: number,
): Promise<FoundEvent[]> {
  const { rows } = await tx.raw.query<FoundEvent>({
    name: "events-by-subject",
    text: `select ${COLUMNS}
       from (select s.received, s.event_id
               from event_subjects s
              where s.tenant_id = (select app.tenant()) and s.subject = $5::bytea
                and s.received >= $1::timestamptz and s.received <= $2::timestamptz
                and (s.received, s.event_id) < ($2::timestamptz, $3::uuid)
                and ($6::uuid[] is null or s.site_id = any($6::uuid[]))
              order by s.received desc, s.event_id desc
             offset 0) s
      cross join lateral (
        select * from events e
         where e.tenant_id = (select app.tenant()) and e.received = s.received and e.event_id = s.event_id
           and ($7::text is null or e.kind = $7::text)
           and ($8::uuid is null or e.source_id = $8::uuid)
         limit 1) e
      limit $4::int`,
    values: [...bounds(range), limit, subject, filter.siteIds, filter.kind, filter.source],
  });
  return rows;
}

/** Within one window, newest first; every body in it is read. */
export async function selectByText(
  tx: TenantTx,
  words: string,
  filter: Narrow & { siteIds: readonly string[] | null; hash: Buffer | null },
  window: { from: Timestamp; after: Cursor },
  limit: number,
): Promise<FoundEvent[]> {
  const { rows } = await tx.query<FoundEvent>(
    `select ${COLUMNS}
       from events e
      where e.tenant_id = (select app.tenant())
        and e.received >= $1::timestamptz and e.received <= $2::timestamptz
        and (e.received, e.event_id) < ($2::timestamptz, $3::uuid)
        and ($5::uuid[] is null or e.site_id = any($5::uuid[]))
        and ($6::text is null or e.kind = $6::text)
        and ($8::uuid is null or e.source_id = $8::uuid)
        and ($9::bytea is null or exists (
          select from event_subjects s
           where s.tenant_id = (select app.tenant()) and s.subject = $9::bytea
             and s.received >= $1::timestamptz and s.received <= $2::timestamptz
             and s.received = e.received and s.event_id = e.event_id))
        and position(lower($7::text) in lower(e.body)) > 0
      order by e.received desc, e.event_id desc
      limit $4::int`,
    [
      window.from,
      window.after.received,
      window.after.eventId,
      limit,
      filter.siteIds,
      filter.kind,
      words,
      filter.source,
      filter.hash,
    ],
  );
  return rows;
}

/** How many images of each of these events are not erased; events without one are missing. */
export async function countImages(tx: TenantTx, events: readonly FoundEvent[]): Promise<Map<string, number>> {
  const declaring = events.filter(({ images }) => images > 0);
  const times = declaring.map(({ received }) => received).sort();
  if (times.length === 0) return new Map();
  const { rows } = await tx.query<{ eventId: string; kept: number }>(
    `select i.event_id as "eventId", count(*)::int as kept
       from images i
      where i.tenant_id = (select app.tenant()) and i.received >= $1::timestamptz and i.received <= $2::timestamptz
        and (i.received, i.event_id) in (select * from unnest($3::timestamptz[], $4::uuid[]))
      group by i.event_id`,
    [times[0], times.at(-1), declaring.map(({ received }) => received), declaring.map(({ eventId }) => eventId)],
  );
  return new Map(rows.map(({ eventId, kept }) => [eventId, kept]));
}

/** Midnight of the oldest day that may hold events of these sites; null when there is none. */
export async function selectOldestDay(tx: TenantTx, siteIds: readonly string[] | null): Promise<Timestamp | null> {
  const { rows } = await tx.query<{ oldest: Timestamp | null }>(
    `select to_char(min(d.day), 'YYYY-MM-DD') || 'T00:00:00.000000Z' as oldest
       from site_days d
      where d.tenant_id = (select app.tenant()) and not d.events_erased and ($1::uuid[] is null or d.site_id = any($1::uuid[]))`,
    [siteIds],
  );
  return rows[0]?.oldest ?? null;
}

export async function selectNow(tx: TenantTx): Promise<Timestamp> {
  const { rows } = await tx.query<{ now: Timestamp }>("select ledger.timestamp_text(clock_timestamp()) as now");
  return rows[0]!.now;
}
