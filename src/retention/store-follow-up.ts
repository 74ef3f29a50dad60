import type { TenantTx } from "../audit/index.ts";

// What must still happen after an erasure: files, journal, letters.

export type FollowUps = { files: boolean; journal: boolean; letters: boolean; requests: string[] };

export async function selectFollowUps(tx: TenantTx): Promise<FollowUps> {
  const { rows } = await tx.query<FollowUps>(
    `select exists (select from object_garbage where tenant_id = $1::uuid and collected_at is null) as files,
            exists (select from erasures where tenant_id = $1::uuid and journalled_at is null) as journal,
            exists (select from dead_letters l
                     cross join lateral (select event_days from policies where tenant_id = l.tenant_id and site_id = l.site_id
                                          and effective_at <= clock_timestamp() order by version desc limit 1) p
                     where l.tenant_id = $1::uuid
                       and ledger.utc_day(l.received) <= ledger.utc_day(clock_timestamp()) - p.event_days) as letters,
            array(select request_id::text from erasure_requests where tenant_id = $1::uuid and state in ('open', 'held')
                   order by seq) as requests`,
    [tx.principal.tenantId],
  );
  return rows[0]!;
}

export async function selectGarbage(
  tx: TenantTx,
  limit: number,
): Promise<{ path: string; erasureId: string | null }[]> {
  const { rows } = await tx.query<{ path: string; erasureId: string | null }>(
    `select path, erasure_id as "erasureId"
       from object_garbage
      where tenant_id = $1::uuid and collected_at is null
      order by created_at, path
      limit $2::int`,
    [tx.principal.tenantId, limit],
  );
  return rows;
}

export async function markCollected(tx: TenantTx, paths: readonly string[]): Promise<void> {
  await tx.query(
    `update object_garbage set collected_at = clock_timestamp() where tenant_id = $1::uuid and path = any($2::text[])`,
    [tx.principal.tenantId, paths],
  );
}

/** Counts what is left of each erasure; returns those whose last file went now. */
export async function settleFiles(
  tx: TenantTx,
  erasureIds: readonly string[],
): Promise<{ erasureId: string; files: number }[]> {
  const { rows } = await tx.query<{ erasureId: string; files: number; left: number }>(
    `update erasures e
        set files_pending = g.pending, files_gone_at = case when g.pending = 0 then clock_timestamp() end
       from (select erasure_id, count(*) filter (where collected_at is null) as pending, count(*) as files
               from object_garbage
              where tenant_id = $1::uuid and erasure_id = any($2::uuid[])
              group by erasure_id) g
      where e.tenant_id = $1::uuid and e.erasure_id = g.erasure_id and e.files_gone_at is null
      returning e.erasure_id as "erasureId", g.files, g.pending as left`,
    [tx.principal.tenantId, erasureIds],
  );
  return rows.filter((row) => row.left === 0).map(({ erasureId, files }) => ({ erasureId, files }));
}

export type JournalErasure = {
  erasureId: string;
  seq: number;
  entered: boolean;
  row: string;
  list: { salt: string; content: string };
  reason: { salt: string; content: string };
};

/** Tombstones that are not in the journal, or not proven there, in the order of the chain. */
export async function selectUnjournalled(tx: TenantTx, limit: number): Promise<JournalErasure[]> {
  const { rows } = await tx.query<JournalErasure>(
    `select e.erasure_id as "erasureId", e.seq, e.entered_at is not null as entered,
            ledger.row_lines(r.tenant_id, r.epoch, r.seq, r.prev, r.at, r.actor_type, r.actor_id, r.via, r.action, r.entity_type,
                             r.entity_id, r.correlation, r.control, r.commits, r.units) as row,
            json_build_object('salt', encode(l.salt, 'hex'), 'content', l.content) as list,
            json_build_object('salt', encode(w.salt, 'hex'), 'content', w.content) as reason
       from erasures e
       join ledger.rows r on r.tenant_id = e.tenant_id and r.seq = e.seq
       join ledger.openings l on l.tenant_id = e.tenant_id and l.seq = e.seq and l.unit = 'list'
       join ledger.openings w on w.tenant_id = e.tenant_id and w.seq = e.seq and w.unit = 'reason'
      where e.tenant_id = $1::uuid and e.journalled_at is null
      order by e.seq
      limit $2::int`,
    [tx.principal.tenantId, limit],
  );
  return rows;
}

export async function markEntered(tx: TenantTx, erasureIds: readonly string[]): Promise<void> {
  await tx.query(
    `update erasures set entered_at = clock_timestamp() where tenant_id = $1::uuid and erasure_id = any($2::uuid[]) and entered_at is null`,
    [tx.principal.tenantId, erasureIds],
  );
}

export async function markJournalled(tx: TenantTx, erasureId: string): Promise<void> {
  await tx.query(
    `update erasures set journalled_at = clock_timestamp() where tenant_id = $1::uuid and erasure_id = $2::uuid`,
    [tx.principal.tenantId, erasureId],
  );
}

/** Of these images, the ones that have a row. */
export async function selectKnownImages(tx: TenantTx, imageIds: readonly string[]): Promise<string[]> {
  const { rows } = await tx.query<{ imageId: string }>(
    `select image_id as "imageId" from images where tenant_id = $1::uuid and image_id = any($2::uuid[])`,
    [tx.principal.tenantId, imageIds],
  );
  return rows.map((row) => row.imageId);
}
