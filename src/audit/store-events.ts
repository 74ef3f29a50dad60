import type { Queryable } from "../platform/db.ts";

export type BatchSite = { batchId: string; site: string; events: number; root: string; leaves: Buffer };
export type StoredEvent = {
  batchId: string;
  site: string;
  index: number;
  event: string;
  sourceType: "device" | "api-key";
  sourceId: string;
  kind: string;
  occurred: string;
  received: string;
  body: string;
  salt: Buffer;
  imageUnits: Buffer;
};
export type StoredImage = {
  batchId: string;
  site: string;
  index: number;
  n: number;
  content: string;
  salt: Buffer;
  hash: string;
};

const TIME = `'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'`;

type Batches = { ids: string[]; received: string[] };

export async function readBatchSites(tx: Queryable, tenantId: string, batches: Batches): Promise<BatchSite[]> {
  const { rows } = await tx.query<BatchSite>(
    `select batch_id as "batchId", site_id as site, events, encode(root, 'hex') as root, leaves
       from batch_sites
      where tenant_id = $1::uuid and received = any($2::timestamptz[]) and batch_id = any($3::uuid[])`,
    [tenantId, batches.received, batches.ids],
  );
  return rows;
}

export async function readBatchEvents(tx: Queryable, tenantId: string, batches: Batches): Promise<StoredEvent[]> {
  const { rows } = await tx.query<StoredEvent>(
    `select batch_id as "batchId", site_id as site, index, event_id as event, source_type as "sourceType",
            source_id as "sourceId", kind, to_char(occurred at time zone 'UTC', ${TIME}) as occurred,
            to_char(received at time zone 'UTC', ${TIME}) as received, body, body_salt as salt, image_units as "imageUnits"
       from events
      where tenant_id = $1::uuid and received = any($2::timestamptz[]) and batch_id = any($3::uuid[])`,
    [tenantId, batches.received, batches.ids],
  );
  return rows;
}

export async function readBatchImages(tx: Queryable, tenantId: string, batches: Batches): Promise<StoredImage[]> {
  const { rows } = await tx.query<StoredImage>(
    `select batch_id as "batchId", site_id as site, index, n, salt, encode(unit_hash, 'hex') as hash,
            encode(sha256, 'hex') || ' ' || bytes || ' ' || media_type as content
       from images
      where tenant_id = $1::uuid and received = any($2::timestamptz[]) and batch_id = any($3::uuid[])`,
    [tenantId, batches.received, batches.ids],
  );
  return rows;
}
