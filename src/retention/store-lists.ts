import type { TenantTx } from "../audit/index.ts";
import { byCount, byId, byTime, keyset, type ListOrder, type Page, type Placed } from "../platform/sorted-list.ts";

/** What a tombstone erased, and what became of the files behind it. */
export type ErasedFacts = {
  erasureId: string;
  seq: number;
  at: string;
  events: number;
  images: number;
  openings: number;
  bytes: number;
  filesPending: number;
  filesGoneAt: string | null;
  journalledAt: string | null;
};

/** Of `erasures e`, for ErasedFacts. */
export const erasedColumns = `e.erasure_id as "erasureId", e.seq, ledger.timestamp_text(e.at) as at, e.events, e.images, e.openings, e.bytes,
  e.files_pending as "filesPending", ledger.timestamp_text(e.files_gone_at) as "filesGoneAt",
  ledger.timestamp_text(e.journalled_at) as "journalledAt"`;

export type Tombstone = ErasedFacts & {
  basis: "retention" | "request" | "hold-release" | "offboarding";
  requestId: string | null;
  what: "day" | "site-day" | "image-day" | "events" | "images" | "openings";
  /** Of one site's day; null: of all sites, or of single events. */
  siteId: string | null;
  /** The UTC day of receipt of what it took; null: of several. */
  day: string | null;
};

export const TOMBSTONE_ORDER: ListOrder = {
  id: byId("e.erasure_id"),
  keys: { seq: byCount("e.seq"), at: byTime("e.at"), events: byCount("e.events"), bytes: byCount("e.bytes") },
  first: "-seq",
};

export type TombstoneFilter = {
  /** Of this site alone, or of all sites. */
  site?: string | undefined;
  basis?: Tombstone["basis"] | undefined;
  /** UTC days of receipt of what it took, both included; those of several days are told too. */
  from?: string | undefined;
  to?: string | undefined;
  /** With files that are still to be removed. */
  filesPending: boolean;
};

export async function selectTombstones(
  tx: TenantTx,
  { site, basis, from, to, filesPending, ...page }: Page & TombstoneFilter,
): Promise<{ erasures: Tombstone[]; next: string | null }> {
  const { place, after, order, values, cut } = keyset(TOMBSTONE_ORDER, page, 6);
  const { rows } = await tx.query<Tombstone & Placed>(
    `select ${erasedColumns}, e.basis, e.request_id as "requestId", e.what, e.site_id as "siteId", e.day::text as day, ${place}
       from erasures e
      where e.tenant_id = app.tenant()
        and ($1::uuid is null or e.site_id is null or e.site_id = $1::uuid)
        and ($2::text is null or e.basis = $2::text)
        and ($3::date is null or coalesce(e.day, ledger.utc_day(e.at)) >= $3::date)
        and ($4::date is null or e.day is null or e.day <= $4::date)
        and (not $5::boolean or e.files_pending > 0)
        and ${after}
      order by ${order}`,
    [site ?? null, basis ?? null, from ?? null, to ?? null, filesPending, ...values],
  );
  return cut("erasures", rows);
}

export type KeptDay = { day: string; events: number; bytes: number; images: number; imageBytes: number };

/** What a site holds of each UTC day now, newest first. Days that are gone whole have no line. */
export async function selectKeptDays(tx: TenantTx, siteId: string): Promise<KeptDay[]> {
  const { rows } = await tx.query<KeptDay>(
    `select day::text as day,
            case when events_erased then 0 else events end as events,
            case when events_erased then 0 else bytes end as bytes,
            case when images_erased or events_erased then 0 else images end as images,
            case when images_erased or events_erased then 0 else image_bytes end as "imageBytes"
       from site_days
      where tenant_id = $1::uuid and site_id = $2::uuid and not (events_erased and images_erased)
      order by day desc`,
    [tx.principal.tenantId, siteId],
  );
  return rows;
}
