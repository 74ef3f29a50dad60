import type { TenantTx } from "../audit/index.ts";

// Policies, site-days and forecasts.

export type Policy = {
  siteId: string;
  version: number;
  imageDays: number;
  eventDays: number;
  decidedAt: string;
  effectiveAt: string;
};

const policyColumns = `site_id as "siteId", version, image_days as "imageDays", event_days as "eventDays",
  ledger.timestamp_text(decided_at) as "decidedAt", ledger.timestamp_text(effective_at) as "effectiveAt"`;

export async function callSetPolicy(
  tx: TenantTx,
  siteId: string,
  policy: { imageDays: number; eventDays: number; detail: string | null },
): Promise<{ version: number; seq: number; effectiveAt: string }> {
  const { actor, via, correlation } = tx.principal;
  const { rows } = await tx.query<{ version: number; seq: number; effectiveAt: string }>(
    `select version, seq, ledger.timestamp_text(effective_at) as "effectiveAt"
       from ledger.set_policy($1::uuid, $2::int, $3::int, $4::text, $5::text, $6::text, $7::uuid, $8::text)`,
    [siteId, policy.imageDays, policy.eventDays, actor.type, actor.id, via, correlation, policy.detail],
  );
  return rows[0]!;
}

/** Newest first. */
export async function selectPolicies(tx: TenantTx, siteId: string): Promise<Policy[]> {
  const { rows } = await tx.query<Policy>(
    `select ${policyColumns} from policies where tenant_id = $1::uuid and site_id = $2::uuid order by version desc`,
    [tx.principal.tenantId, siteId],
  );
  return rows;
}

export async function selectPolicyInForce(tx: TenantTx, siteId: string): Promise<Policy | undefined> {
  const { rows } = await tx.query<Policy>(
    `select ${policyColumns}
       from policies
      where tenant_id = $1::uuid and site_id = $2::uuid and effective_at <= clock_timestamp()
      order by version desc
      limit 1`,
    [tx.principal.tenantId, siteId],
  );
  return rows[0];
}

export type SiteDay = {
  day: string;
  events: number;
  bytes: number;
  images: number;
  imageBytes: number;
  eventsDue: boolean;
  imagesDue: boolean;
  heldBy: string[];
};

/**
 * What a site's days are under the given numbers of days, as of the tenant's cooling-off from now: those due for events or for
 * images and not erased yet, with the holds on each. Oldest first.
 */
export async function selectDueUnder(
  tx: TenantTx,
  siteId: string,
  days: { imageDays: number; eventDays: number; afterHours: number },
): Promise<SiteDay[]> {
  const { rows } = await tx.query<SiteDay>(
    `with asof as (select ledger.utc_day(clock_timestamp() + make_interval(hours => $5::int)) as day)
     select d.day::text, d.events, d.bytes, d.images, d.image_bytes as "imageBytes",
            d.day <= asof.day - $4::int as "eventsDue",
            d.day <= asof.day - $3::int and d.images > 0 and not d.images_erased as "imagesDue",
            array(select h::text from unnest(ledger.site_day_holds(d.site_id, d.day)) h) as "heldBy"
       from site_days d, asof
      where d.tenant_id = $1::uuid and d.site_id = $2::uuid and not d.events_erased
        and (d.day <= asof.day - $4::int or (d.day <= asof.day - $3::int and d.images > 0 and not d.images_erased))
      order by d.day`,
    [tx.principal.tenantId, siteId, days.imageDays, days.eventDays, days.afterHours],
  );
  return rows;
}

/** The tenant's, or the longer one of a tenant with a single person who could decide. */
export async function selectCoolingOffHours(tx: TenantTx): Promise<number> {
  const { rows } = await tx.query<{ hours: number }>("select app.cooling_off_hours() as hours");
  return rows[0]!.hours;
}

export type DueDay = { day: string; what: "events" | "images"; sites: number; events: number };

/** Days of which something is due now, oldest first; events before images. */
export async function selectDueDays(tx: TenantTx): Promise<DueDay[]> {
  const { rows } = await tx.query<DueDay>(
    `with due as (
       select d.day, d.events, d.images,
              d.day <= ledger.utc_day(clock_timestamp()) - p.event_days as events_due,
              d.day <= ledger.utc_day(clock_timestamp()) - p.image_days and not d.images_erased as images_due
         from site_days d
         cross join lateral (select event_days, image_days from policies
                              where tenant_id = d.tenant_id and site_id = d.site_id and effective_at <= clock_timestamp()
                              order by version desc limit 1) p
        where d.tenant_id = $1::uuid and not d.events_erased)
     select day::text, 'events' as what, count(*) as sites, sum(events)::int8 as events from due where events_due group by day
     union all
     select day::text, 'images', count(*), 0 from due where images_due and not events_due group by day
      order by 1, 2`,
    [tx.principal.tenantId],
  );
  return rows;
}

export async function selectDueSites(tx: TenantTx, day: string, what: "events" | "images"): Promise<string[]> {
  const { rows } = await tx.query<{ siteId: string }>(
    `select d.site_id as "siteId"
       from site_days d
       cross join lateral (select event_days, image_days from policies
                            where tenant_id = d.tenant_id and site_id = d.site_id and effective_at <= clock_timestamp()
                            order by version desc limit 1) p
      where d.tenant_id = $1::uuid and d.day = $2::date and not d.events_erased
        and case when $3::text = 'events' then d.day <= ledger.utc_day(clock_timestamp()) - p.event_days
                 else d.day <= ledger.utc_day(clock_timestamp()) - p.image_days and not d.images_erased end
      order by d.site_id`,
    [tx.principal.tenantId, day, what],
  );
  return rows.map((row) => row.siteId);
}

export type ForecastState = {
  today: string;
  dueNow: number;
  erasedToday: number;
  dueTomorrow: number;
  forecast: number | null;
  last: number | null;
};

/** What is due by retention now and at the next UTC midnight, and what was foreseen for today. */
export async function selectForecastState(tx: TenantTx): Promise<ForecastState> {
  const { rows } = await tx.query<ForecastState>(
    `with now as (select clock_timestamp() as at, ledger.utc_day(clock_timestamp()) as today),
     counted as (
       select d.events, d.day <= now.today - p.event_days as due, d.day <= now.today + 1 - q.event_days as due_tomorrow
         from now
         join site_days d on d.tenant_id = $1::uuid and not d.events_erased
         cross join lateral (select event_days from policies where tenant_id = d.tenant_id and site_id = d.site_id
                              and effective_at <= now.at order by version desc limit 1) p
         cross join lateral (select event_days from policies where tenant_id = d.tenant_id and site_id = d.site_id
                              and effective_at <= ledger.day_start(now.today + 1) order by version desc limit 1) q)
     select now.today::text as today,
            coalesce((select sum(events) from counted where due), 0)::int8 as "dueNow",
            coalesce((select sum(events) from counted where due_tomorrow), 0)::int8 as "dueTomorrow",
            coalesce((select sum(events) from erasures where tenant_id = $1::uuid and basis = 'retention' and at >= ledger.day_start(now.today)), 0)::int8 as "erasedToday",
            (select events from retention_forecasts where tenant_id = $1::uuid and day = now.today) as forecast,
            (select events from retention_forecasts where tenant_id = $1::uuid and day < now.today order by day desc limit 1) as last
       from now`,
    [tx.principal.tenantId],
  );
  return rows[0]!;
}

/** `add` is added to what stands there, `set` replaces it, `keep` writes only where nothing stands. */
export async function writeForecast(
  tx: TenantTx,
  day: string,
  daysLater: number,
  forecast: { mode: "add" | "set" | "keep"; events: number },
): Promise<void> {
  await tx.query(
    `insert into retention_forecasts (tenant_id, day, events) values ($1::uuid, $2::date + $3::int, $4::bigint)
     on conflict (tenant_id, day) do update
        set events = case $5::text when 'add' then retention_forecasts.events + excluded.events
                                   when 'set' then excluded.events else retention_forecasts.events end,
            made_at = clock_timestamp()`,
    [tx.principal.tenantId, day, daysLater, forecast.events, forecast.mode],
  );
}

export type ClockGap = { from: string; to: string; hours: number };

/** The longest stretch over 24 hours without a checkpoint since the chain began or a person confirmed the clock. */
export async function selectClockGap(tx: TenantTx): Promise<ClockGap | undefined> {
  const { rows } = await tx.query<ClockGap>(
    `with base as (select max(at) as at from ledger.rows
                    where tenant_id = $1::uuid and (seq = 1 or action = 'retention.confirmed')),
     marks as (select at from base
               union all select c.sealed_at from ledger.checkpoints c, base where c.tenant_id = $1::uuid and c.sealed_at > base.at),
     gaps as (select at, lead(at, 1, clock_timestamp()) over (order by at) as until from marks)
     select ledger.timestamp_text(at) as "from", ledger.timestamp_text(until) as "to",
            (extract(epoch from until - at) / 3600)::int8 as hours
       from gaps
      where until - at > interval '24 hours'
      order by until - at desc
      limit 1`,
    [tx.principal.tenantId],
  );
  return rows[0];
}
