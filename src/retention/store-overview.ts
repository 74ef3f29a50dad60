import type { TenantTx } from "../audit/index.ts";
import { dueSiteDays } from "./store-upcoming.ts";

// What the overview shows of retention. All of it comes from site_days, one row a site and day, and from policies and holds.

export type ErasingDay = {
  day: string;
  events: number;
  images: number;
  bytes: number;
  /** Due then, and kept by a hold over the whole site-day. */
  heldEvents: number;
  heldImages: number;
};

/**
 * What goes on each of the coming UTC days, today first with all that is overdue. Of holds it knows those over whole days: whether a
 * narrower one keeps something of a day takes a look at the day's events, which is for the retention page.
 */
export async function selectErasingDays(tx: TenantTx, days: number): Promise<ErasingDay[]> {
  const { rows } = await tx.query<ErasingDay>(
    `${dueSiteDays("now.today + $2::int - 1")},
     judged as (
       select due.*, exists (select from holds h
                              where h.tenant_id = app.tenant() and h.released_at is null and (h.site_id is null or h.site_id = due.site_id)
                                and h.kind is null and h.subject is null and h.event_ids is null
                                and coalesce(h.from_at, '-infinity') <= ledger.day_start(due.day)
                                and coalesce(h.to_at, 'infinity') >= ledger.day_start(due.day + 1)) as held
         from due)
     select (now.today + g)::text as day,
            coalesce(sum(j.events) filter (where not j.held), 0)::int8 as events,
            coalesce(sum(j.images) filter (where not j.held), 0)::int8 as images,
            coalesce(sum(j.bytes) filter (where not j.held), 0)::int8 as bytes,
            coalesce(sum(j.events) filter (where j.held), 0)::int8 as "heldEvents",
            coalesce(sum(j.images) filter (where j.held), 0)::int8 as "heldImages"
       from now cross join generate_series(0, $2::int - 1) g
       left join judged j on j."on" = now.today + g
      group by 1
      order by 1`,
    [null, days],
  );
  return rows;
}

export type Kept = { events: number; bytes: number; images: number; imageBytes: number };

/** What is kept now. */
export async function selectKept(tx: TenantTx): Promise<Kept> {
  const { rows } = await tx.query<Kept>(
    `select coalesce(sum(events), 0)::int8 as events, coalesce(sum(bytes), 0)::int8 as bytes,
            coalesce(sum(images) filter (where not images_erased), 0)::int8 as images,
            coalesce(sum(image_bytes) filter (where not images_erased), 0)::int8 as "imageBytes"
       from site_days
      where tenant_id = app.tenant() and not events_erased`,
  );
  return rows[0]!;
}

export type SiteInflow = {
  /** Bytes a day, by the mean of the whole UTC days of the last seven on which the site was there. */
  bytes: number;
  imageBytes: number;
  eventDays: number;
  imageDays: number;
};

/** How much comes in of each site that sends, and how long it will be kept. */
export async function selectInflow(tx: TenantTx): Promise<SiteInflow[]> {
  const { rows } = await tx.query<SiteInflow>(
    `with now as (select ledger.utc_day(clock_timestamp()) as today)
     select (sum(d.bytes) / least(7, max(now.today - f.first)))::float8 as bytes,
            (sum(d.image_bytes) / least(7, max(now.today - f.first)))::float8 as "imageBytes",
            max(p.event_days) as "eventDays", max(p.image_days) as "imageDays"
       from now
       join site_days d on d.tenant_id = app.tenant() and d.day between now.today - 7 and now.today - 1
      cross join lateral (select min(day) as first from site_days where tenant_id = d.tenant_id and site_id = d.site_id) f
      cross join lateral (select event_days, image_days from policies
                           where tenant_id = d.tenant_id and site_id = d.site_id
                           order by version desc limit 1) p
      group by d.site_id`,
  );
  return rows;
}

export type HoldsOverview = { open: number; narrow: number; toReview: number; nextReview: string | null };

/** `narrow`: of those, the ones that do not take in whole days. `toReview`: their day of review has come. */
export async function selectHoldsOverview(tx: TenantTx): Promise<HoldsOverview> {
  const { rows } = await tx.query<HoldsOverview>(
    `select count(*)::int as open,
            (count(*) filter (where kind is not null or subject is not null or event_ids is not null
                                 or from_at <> date_trunc('day', from_at, 'UTC') or to_at <> date_trunc('day', to_at, 'UTC')))::int as narrow,
            (count(*) filter (where review_on <= ledger.utc_day(clock_timestamp())))::int as "toReview",
            min(review_on)::text as "nextReview"
       from holds
      where tenant_id = app.tenant() and released_at is null`,
  );
  return rows[0]!;
}
