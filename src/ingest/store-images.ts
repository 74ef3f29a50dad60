import type { TenantTx } from "../audit/index.ts";
import type { MediaType } from "../objects/index.ts";
import { timestampFromMillis } from "../record/time.ts";
import { isUuidv7, uuidv7Millis } from "../record/uuidv7.ts";

const latestMs = Date.UTC(9999, 0);

export type ImageRow = {
  imageId: string;
  /** UTC day of the event's `received`. */
  day: string;
  received: string;
  eventId: string;
  n: number;
  sha256: Buffer;
  bytes: number;
  mediaType: MediaType;
  stored: boolean;
};

/**
 * Null for an image of another sender, for one that is erased, and for none at all. The id's own time bounds `received`:
 * without it Postgres plans for every day there is, 10 ms and more.
 */
export async function selectImage(tx: TenantTx, imageId: string, deviceId: string | null): Promise<ImageRow | null> {
  const receivedMs = isUuidv7(imageId) ? uuidv7Millis(imageId) : Number.POSITIVE_INFINITY;
  if (receivedMs > latestMs) return null;
  const { rows } = await tx.query<ImageRow>(
    `select i.image_id as "imageId", to_char(i.received at time zone 'UTC', 'YYYY-MM-DD') as day,
            ledger.timestamp_text(i.received) as received, i.event_id as "eventId", i.n,
            i.sha256, i.bytes, i.media_type as "mediaType", i.stored_at is not null as stored
       from images i
      where i.tenant_id = app.tenant() and i.image_id = $1::uuid and i.device_id is not distinct from $2::uuid
        and i.received >= $3::timestamptz and i.received < $4::timestamptz`,
    [imageId, deviceId, timestampFromMillis(receivedMs), timestampFromMillis(receivedMs + 1)],
  );
  return rows[0] ?? null;
}

export async function isRevoked(tx: TenantTx, deviceId: string): Promise<boolean> {
  const { rows } = await tx.query<{ revoked: boolean }>(
    "select revoked_at is not null as revoked from devices where tenant_id = app.tenant() and device_id = $1::uuid",
    [deviceId],
  );
  return rows[0]?.revoked ?? true;
}

/** False when the image is gone or somebody else stored it first. */
export async function markStored(
  tx: TenantTx,
  image: ImageRow,
  key: { wrappedKey: Buffer; keyVersion: number },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update images
        set wrapped_key = $4::bytea, key_version = $5::int, stored_at = clock_timestamp()
      where tenant_id = app.tenant() and received = $1::timestamptz and event_id = $2::uuid and n = $3::int and stored_at is null`,
    [image.received, image.eventId, image.n, key.wrappedKey, key.keyVersion],
  );
  return rowCount === 1;
}

export async function selectOpenSite(tx: TenantTx, siteId: string): Promise<boolean> {
  const { rows } = await tx.query(
    "select 1 from sites where tenant_id = app.tenant() and site_id = $1::uuid and closed_at is null",
    [siteId],
  );
  return rows.length === 1;
}
