import type { TenantTx } from "../audit/index.ts";
import type { ImageType } from "../record/event.ts";
import type { BatchRow } from "./store-snapshot.ts";

/** Which events are shown; null means all. */
export type EventFilter = {
  sites: string[] | null;
  kinds: string[] | null;
  events: string[] | null;
  subjects: Buffer[] | null;
};

export type EventRow = {
  batchId: string;
  siteId: string;
  index: number;
  visible: boolean;
  /** What follows is null for an event that is not visible: withheld content does not leave the database. */
  eventId: string;
  sourceType: "device" | "api-key";
  sourceId: string;
  kind: string;
  occurred: string;
  received: string;
  body: string;
  bodySalt: Buffer;
  imageUnits: Buffer;
  bestEffort: boolean;
};

/** The events of these batches that are still there, by site and index within each. */
export async function selectEvents(tx: TenantTx, batches: BatchRow[], filter: EventFilter): Promise<EventRow[]> {
  const { rows } = await tx.query<EventRow>(
    `select v."batchId", v."siteId", v.index, v.visible,
            case when v.visible then v.event_id end as "eventId",
            case when v.visible then v.source_type end as "sourceType",
            case when v.visible then v.source_id end as "sourceId",
            case when v.visible then v.kind end as kind,
            case when v.visible then ledger.timestamp_text(v.occurred) end as occurred,
            ledger.timestamp_text(v.received) as received,
            case when v.visible then v.body end as body,
            case when v.visible then v.body_salt end as "bodySalt",
            case when v.visible then v.image_units end as "imageUnits",
            v.best_effort as "bestEffort"
       from (select e.batch_id as "batchId", e.site_id as "siteId", e.*,
                    ($4::uuid[] is null or e.site_id = any($4::uuid[]))
                      and ($5::text[] is null or e.kind = any($5::text[]))
                      and ($6::uuid[] is null or e.event_id = any($6::uuid[]))
                      and ($7::bytea[] is null or exists (
                        select from event_subjects s
                         where s.tenant_id = e.tenant_id and s.subject = any($7::bytea[]) and s.received = e.received
                           and s.event_id = e.event_id)) as visible
               from events e
              where e.tenant_id = $1::uuid and e.received = any($2::timestamptz[]) and e.batch_id = any($3::uuid[])) v
      order by v.batch_id, v.site_id, v.index`,
    [
      tx.principal.tenantId,
      batches.map((batch) => batch.received),
      batches.map((batch) => batch.batchId),
      filter.sites,
      filter.kinds,
      filter.events,
      filter.subjects,
    ],
  );
  return rows;
}

export type ImageRow = {
  eventId: string;
  n: number;
  imageId: string;
  sha256: Buffer;
  bytes: number;
  mediaType: ImageType;
  salt: Buffer;
  unitHash: Buffer;
  wrappedKey: Buffer | null;
  keyVersion: number | null;
  received: string;
};

/** The images of these events that were not erased, by event and n. */
export async function selectImages(tx: TenantTx, events: EventRow[]): Promise<ImageRow[]> {
  const { rows } = await tx.query<ImageRow>(
    `select event_id as "eventId", n, image_id as "imageId", sha256, bytes, media_type as "mediaType", salt,
            unit_hash as "unitHash", wrapped_key as "wrappedKey", key_version as "keyVersion",
            ledger.timestamp_text(received) as received
       from images
      where tenant_id = $1::uuid and received = any($2::timestamptz[]) and event_id = any($3::uuid[])
      order by event_id, n`,
    [tx.principal.tenantId, [...new Set(events.map((event) => event.received))], events.map((event) => event.eventId)],
  );
  return rows;
}

/** HMACs of the subjects whom these events name: an erasure certificate says who was disclosed. */
export async function selectSubjects(tx: TenantTx, events: EventRow[]): Promise<Buffer[]> {
  const { rows } = await tx.query<{ subject: Buffer }>(
    `select distinct subject
       from event_subjects
      where tenant_id = $1::uuid and received = any($2::timestamptz[]) and event_id = any($3::uuid[])`,
    [tx.principal.tenantId, [...new Set(events.map((event) => event.received))], events.map((event) => event.eventId)],
  );
  return rows.map((row) => row.subject);
}
