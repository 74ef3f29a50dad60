import type { TenantTx } from "../audit/index.ts";
import type { Timestamp } from "../record/time.ts";

export type EventRow = {
  eventId: string;
  siteId: string;
  received: Timestamp;
  occurred: Timestamp;
  kind: string;
  sourceType: "device" | "api-key";
  sourceId: string;
  bestEffort: boolean;
  body: string;
  bodySalt: Buffer;
  imageUnits: Buffer;
  index: number;
  batchId: string;
  batchSeq: number;
  batchSalt: Buffer;
  batchUnitHash: Buffer;
  batchContent: string;
  siteRoot: Buffer;
  leaves: Buffer;
};

/** When the appliance received it, from the dedup ledger, which outlives the event. Null: never seen, or long ago. */
export async function selectReceived(tx: TenantTx, eventId: string): Promise<Timestamp | null> {
  const { rows } = await tx.query<{ received: Timestamp }>(
    `select ledger.timestamp_text(k.received) as received
       from event_keys k where k.tenant_id = (select app.tenant()) and k.event_id = $1::uuid`,
    [eventId],
  );
  return rows[0]?.received ?? null;
}

export async function selectEvent(tx: TenantTx, received: Timestamp, eventId: string): Promise<EventRow | null> {
  const { rows } = await tx.query<EventRow>(
    `select e.event_id as "eventId", e.site_id as "siteId", ledger.timestamp_text(e.received) as received,
            ledger.timestamp_text(e.occurred) as occurred, e.kind, e.source_type as "sourceType", e.source_id as "sourceId",
            e.best_effort as "bestEffort", e.body, e.body_salt as "bodySalt", e.image_units as "imageUnits", e.index,
            e.batch_id as "batchId", b.batch_seq as "batchSeq", b.salt as "batchSalt", b.unit_hash as "batchUnitHash",
            b.content as "batchContent", s.root as "siteRoot", s.leaves
       from events e
       join batches b on b.tenant_id = e.tenant_id and b.received = e.received and b.batch_id = e.batch_id
       join batch_sites s on s.tenant_id = e.tenant_id and s.received = e.received and s.batch_id = e.batch_id and s.site_id = e.site_id
      where e.tenant_id = (select app.tenant()) and e.received = $1::timestamptz and e.event_id = $2::uuid`,
    [received, eventId],
  );
  return rows[0] ?? null;
}

export type Seal = { epoch: number; size: number; sealedAt: Timestamp };

/** The first checkpoint over a row: of its own epoch, or of a later one. Null: none yet. */
export async function selectSeal(tx: TenantTx, seq: number): Promise<Seal | null> {
  const { rows } = await tx.query<Seal>(
    `select c.epoch, c.size, ledger.timestamp_text(c.sealed_at) as "sealedAt"
       from ledger.rows r
      cross join lateral (
        (select epoch, size, sealed_at from ledger.checkpoints
          where tenant_id = r.tenant_id and epoch = r.epoch and size >= r.seq order by size, sealed_at limit 1)
         union all
        (select epoch, size, sealed_at from ledger.checkpoints
          where tenant_id = r.tenant_id and epoch > r.epoch and size >= r.seq order by epoch, size, sealed_at limit 1)) c
      where r.tenant_id = (select app.tenant()) and r.seq = $1::bigint
      order by c.epoch
      limit 1`,
    [seq],
  );
  return rows[0] ?? null;
}

export type ImageOfEvent = {
  n: number;
  imageId: string;
  sha256: string;
  bytes: number;
  mediaType: string;
  salt: string;
  stored: boolean;
  hasThumbnail: boolean;
};

export async function selectImages(tx: TenantTx, received: Timestamp, eventId: string): Promise<ImageOfEvent[]> {
  const { rows } = await tx.query<ImageOfEvent>(
    `select i.n, i.image_id as "imageId", encode(i.sha256, 'hex') as sha256, i.bytes, i.media_type as "mediaType",
            encode(i.salt, 'hex') as salt, i.stored_at is not null as stored, i.has_thumbnail is true as "hasThumbnail"
       from images i
      where i.tenant_id = (select app.tenant()) and i.received = $1::timestamptz and i.event_id = $2::uuid
      order by i.n`,
    [received, eventId],
  );
  return rows;
}

export type ErasureOfDay = { erasureId: string; seq: number; basis: string; at: Timestamp };

/** The tombstones that can have taken an event received then: of its whole day, of a site's day, or of single events since. */
export async function selectErasures(tx: TenantTx, received: Timestamp): Promise<ErasureOfDay[]> {
  const { rows } = await tx.query<ErasureOfDay>(
    `select r.erasure_id as "erasureId", r.seq, r.basis, ledger.timestamp_text(r.at) as at
       from erasures r
      where r.tenant_id = (select app.tenant()) and r.at >= $1::timestamptz
        and (r.what = 'events' or (r.what in ('day', 'site-day') and r.day = ledger.utc_day($1::timestamptz)))
      order by r.seq desc
      limit 50`,
    [received],
  );
  return rows;
}
