import { createHash, randomBytes } from "node:crypto";
import { type Principal, type TenantTx, withTenant } from "../../src/audit/index.ts";
import { createImageKey, subjectHash } from "../../src/keys/index.ts";
import { siteRoot } from "../../src/record/batch.ts";
import { fromHex } from "../../src/record/bytes.ts";
import { eventLeaf, eventLines, type ImageType, imageContent } from "../../src/record/event.ts";
import { dayOf, timestampFromMillis } from "../../src/record/time.ts";
import { unitHash } from "../../src/record/unit.ts";
import { makeUuidv7 } from "../../src/record/uuidv7.ts";
import type { SeedDeps } from "./seed.ts";

export type SeedEvent = {
  siteId: string;
  deviceId: string;
  kind?: string;
  body?: string;
  subjects?: string[];
  /** `stored: false`: declared, but its bytes never came. */
  images?: { bytes: Buffer; type: ImageType; stored?: boolean }[];
};

export type SeededBatch = { seq: number; batchId: string; received: string; eventIds: string[] };

/** Records one batch. Event ids are in the order of `events`. */
export async function seedBatch(deps: SeedDeps, principal: Principal, events: SeedEvent[]): Promise<SeededBatch> {
  return withTenant(deps.pool, principal, async (tx) => {
    const { rows } = await tx.query<{ now: string }>("select ledger.timestamp_text(clock_timestamp()) as now");
    const received = rows[0]!.now;
    const batchId = crypto.randomUUID();
    const prepared = events.map((event) => prepareEvent(principal.tenantId, received, event));
    const sites = [...new Set(events.map((event) => event.siteId))].sort();
    const roots: Buffer[] = [];
    const counts: number[] = [];
    for (const siteId of sites) {
      const own = prepared.filter((event) => event.siteId === siteId).sort((a, b) => (a.eventId < b.eventId ? -1 : 1));
      for (const [index, event] of own.entries()) await insertEvent(tx, deps, { event, received, batchId, index });
      const leaves = own.map((event) => event.leaf);
      const root = Buffer.from(fromHex(siteRoot(leaves)));
      await tx.query(
        `insert into batch_sites (tenant_id, site_id, received, batch_id, events, root, leaves, remaining)
         values ($1::uuid, $2::uuid, $3::timestamptz, $4::uuid, $5::int, $6::bytea, $7::bytea, $5::int)`,
        [principal.tenantId, siteId, received, batchId, own.length, root, Buffer.concat(leaves)],
      );
      await countDay(tx, siteId, received, own);
      roots.push(root);
      counts.push(own.length);
    }
    const { actor, via, correlation } = principal;
    const recorded = await tx.query<{ seq: number }>(
      `select seq from ledger.record_batch($1::uuid, $2::timestamptz, $3::uuid[], $4::int[], $5::bytea[], $6::text, $7::text,
                                           $8::text, $9::uuid, $10::text[], $11::text[])`,
      [
        batchId,
        received,
        sites,
        counts,
        roots,
        actor.type,
        actor.id,
        via,
        correlation,
        ["context"],
        [JSON.stringify({ ip: "192.0.2.7" })],
      ],
    );
    return { seq: recorded.rows[0]!.seq, batchId, received, eventIds: prepared.map((event) => event.eventId) };
  });
}

type Prepared = ReturnType<typeof prepareEvent>;

function prepareEvent(tenantId: string, received: string, event: SeedEvent) {
  const eventId = makeUuidv7(Date.now(), randomBytes(10));
  const kind = event.kind ?? "gate.passage";
  const body = event.body ?? JSON.stringify({ plate: "AB 12 CDE", note: 'naïve – "quoted"\nline' });
  const occurred = timestampFromMillis(Date.now() - 60_000);
  const bodySalt = randomBytes(32);
  const images = (event.images ?? []).map(({ bytes, type, stored = true }, n) => {
    const sha256 = createHash("sha256").update(bytes).digest();
    const salt = randomBytes(32);
    const content = imageContent({ sha256: sha256.toString("hex"), bytes: bytes.length, type });
    const unit = Buffer.from(fromHex(unitHash(`image.${n}`, salt, content)));
    return { n, bytes, type, stored, sha256, salt, unit, imageId: crypto.randomUUID() };
  });
  const units = [
    { name: "body", hash: unitHash("body", bodySalt, body) },
    ...images.map(({ n, unit }) => ({ name: `image.${n}`, hash: unit.toString("hex") })),
  ];
  const source = { type: "device" as const, id: event.deviceId };
  const { siteId, deviceId, subjects = [] } = event;
  const lines = eventLines({ tenant: tenantId, site: siteId, source, event: eventId, kind, occurred, received, units });
  return { eventId, siteId, deviceId, subjects, kind, body, occurred, bodySalt, images, leaf: eventLeaf(lines) };
}

type Placed = { event: Prepared; received: string; batchId: string; index: number };

async function insertEvent(tx: TenantTx, deps: SeedDeps, { event, received, batchId, index }: Placed): Promise<void> {
  const { tenantId } = tx.principal;
  await tx.query(
    `insert into event_keys (tenant_id, event_id, source_id, received) values ($1::uuid, $2::uuid, $3::uuid, $4::timestamptz)`,
    [tenantId, event.eventId, event.deviceId, received],
  );
  await tx.query(
    `insert into events (tenant_id, site_id, received, event_id, batch_id, index, source_type, source_id, kind, occurred, body,
                         body_salt, image_units)
     values ($1::uuid, $2::uuid, $3::timestamptz, $4::uuid, $5::uuid, $6::int, 'device', $7::uuid, $8::text, $9::timestamptz,
             $10::text, $11::bytea, $12::bytea)`,
    [
      tenantId,
      event.siteId,
      received,
      event.eventId,
      batchId,
      index,
      event.deviceId,
      event.kind,
      event.occurred,
      event.body,
      event.bodySalt,
      Buffer.concat(event.images.map((image) => image.unit)),
    ],
  );
  const indexKey = await deps.keyring.indexKey(tx);
  for (const subject of event.subjects) {
    await tx.query(
      `insert into event_subjects (tenant_id, site_id, subject, received, event_id)
       values ($1::uuid, $2::uuid, $3::bytea, $4::timestamptz, $5::uuid)`,
      [tenantId, event.siteId, subjectHash(indexKey, subject), received, event.eventId],
    );
  }
  for (const image of event.images) await insertImage(tx, deps, { event, received, batchId, index }, image);
}

async function insertImage(
  tx: TenantTx,
  deps: SeedDeps,
  placed: Placed,
  image: Prepared["images"][number],
): Promise<void> {
  const { tenantId } = tx.principal;
  const { event, received, batchId, index } = placed;
  const dataKey = await deps.keyring.dataKey(tx);
  const { key, wrappedKey } = createImageKey(dataKey, image.imageId);
  const ref = { tenantId, imageId: image.imageId, day: dayOf(received), kind: "image" } as const;
  if (image.stored) await deps.objects.write(ref, key, image.bytes);
  await tx.query(
    `insert into images (tenant_id, site_id, received, event_id, n, image_id, batch_id, index, sha256, bytes, media_type, salt,
                         unit_hash, device_id, wrapped_key, key_version, stored_at)
     values ($1::uuid, $2::uuid, $3::timestamptz, $4::uuid, $5::int, $6::uuid, $7::uuid, $8::int, $9::bytea, $10::bigint,
             $11::text, $12::bytea, $13::bytea, $14::uuid, $15::bytea, $16::int, $17::timestamptz)`,
    [
      tenantId,
      event.siteId,
      received,
      event.eventId,
      image.n,
      image.imageId,
      batchId,
      index,
      image.sha256,
      image.bytes.length,
      image.type,
      image.salt,
      image.unit,
      event.deviceId,
      image.stored ? wrappedKey : null,
      image.stored ? dataKey.version : null,
      image.stored ? received : null,
    ],
  );
}

async function countDay(tx: TenantTx, siteId: string, received: string, events: Prepared[]): Promise<void> {
  const images = events.flatMap((event) => event.images);
  await tx.query(
    `insert into site_days (tenant_id, site_id, day, events, bytes, images, image_bytes)
     values ($1::uuid, $2::uuid, $3::date, $4::bigint, $5::bigint, $6::bigint, $7::bigint)
     on conflict (tenant_id, site_id, day) do update
       set events = site_days.events + excluded.events, bytes = site_days.bytes + excluded.bytes,
           images = site_days.images + excluded.images, image_bytes = site_days.image_bytes + excluded.image_bytes`,
    [
      tx.principal.tenantId,
      siteId,
      dayOf(received),
      events.length,
      events.reduce((sum, event) => sum + Buffer.byteLength(event.body), 0),
      images.length,
      images.reduce((sum, image) => sum + image.bytes.length, 0),
    ],
  );
}
