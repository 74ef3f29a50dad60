import type { TenantTx } from "../audit/index.ts";
import type { Timestamp } from "../record/time.ts";

export type ReceivedPoint = {
  /** Its beginning. */
  at: Timestamp;
  events: number;
  bytes: number;
  /** Declared by the events. */
  images: number;
  imageBytes: number;
};

const SUMS = `ledger.timestamp_text(w.at) as at, coalesce(sum(s.events), 0)::int8 as events, coalesce(sum(s.bytes), 0)::int8 as bytes,
  coalesce(sum(s.images), 0)::int8 as images, coalesce(sum(s.image_bytes), 0)::int8 as "imageBytes"`;

/** The last 24 hours, the present one with them, oldest first: of site_hours, which has at most 48 rows a site. */
export async function selectReceivedByHour(tx: TenantTx, siteId: string | null): Promise<ReceivedPoint[]> {
  const { rows } = await tx.query<ReceivedPoint>(
    `with now as (select date_trunc('hour', clock_timestamp(), 'UTC') as hour)
     select ${SUMS}
       from now cross join lateral generate_series(now.hour - interval '23 hours', now.hour, interval '1 hour') w(at)
       left join site_hours s on s.tenant_id = app.tenant() and s.hour = w.at and ($1::uuid is null or s.site_id = $1::uuid)
      group by w.at
      order by w.at`,
    [siteId],
  );
  return rows;
}

/**
 * The last UTC days, today with them, oldest first: of site_days, which has one row a site and day. What single erasures took from a
 * day is no longer counted in it.
 */
export async function selectReceivedByDay(tx: TenantTx, siteId: string | null, days: number): Promise<ReceivedPoint[]> {
  const { rows } = await tx.query<ReceivedPoint>(
    `with now as (select ledger.utc_day(clock_timestamp()) as today),
     days as (select now.today - g as day, ledger.day_start(now.today - g) as at from now, generate_series(0, $2::int - 1) g),
     counted as (
       select d.day, sum(d.events) as events, sum(d.bytes) as bytes, sum(d.images) as images, sum(d.image_bytes) as image_bytes
         from site_days d, now
        where d.tenant_id = app.tenant() and d.day > now.today - $2::int and ($1::uuid is null or d.site_id = $1::uuid)
        group by d.day)
     select ${SUMS} from days w left join counted s on s.day = w.day group by w.at order by w.at`,
    [siteId, days],
  );
  return rows;
}
