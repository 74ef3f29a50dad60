import type { Queryable } from "../platform/db.ts";

/** All reads bind the tenant first: they see its rows alone. Times are in the ledger's form, hashes are hex unless said. */
export type ChainHead = { epoch: number; seq: number; hash: string; at: string; control: number };
export type StoredCheckpoint = { epoch: number; size: number; root: Buffer; sealed: string; note: string };
/**
 * Consecutive rows as one text, since the driver's cost per row would be most of a walk. `fields`: rows separated by |, each
 * with its columns in the order of the hashed lines: `epoch <n>` LF `seq <n>` LF, the time as Postgres prints it LF, `actor …`
 * to `control …` as hashed, the commit lines, |, the unit lines. `hashes`: hex, 64 digits a row. `prevs`: the same, or the first
 * row's alone when each other one equals the stored hash before it. `whole`: how many have no null and hashes of 32 bytes.
 */
export type RowChunk = { fields: string; prevs: string; hashes: string; count: number; whole: number };

export async function readHead(tx: Queryable, tenantId: string): Promise<ChainHead | undefined> {
  const { rows } = await tx.query<ChainHead>(
    `select epoch, seq, encode(hash, 'hex') as hash, control,
            to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at
       from ledger.chain_heads
      where tenant_id = $1::uuid`,
    [tenantId],
  );
  return rows[0];
}

/** So few rows make a text that fits into one read of the socket: longer ones are copied, and are garbage of another kind. */
export const rowsPerChunk = 64;

/**
 * Rows with from ≤ seq ≤ to, in chunks of `rowsPerChunk` seqs each. Plain columns and built-in functions only: verification must
 * not trust ledger.row_lines, which a superuser could replace. A column that holds what separates columns or rows makes a row
 * longer than the grammar allows.
 */
export async function readRowChunks(tx: Queryable, tenantId: string, from: number, to: number): Promise<RowChunk[]> {
  const { rows } = await tx.query<RowChunk>(
    `select coalesce(c.fields, '') as fields, c.count, c.whole, coalesce(encode(c.hashes, 'hex'), '') as hashes,
            coalesce(encode(case when substr(c.prevs, 33) = substr(c.hashes, 1, greatest(octet_length(c.hashes) - 32, 0))
                                 then substr(c.prevs, 1, 32) else c.prevs end, 'hex'), '') as prevs
       from generate_series($2::bigint, $3::bigint, ${rowsPerChunk}) g (first) cross join lateral (
            select string_agg(t.fields, '|') as fields, count(*)::int as count,
                   (count(t.fields) filter (where octet_length(t.prev) = 32 and octet_length(t.row_hash) = 32))::int as whole,
                   string_agg(t.prev, ''::bytea) as prevs, string_agg(t.row_hash, ''::bytea) as hashes
              from (select r.prev::bytea as prev, r.row_hash::bytea as row_hash,
                           'epoch ' || r.epoch || E'\\nseq ' || r.seq || E'\\n' || r.at || E'\\nactor ' || r.actor_type || ' ' || r.actor_id
                           || E'\\nvia ' || r.via || E'\\naction ' || r.action || E'\\nentity ' || r.entity_type || ' ' || r.entity_id
                           || E'\\ncorrelation ' || r.correlation || E'\\ncontrol ' || r.control || E'\\n'
                           || r.commits || '|' || r.units as fields
                      from ledger.rows r
                     where r.tenant_id = $1::uuid and r.seq between g.first and least(g.first + ${rowsPerChunk - 1}, $3::bigint)
                     order by r.seq) t) c
      order by g.first`,
    [tenantId, from, to],
  );
  return rows;
}

/** Row hashes of from..to, 32 bytes each, ascending. Throws when one is missing. */
export async function readRowHashes(tx: Queryable, tenantId: string, from: number, to: number): Promise<Buffer> {
  if (to < from) return Buffer.alloc(0);
  const { rows } = await tx.query<{ hashes: Buffer | null }>(
    `select string_agg(t.row_hash, ''::bytea) as hashes
       from (select row_hash::bytea as row_hash from ledger.rows
              where tenant_id = $1::uuid and seq between $2::bigint and $3::bigint order by seq) t`,
    [tenantId, from, to],
  );
  const hashes = rows[0]?.hashes ?? Buffer.alloc(0);
  const count = to - from + 1;
  if (hashes.length !== 32 * count) {
    throw new Error(`tenant ${tenantId}: found ${hashes.length / 32} rows from ${from} to ${to}, expected ${count}`);
  }
  return hashes;
}

export async function readTile(
  tx: Queryable,
  tenantId: string,
  level: number,
  index: number,
): Promise<Buffer | undefined> {
  const { rows } = await tx.query<{ hashes: Buffer }>(
    `select hashes from ledger.tiles where tenant_id = $1::uuid and level = $2::int and index = $3::bigint`,
    [tenantId, level, index],
  );
  return rows[0]?.hashes;
}

export async function countTiles(tx: Queryable, tenantId: string, level: number): Promise<number> {
  const { rows } = await tx.query<{ next: number }>(
    `select coalesce(max(index) + 1, 0) as next from ledger.tiles where tenant_id = $1::uuid and level = $2::int`,
    [tenantId, level],
  );
  return rows[0]!.next;
}

export async function insertTiles(
  tx: Queryable,
  tenantId: string,
  tiles: readonly { level: number; index: number; hashes: Uint8Array }[],
): Promise<void> {
  await tx.query(
    `insert into ledger.tiles (tenant_id, level, index, hashes)
     select $1::uuid, t.level, t.index, t.hashes from unnest($2::int[], $3::bigint[], $4::bytea[]) t(level, index, hashes)`,
    [
      tenantId,
      tiles.map(({ level }) => level),
      tiles.map(({ index }) => index),
      tiles.map(({ hashes }) => Buffer.from(hashes.buffer, hashes.byteOffset, hashes.byteLength)),
    ],
  );
}

const CHECKPOINT = `epoch, size, root, note,
  to_char(sealed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as sealed`;

export async function newestCheckpoint(tx: Queryable, tenantId: string): Promise<StoredCheckpoint | undefined> {
  const { rows } = await tx.query<StoredCheckpoint>(
    `select ${CHECKPOINT} from ledger.checkpoints
      where tenant_id = $1::uuid order by epoch desc, size desc, sealed_at desc limit 1`,
    [tenantId],
  );
  return rows[0];
}

/** The next checkpoints after (epoch, size, sealed), in that order. */
export async function checkpointsAfter(
  tx: Queryable,
  tenantId: string,
  after: { epoch: number; size: number; sealed: string },
  limit: number,
): Promise<StoredCheckpoint[]> {
  const { rows } = await tx.query<StoredCheckpoint>(
    `select ${CHECKPOINT} from ledger.checkpoints
      where tenant_id = $1::uuid and (epoch, size, sealed_at) > ($2::int, $3::bigint, $4::timestamptz)
      order by epoch, size, sealed_at limit $5::int`,
    [tenantId, after.epoch, after.size, after.sealed, limit],
  );
  return rows;
}

export async function insertCheckpoint(
  tx: Queryable,
  tenantId: string,
  checkpoint: Omit<StoredCheckpoint, "root"> & { root: Uint8Array },
): Promise<void> {
  await tx.query(
    `insert into ledger.checkpoints (tenant_id, epoch, size, root, sealed_at, note)
     values ($1::uuid, $2::int, $3::bigint, $4::bytea, $5::timestamptz, $6::text)`,
    [tenantId, checkpoint.epoch, checkpoint.size, Buffer.from(checkpoint.root), checkpoint.sealed, checkpoint.note],
  );
}

export async function insertHmacs(tx: Queryable, tenantId: string, from: number, hmacs: Buffer[]): Promise<void> {
  await tx.query(
    `insert into ledger.row_hmacs (tenant_id, seq, hmac)
     select $1::uuid, $2::bigint + h.ord - 1, h.hmac from unnest($3::bytea[]) with ordinality h(hmac, ord)`,
    [tenantId, from, hmacs],
  );
}

export async function lastHmacSeq(tx: Queryable, tenantId: string): Promise<number> {
  const { rows } = await tx.query<{ seq: number }>(
    `select coalesce(max(seq), 0) as seq from ledger.row_hmacs where tenant_id = $1::uuid`,
    [tenantId],
  );
  return rows[0]!.seq;
}

/** Whether this session is now the tenant's only sealer; until `releaseSealLock`, or its connection's end. */
export async function trySealLock(session: Queryable, tenantId: string): Promise<boolean> {
  const { rows } = await session.query<{ locked: boolean }>(
    `select pg_try_advisory_lock(hashtext('ledgerstone.seal'), hashtext($1::text)) as locked`,
    [tenantId],
  );
  return rows[0]!.locked;
}

export async function releaseSealLock(session: Queryable, tenantId: string): Promise<void> {
  await session.query("select pg_advisory_unlock(hashtext('ledgerstone.seal'), hashtext($1::text))", [tenantId]);
}

/** One snapshot for the whole transaction, and no writing. First statement of it. */
export async function freezeSnapshot(tx: Queryable): Promise<void> {
  await tx.query("set transaction isolation level repeatable read, read only");
}

/** Where a walk stands that has just taken row `seq`, as that row's columns say. */
export async function readWalkState(tx: Queryable, tenantId: string, seq: number): Promise<ChainHead | undefined> {
  const { rows } = await tx.query<ChainHead>(
    `select epoch, seq, encode(row_hash, 'hex') as hash,
            case when starts_with(action, 'ledger.') then seq else control end as control,
            to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at
       from ledger.rows
      where tenant_id = $1::uuid and seq = $2::bigint`,
    [tenantId, seq],
  );
  return rows[0];
}

/** Rows that the tenant's policy shows: a hidden or missing one makes this less than the head's seq. */
export async function countRows(tx: Queryable, tenantId: string): Promise<number> {
  const { rows } = await tx.query<{ count: number }>(
    `select count(*) as count from ledger.rows where tenant_id = $1::uuid`,
    [tenantId],
  );
  return rows[0]!.count;
}

/** Tiles of one level from..to that are stored, by index. */
export async function readTiles(
  tx: Queryable,
  tenantId: string,
  level: number,
  indices: { from: number; to: number },
): Promise<Map<number, Buffer>> {
  const { rows } = await tx.query<{ index: number; hashes: Buffer }>(
    `select index, hashes from ledger.tiles
      where tenant_id = $1::uuid and level = $2::int and index between $3::bigint and $4::bigint`,
    [tenantId, level, indices.from, indices.to],
  );
  return new Map(rows.map(({ index, hashes }) => [index, hashes]));
}

/** SHA-256 (hex) of the tiles from..to of one level that are stored, by index. */
export async function readTileDigests(
  tx: Queryable,
  tenantId: string,
  level: number,
  indices: { from: number; to: number },
): Promise<Map<number, string>> {
  const { rows } = await tx.query<{ index: number; digest: string }>(
    `select index, encode(sha256(hashes), 'hex') as digest from ledger.tiles
      where tenant_id = $1::uuid and level = $2::int and index between $3::bigint and $4::bigint`,
    [tenantId, level, indices.from, indices.to],
  );
  return new Map(rows.map(({ index, digest }) => [index, digest]));
}

export async function lastSeq(tx: Queryable, tenantId: string): Promise<number> {
  const { rows } = await tx.query<{ seq: number }>(
    `select seq from ledger.rows where tenant_id = $1::uuid order by seq desc limit 1`,
    [tenantId],
  );
  return rows[0]?.seq ?? 0;
}
