import type { TenantTx } from "../audit/index.ts";

/** Sizes of the exports that were finished before this one, the newest fifty, and who made this one. */
export async function selectEarlierExports(
  tx: TenantTx,
  exportId: string,
): Promise<{ earlier: { events: number; bytes: number }[]; madeBy: { type: string; id: string } }> {
  const { rows: earlier } = await tx.query<{ events: number; bytes: number }>(
    `select coalesce(events, 0) as events, coalesce(bytes, 0) as bytes
       from exports
      where tenant_id = $1::uuid and finished_at is not null and bytes is not null and export_id <> $2::uuid
      order by finished_at desc limit 50`,
    [tx.principal.tenantId, exportId],
  );
  const { rows } = await tx.query<{ type: string; id: string }>(
    "select made_by_type as type, made_by as id from exports where tenant_id = $1::uuid and export_id = $2::uuid",
    [tx.principal.tenantId, exportId],
  );
  return { earlier, madeBy: rows[0]! };
}

export type Content = { events: number; bytes: number; images: number; imageBytes: number };

/** What is kept of whole UTC days, from their counts. `sites` null: all that the principal may see. */
export async function selectWholeDays(
  tx: TenantTx,
  sites: string[] | null,
  days: { from: string; before: string },
): Promise<Content> {
  const { rows } = await tx.query<Content>(
    `select coalesce(sum(events), 0)::int8 as events, coalesce(sum(bytes), 0)::int8 as bytes,
            coalesce(sum(images) filter (where not images_erased), 0)::int8 as images,
            coalesce(sum(image_bytes) filter (where not images_erased), 0)::int8 as "imageBytes"
       from site_days
      where tenant_id = $1::uuid and day >= $2::date and day < $3::date and not events_erased
        and ($4::uuid[] is null or site_id = any($4::uuid[]))`,
    [tx.principal.tenantId, days.from, days.before, sites],
  );
  return rows[0]!;
}

/** What is kept of from ≤ received < to, counted. */
export async function selectContent(
  tx: TenantTx,
  sites: string[] | null,
  { from, to }: { from: string; to: string },
): Promise<Content> {
  const { rows } = await tx.query<Content>(
    `select e.events, e.bytes, i.images, i."imageBytes"
       from (select count(*) as events, coalesce(sum(octet_length(body)), 0)::int8 as bytes from events
              where tenant_id = $1::uuid and received >= $2::timestamptz and received < $3::timestamptz
                and ($4::uuid[] is null or site_id = any($4::uuid[]))) e,
            (select count(*) as images, coalesce(sum(bytes), 0)::int8 as "imageBytes" from images
              where tenant_id = $1::uuid and received >= $2::timestamptz and received < $3::timestamptz
                and ($4::uuid[] is null or site_id = any($4::uuid[]))) i`,
    [tx.principal.tenantId, from, to, sites],
  );
  return rows[0]!;
}

/** Of single events. */
export async function selectIncident(tx: TenantTx, eventIds: string[]): Promise<Content> {
  const { rows } = await tx.query<Content>(
    `with wanted as (select received, event_id from event_keys where tenant_id = $1::uuid and event_id = any($2::uuid[]))
     select e.events, e.bytes, i.images, i."imageBytes"
       from (select count(*) as events, coalesce(sum(octet_length(e.body)), 0)::int8 as bytes
               from wanted w join events e on e.tenant_id = $1::uuid and e.received = w.received and e.event_id = w.event_id) e,
            (select count(*) as images, coalesce(sum(i.bytes), 0)::int8 as "imageBytes"
               from wanted w join images i on i.tenant_id = $1::uuid and i.received = w.received and i.event_id = w.event_id) i`,
    [tx.principal.tenantId, eventIds],
  );
  return rows[0]!;
}
