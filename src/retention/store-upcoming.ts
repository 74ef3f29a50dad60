import type { TenantTx } from "../audit/index.ts";
import { byCount, byId, byText, keyset, type ListOrder, type Page, type Placed } from "../platform/sorted-list.ts";
import type { Policy } from "./store.ts";

// What policies will erase, and when, from counters alone.

export type UpcomingDay = {
  /** The UTC day at whose beginning it goes; today: it is due now. */
  on: string;
  /** events: with their images, as far as these are still there. */
  what: "events" | "images";
  sites: number;
  events: number;
  images: number;
  bytes: number;
  /** Sites of it on which a hold keeps something. */
  heldSites: number;
};
export type UpcomingSite = Omit<UpcomingDay, "sites" | "heldSites"> & {
  siteId: string;
  /** The UTC day of receipt. */
  day: string;
  held: boolean;
};

/** Sites `s` with the policy `p` in force now and the one `n` that is decided and in its cooling-off, where there is one. */
const sitesWithPolicies = `sites s
  cross join lateral (select version, image_days, event_days, decided_at, effective_at from policies x
                       where x.tenant_id = s.tenant_id and x.site_id = s.site_id and x.effective_at <= clock_timestamp()
                       order by x.version desc limit 1) p
  left join lateral (select version, image_days, event_days, decided_at, effective_at from policies x
                      where x.tenant_id = s.tenant_id and x.site_id = s.site_id and x.version > p.version
                      order by x.version desc limit 1) n on true`;

/**
 * A day goes when the policy in force at that time has it go: the one in force now, or, from the moment it takes effect, the one that
 * is in its cooling-off. $1: the site, or null. `until`: SQL of the last day wanted. What follows reads `now` and `due`.
 */
export const dueSiteDays = (until: string): string => `with now as (select ledger.utc_day(clock_timestamp()) as today),
  policy as materialized (
    select s.site_id, p.event_days, p.image_days, n.event_days as next_event_days, n.image_days as next_image_days,
           ledger.utc_day(n.effective_at) as next_on
      from ${sitesWithPolicies}
     where s.tenant_id = app.tenant() and ($1::uuid is null or s.site_id = $1::uuid)),
  kept as (
    select d.site_id, d.day, d.events, d.bytes, d.images, d.image_bytes, d.images > 0 and not d.images_erased as has_images,
           case when p.next_on is null or d.day + p.event_days <= p.next_on then d.day + p.event_days
                else greatest(d.day + p.next_event_days, p.next_on) end as events_on,
           case when p.next_on is null or d.day + p.image_days <= p.next_on then d.day + p.image_days
                else greatest(d.day + p.next_image_days, p.next_on) end as images_on
      from policy p
      join site_days d on d.tenant_id = app.tenant() and d.site_id = p.site_id and not d.events_erased),
  due as (
    select k.site_id, k.day, greatest(k.events_on, now.today) as "on", 'events' as what, k.events,
           case when k.has_images and k.images_on >= k.events_on then k.images else 0 end as images,
           k.bytes + case when k.has_images and k.images_on >= k.events_on then k.image_bytes else 0 end as bytes
      from kept k, now where k.events_on <= ${until}
    union all
    select k.site_id, k.day, greatest(k.images_on, now.today), 'images', 0, k.images, k.image_bytes
      from kept k, now where k.has_images and k.images_on < k.events_on and k.images_on <= ${until})`;

const upcoming = (until: string): string => `${dueSiteDays(until)},
  open_holds as materialized (
    select exists (select from holds where tenant_id = app.tenant() and released_at is null) as any),
  marked as (
    select due.*, open_holds."any" and cardinality(ledger.site_day_holds(due.site_id, due.day)) > 0 as held from due, open_holds)`;

export async function selectUpcomingDays(tx: TenantTx, siteId: string | null, days: number): Promise<UpcomingDay[]> {
  const { rows } = await tx.query<UpcomingDay>(
    `${upcoming("now.today + $2::int")}
     select "on"::text, what, count(distinct site_id)::int8 as sites, sum(events)::int8 as events, sum(images)::int8 as images,
            sum(bytes)::int8 as bytes, count(distinct site_id) filter (where held)::int8 as "heldSites"
       from marked group by 1, 2 order by 1, 2`,
    [siteId, days],
  );
  return rows;
}

/** What goes at the beginning of one day; today, or null: what is due now. */
export async function selectUpcomingSites(
  tx: TenantTx,
  siteId: string | null,
  on: string | null,
): Promise<UpcomingSite[]> {
  const { rows } = await tx.query<UpcomingSite>(
    `${upcoming("coalesce($2::date, now.today)")}
     select site_id as "siteId", day::text, "on"::text, what, events, images, bytes, held
       from marked, now where "on" = coalesce($2::date, now.today) order by bytes desc, site_id, day, what limit 1000`,
    [siteId, on],
  );
  return rows;
}

export type SitePolicy = {
  siteId: string;
  name: string;
  timeZone: string;
  inForce: Policy;
  /** Decided, still in its cooling-off. */
  pending: Policy | null;
};

export const POLICY_ORDER: ListOrder = {
  id: byId("s.site_id"),
  keys: {
    name: byText("s.name"),
    imageDays: byCount("p.image_days"),
    eventDays: byCount("p.event_days"),
  },
  first: "name",
};

const policyOf = (alias: string): string =>
  `json_build_object('siteId', s.site_id, 'version', ${alias}.version, 'imageDays', ${alias}.image_days, 'eventDays', ${alias}.event_days,
    'decidedAt', ledger.timestamp_text(${alias}.decided_at), 'effectiveAt', ledger.timestamp_text(${alias}.effective_at))`;

/** Of every open site; `pendingOnly`: with a change in its cooling-off. */
export async function selectSitePolicies(
  tx: TenantTx,
  { pendingOnly, ...page }: Page & { pendingOnly: boolean },
): Promise<{ policies: SitePolicy[]; next: string | null }> {
  const { place, after, order, values, cut } = keyset(POLICY_ORDER, page, 2);
  const { rows } = await tx.query<SitePolicy & Placed>(
    `select s.site_id as "siteId", s.name, s.time_zone as "timeZone", ${policyOf("p")} as "inForce",
            case when n.version is not null then ${policyOf("n")} end as pending, ${place}
       from ${sitesWithPolicies}
      where s.tenant_id = app.tenant() and s.closed_at is null and (not $1::boolean or n.version is not null)
        and ${after}
      order by ${order}`,
    [pendingOnly, ...values],
  );
  return cut("policies", rows);
}

export type FilesLeft = {
  /** Whose keys are gone and whose bytes wait to be removed. */
  pending: number;
  /** Since when the longest of them waits. */
  oldestAt: string | null;
};

export async function selectFilesLeft(tx: TenantTx): Promise<FilesLeft> {
  const { rows } = await tx.query<FilesLeft>(
    `select count(*)::int8 as pending, ledger.timestamp_text(min(created_at)) as "oldestAt"
       from object_garbage where tenant_id = app.tenant() and collected_at is null`,
  );
  return rows[0]!;
}
