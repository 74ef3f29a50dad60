import type { TenantTx } from "../audit/index.ts";

/** A tombstone and what became of the files behind it. */
export type Tombstone = {
  erasureId: string;
  seq: number;
  basis: "retention" | "request" | "hold-release" | "offboarding";
  requestId: string | null;
  at: string;
  events: number;
  images: number;
  openings: number;
  bytes: number;
  filesPending: number;
  filesGoneAt: string | null;
  journalledAt: string | null;
};

/** Newest first; `after` is the last seq of the page before. */
export async function selectTombstones(tx: TenantTx, after: number | undefined, limit: number): Promise<Tombstone[]> {
  const { rows } = await tx.query<Tombstone>(
    `select erasure_id as "erasureId", seq, basis, request_id as "requestId", ledger.timestamp_text(at) as at, events, images, openings,
            bytes, files_pending as "filesPending", ledger.timestamp_text(files_gone_at) as "filesGoneAt",
            ledger.timestamp_text(journalled_at) as "journalledAt"
       from erasures
      where tenant_id = $1::uuid and ($2::bigint is null or seq < $2::bigint)
      order by seq desc limit $3::int`,
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
