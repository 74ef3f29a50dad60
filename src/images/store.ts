import type { ActorType, Channel, TenantTx } from "../audit/index.ts";

export type StoredImage = {
  imageId: string;
  siteId: string;
  received: string;
  /** UTC day of `received`. */
  day: string;
  eventId: string;
  n: number;
  sha256: string;
  bytes: number;
  mediaType: string;
  wrappedKey: Buffer;
  hasThumbnail: boolean | null;
};

const columns = `i.image_id as "imageId", i.site_id as "siteId", ledger.timestamp_text(i.received) as received,
  to_char(i.received at time zone 'UTC', 'YYYY-MM-DD') as day, i.event_id as "eventId", i.n, encode(i.sha256, 'hex') as sha256,
  i.bytes, i.media_type as "mediaType", i.wrapped_key as "wrappedKey", i.has_thumbnail as "hasThumbnail"`;

/** Null for an image that is not stored, erased, or of a site outside the principal's. */
export async function selectImage(tx: TenantTx, eventId: string, n: number): Promise<StoredImage | null> {
  const { rows } = await tx.query<StoredImage>(
    `select ${columns}
       from event_keys k
       join images i on i.tenant_id = k.tenant_id and i.received = k.received and i.event_id = k.event_id
      where k.tenant_id = (select app.tenant()) and k.event_id = $1::uuid and i.n = $2::int
        and i.stored_at is not null and i.wrapped_key is not null`,
    [eventId, n],
  );
  return rows[0] ?? null;
}

/** Stored images whose thumbnail nobody has tried to make, the oldest first. */
export async function selectWithoutThumbnail(tx: TenantTx, limit: number): Promise<StoredImage[]> {
  const { rows } = await tx.query<StoredImage>(
    `select ${columns}
       from images i
      where i.tenant_id = (select app.tenant()) and i.stored_at is not null and i.has_thumbnail is null
        and i.wrapped_key is not null
      order by i.received
      limit $1::int`,
    [limit],
  );
  return rows;
}

export type Tried = { received: string; eventId: string; n: number; imageId: string; made: boolean };

/** Returns the images that this statement marked. */
export async function markTried(tx: TenantTx, tried: readonly Tried[]): Promise<string[]> {
  const { rows } = await tx.query<{ imageId: string }>(
    `update images i
        set has_thumbnail = t.made
       from json_to_recordset($1::json) t(received timestamptz, "eventId" uuid, n int, made boolean)
      where i.tenant_id = (select app.tenant()) and i.received = t.received and i.event_id = t."eventId" and i.n = t.n
        and i.has_thumbnail is null and i.wrapped_key is not null
      returning i.image_id as "imageId"`,
    [JSON.stringify(tried)],
  );
  return rows.map(({ imageId }) => imageId);
}

/** Of these, the images that are still here. */
export async function selectPresent(tx: TenantTx, imageIds: readonly string[]): Promise<string[]> {
  const { rows } = await tx.query<{ imageId: string }>(
    `select i.image_id as "imageId"
       from images i
      where i.tenant_id = (select app.tenant()) and i.image_id = any($1::uuid[]) and i.wrapped_key is not null`,
    [imageIds],
  );
  return rows.map(({ imageId }) => imageId);
}

export type Viewer = { actorType: ActorType; actorId: string; via: Channel };

/** The minute of the view when it is a new one. */
export async function insertView(
  tx: TenantTx,
  { siteId, eventId, n }: Pick<StoredImage, "siteId" | "eventId" | "n">,
  thumbnail: boolean,
): Promise<string | undefined> {
  const { actor, via } = tx.principal;
  const { rows } = await tx.query<{ minute: string }>(
    `insert into image_views (tenant_id, site_id, actor_type, actor_id, via, minute, event_id, n, thumbnail)
     values ((select app.tenant()), $1::uuid, $2::text, $3::text, $4::text, date_trunc('minute', clock_timestamp()), $5::uuid,
             $6::int, $7::boolean)
     on conflict do nothing
     returning ledger.timestamp_text(minute) as minute`,
    [siteId, actor.type, actor.id, via, eventId, n, thumbnail],
  );
  return rows[0]?.minute;
}

/** Appends the row that tells what the viewer saw up to and in this minute, if anything. Returns how many views it were. */
export async function callRecordViews(tx: TenantTx, viewer: Viewer, minute: string): Promise<number> {
  const { rows } = await tx.query<{ views: number }>(
    `select views from ledger.record_views($1::text, $2::text, $3::text, $4::timestamptz, $5::uuid)`,
    [viewer.actorType, viewer.actorId, viewer.via, minute, tx.principal.correlation],
  );
  return rows[0]!.views;
}
