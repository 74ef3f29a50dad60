import type { TenantTx } from "../audit/index.ts";

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
};

/** Newest first; `after` is the last seq of the page before. */
export async function selectTombstones(tx: TenantTx, after: number | undefined, limit: number): Promise<Tombstone[]> {
  const { rows } = await tx.query<Tombstone>(
    `select ${erasedColumns}, e.basis, e.request_id as "requestId"
       from erasures e
      where e.tenant_id = $1::uuid and ($2::bigint is null or e.seq < $2::bigint)
      order by e.seq desc limit $3::int`,
    [tx.principal.tenantId, after ?? null, limit],
  );
  return rows;
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
