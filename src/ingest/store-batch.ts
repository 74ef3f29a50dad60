import type { Timestamp } from "../record/time.ts";
import { int4Array, timestampArray, uuidArray } from "./binary-arrays.ts";
import type { Batch } from "./build-batch.ts";
import { type BatchClient, plainArray } from "./store.ts";

/**
 * Stores a batch's events and the leaves of its sites in one statement. Bodies, salts and hashes travel as one binary value
 * each, cut apart in Postgres. What many events share (site, source, kind) is sent once and pointed to; the rest are binary
 * arrays read by place. Arrays of text, and `unnest` of a dozen of them, took as long as the storing.
 */
export async function insertEvents(client: BatchClient, batch: Batch): Promise<void> {
  const { events, sites } = batch;
  const unitCounts = events.map(({ imageUnits }) => imageUnits?.length ?? 0);
  const units = events.flatMap(({ imageUnits }) => imageUnits ?? []);
  const senders = distinct(events, ({ event }) => `${event.siteId} ${event.source.id}`);
  const kinds = distinct(events, ({ event }) => event.kind);
  await client.query({
    name: "ingest-insert-events",
    text: `with stored_sites as (
             insert into batch_sites (tenant_id, site_id, received, batch_id, events, root, leaves, remaining)
             select $1::uuid, s.site_id, $2::timestamptz, $3::uuid, s.events, decode(s.root, 'hex'),
                    substring($22::bytea from (s.until - s.events) * 32 + 1 for s.events * 32), s.events
               from (select *, sum(events) over (order by place)::int as until
                       from unnest($19::uuid[], $20::int[], $21::text[]) with ordinality t(site_id, events, root, place)) s)
           insert into events (tenant_id, site_id, received, event_id, batch_id, index, source_type, source_id, kind, occurred,
                               body, body_salt, image_units, best_effort)
           select $1::uuid, ($5::uuid[])[e.sender], $2::timestamptz, ($9::uuid[])[e.place], $3::uuid, ($10::int[])[e.place],
                  ($6::text[])[e.sender], ($7::uuid[])[e.sender], ($12::text[])[($11::int[])[e.place]], ($13::timestamptz[])[e.place],
                  convert_from(substring($16::bytea from ($14::int[])[e.place] + 1 for ($15::int[])[e.place]), 'UTF8'),
                  substring($17::bytea from (e.place - 1) * 32 + 1 for 32),
                  substring($18::bytea from ($23::int[])[e.place] + 1 for ($24::int[])[e.place]),
                  ($8::bool[])[e.sender]
             from (select place, ($25::int[])[place] as sender from generate_series(1, $4::int) place) e`,
    values: [
      batch.tenantId,
      batch.received,
      batch.batchId,
      events.length,
      plainArray(senders.first.map(({ event }) => event.siteId)),
      plainArray(senders.first.map(({ event }) => event.source.type)),
      plainArray(senders.first.map(({ event }) => event.source.id)),
      plainArray(senders.first.map(({ event }) => (event.bestEffort ? "t" : "f"))),
      uuidArray(events.map(({ event }) => event.id)),
      int4Array(events.map(({ index }) => index)),
      int4Array(kinds.places),
      // Quoted: a kind may be called null.
      `{"${kinds.first.map(({ event }) => event.kind).join('","')}"}`,
      timestampArray(events.map(({ event }) => event.occurred)),
      int4Array(starts(events.map(({ event }) => event.bodyBytes))),
      int4Array(events.map(({ event }) => event.bodyBytes)),
      Buffer.from(events.map(({ event }) => event.body).join("")),
      batch.bodySalts,
      Buffer.concat(units),
      plainArray(sites.map((site) => site.siteId)),
      plainArray(sites.map((site) => site.count)),
      plainArray(sites.map((site) => site.root)),
      Buffer.concat(sites.map((site) => site.leaves)),
      int4Array(starts(unitCounts)),
      int4Array(unitCounts),
      int4Array(senders.places),
    ],
  });
}

/** The first item of each key, and for every item the place of its key's first, from 1. */
function distinct<T>(items: readonly T[], keyOf: (item: T) => string): { first: T[]; places: number[] } {
  const known = new Map<string, number>();
  const first: T[] = [];
  const places = items.map((item) => {
    const key = keyOf(item);
    const place = known.get(key) ?? first.push(item);
    if (place === first.length) known.set(key, place);
    return place;
  });
  return { first, places };
}

/** Where each part begins when parts of these sizes follow one another. */
function starts(sizes: readonly number[]): number[] {
  let at = 0;
  return sizes.map((size) => {
    const start = at;
    at += size;
    return start;
  });
}

export async function insertImages(client: BatchClient, batch: Batch): Promise<void> {
  const { images } = batch;
  const declared = images.map(({ event, n }) => event.images[n]!);
  await client.query(
    `insert into images (tenant_id, site_id, received, event_id, n, image_id, batch_id, index, sha256, bytes, media_type, salt, unit_hash, device_id)
     select $1::uuid, i.site_id, $2::timestamptz, i.event_id, i.n, i.image_id, $3::uuid, i.index, decode(i.sha256, 'hex'), i.bytes,
            i.media_type, decode(i.salt, 'hex'), decode(i.unit_hash, 'hex'), i.device_id
       from unnest($4::uuid[], $5::uuid[], $6::int[], $7::uuid[], $8::int[], $9::text[], $10::bigint[], $11::text[], $12::text[], $13::text[], $14::uuid[])
            i(site_id, event_id, n, image_id, index, sha256, bytes, media_type, salt, unit_hash, device_id)`,
    [
      batch.tenantId,
      batch.received,
      batch.batchId,
      plainArray(images.map(({ event }) => event.siteId)),
      plainArray(images.map(({ event }) => event.id)),
      plainArray(images.map(({ n }) => n)),
      plainArray(images.map(({ imageId }) => imageId)),
      plainArray(images.map(({ index }) => index)),
      plainArray(declared.map((image) => image.sha256)),
      plainArray(declared.map((image) => image.bytes)),
      plainArray(declared.map((image) => image.type)),
      plainArray(images.map(({ salt }) => salt.toString("hex"))),
      plainArray(images.map(({ unitHash }) => unitHash.toString("hex"))),
      plainArray(images.map(({ event }) => (event.source.type === "device" ? event.source.id : "null"))),
    ],
  );
}

export type SubjectRow = { siteId: string; eventId: string; subject: Buffer };

export async function insertSubjects(
  client: BatchClient,
  tenantId: string,
  received: Timestamp,
  rows: readonly SubjectRow[],
): Promise<void> {
  await client.query({
    name: "ingest-insert-subjects",
    text: `insert into event_subjects (tenant_id, site_id, subject, received, event_id)
           select $1::uuid, s.site_id, substring($5::bytea from (s.place::int - 1) * 32 + 1 for 32), $2::timestamptz, s.event_id
             from unnest($3::uuid[], $4::uuid[]) with ordinality s(site_id, event_id, place)
           on conflict do nothing`,
    values: [
      tenantId,
      received,
      plainArray(rows.map((row) => row.siteId)),
      plainArray(rows.map((row) => row.eventId)),
      Buffer.concat(rows.map((row) => row.subject)),
    ],
  });
}

export type DeadLetter = {
  letterId: string;
  siteId: string;
  sourceType: string;
  sourceId: string;
  reason: string;
  detail: string;
  sealed: Buffer;
  keyVersion: number;
  subjects: Buffer[];
};

/** Sorted by id, like keys. Returns how many are new. */
export async function insertDeadLetters(
  client: BatchClient,
  tenantId: string,
  received: Timestamp,
  letters: readonly DeadLetter[],
): Promise<number> {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
  const rows = letters.map((letter) => ({
    ...letter,
    sealed: hex(letter.sealed),
    subjects: letter.subjects.map((subject) => hex(subject)),
  }));
  const { rowCount } = await client.query(
    `insert into dead_letters (tenant_id, site_id, letter_id, received, source_type, source_id, reason, detail, sealed, key_version, subjects)
     select $1::uuid, l."siteId", l."letterId", $2::timestamptz, l."sourceType", l."sourceId", l.reason, l.detail,
            decode(l.sealed, 'hex'), l."keyVersion", (select coalesce(array_agg(decode(s, 'hex')), '{}') from unnest(l.subjects) s)
       from json_to_recordset($3::json)
            l("siteId" uuid, "letterId" uuid, "sourceType" text, "sourceId" uuid, reason text, detail text, sealed text,
              "keyVersion" int, subjects text[])
      order by l."letterId"
     on conflict do nothing`,
    [tenantId, received, JSON.stringify(rows)],
  );
  return rowCount ?? 0;
}
