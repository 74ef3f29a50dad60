import type { TenantTx } from "../audit/index.ts";
import type { Queryable, Tx } from "../platform/db.ts";

// The definer functions that erase. Each writes its tombstone in the transaction it is called in.

export type Whole = {
  outcome: "erased" | "mixed" | "nothing";
  tenants: number;
  sites: number;
  events: number;
  images: number;
};

/** In an unbound transaction: a day of all tenants. */
export async function callTruncateDay(tx: Tx, day: string, correlation: string): Promise<Whole> {
  const { rows } = await tx.query<Whole>(
    `select outcome, tenants, sites, events, images from ledger.truncate_day($1::date, 'cron', $2::uuid)`,
    [day, correlation],
  );
  return rows[0]!;
}

export async function callTruncateImagesDay(tx: Tx, day: string, correlation: string): Promise<Whole> {
  const { rows } = await tx.query<Whole>(
    `select outcome, tenants, sites, events, images from ledger.truncate_images_day($1::date, 'cron', $2::uuid)`,
    [day, correlation],
  );
  return rows[0]!;
}

export type SitePart = {
  outcome: "erased" | "nothing" | "not-due" | "held";
  erasureId: string | null;
  events: number;
  images: number;
  heldBy: string[];
};

export async function callEraseSiteDay(tx: TenantTx, siteId: string, day: string): Promise<SitePart> {
  const { rows } = await tx.query<SitePart>(
    `select outcome, erasure_id as "erasureId", events, images, held_by::text[] as "heldBy"
       from ledger.erase_site_day($1::uuid, $2::date, 'retention', null, $3::text, $4::uuid)`,
    [siteId, day, tx.principal.via, tx.principal.correlation],
  );
  return rows[0]!;
}

export async function callEraseImageDay(tx: TenantTx, siteId: string, day: string): Promise<SitePart> {
  const { rows } = await tx.query<SitePart>(
    `select outcome, erasure_id as "erasureId", events, images, held_by::text[] as "heldBy"
       from ledger.erase_image_day($1::uuid, $2::date, 'retention', null, $3::text, $4::uuid)`,
    [siteId, day, tx.principal.via, tx.principal.correlation],
  );
  return rows[0]!;
}

/** Tenants that still have something on the day. Needs no binding. */
export async function selectDayTenants(db: Queryable, day: string, what: "events" | "images"): Promise<string[]> {
  const { rows } = await db.query<{ tenantId: string }>(
    `select distinct tenant_id as "tenantId"
       from app.day_sites($1::date)
      where not events_erased and ($2::text = 'events' or not images_erased)
      order by 1`,
    [day, what],
  );
  return rows.map((row) => row.tenantId);
}

export type Compaction = {
  outcome: "nothing" | "rewritten" | "kept-dead";
  bytesBefore: number | null;
  bytesAfter: number | null;
};

export async function callCompactDay(db: Queryable, day: string): Promise<Compaction> {
  const { rows } = await db.query<Compaction>(
    `select outcome, bytes_before as "bytesBefore", bytes_after as "bytesAfter" from app.compact_day($1::date)`,
    [day],
  );
  return rows[0]!;
}

export async function callMakePartitions(db: Queryable, daysAhead: number): Promise<number> {
  const { rows } = await db.query<{ made: number }>(
    `select app.make_partitions(ledger.utc_day(clock_timestamp()) - 1, ledger.utc_day(clock_timestamp()) + $1::int) as made`,
    [daysAhead],
  );
  return rows[0]!.made;
}

export async function selectPartitionedDays(db: Queryable): Promise<{ parent: string; day: string; age: number }[]> {
  const { rows } = await db.query<{ parent: string; day: string; age: number }>(
    `select parent, day::text, ledger.utc_day(clock_timestamp()) - day as age from app.partitioned_days()`,
  );
  return rows;
}

export async function callDropDay(db: Queryable, day: string): Promise<string> {
  const { rows } = await db.query<{ outcome: string }>(`select app.drop_day($1::date) as outcome`, [day]);
  return rows[0]!.outcome;
}

export async function callDropKeysDay(db: Queryable, day: string): Promise<string> {
  const { rows } = await db.query<{ outcome: string }>(`select app.drop_keys_day($1::date) as outcome`, [day]);
  return rows[0]!.outcome;
}

export async function callExpireDeadLetters(tx: TenantTx, limit: number): Promise<number> {
  const { rows } = await tx.query<{ letters: number }>(
    `select letters from ledger.expire_dead_letters($1::int, $2::text, $3::uuid)`,
    [limit, tx.principal.via, tx.principal.correlation],
  );
  return rows[0]!.letters;
}
