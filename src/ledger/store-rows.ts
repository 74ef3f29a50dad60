import type { TenantTx } from "../audit/index.ts";
import type { RowDetail } from "./schema.ts";

export type StoredRow = {
  seq: number;
  epoch: number;
  at: string;
  actorType: string;
  actorId: string;
  via: RowDetail["via"];
  action: string;
  entityType: string;
  entityId: string;
  correlation: string;
  hash: string;
};

/** Null: anything. `below` and `above` are exclusive. */
export type RowFilter = {
  actorType: string | null;
  actorIds: readonly string[] | null;
  actions: readonly string[] | null;
  via: string | null;
  entityType: string | null;
  entityId: string | null;
  above: number;
  below: number;
};

const columns = `r.seq, r.epoch, ledger.timestamp_text(r.at) as at, r.actor_type as "actorType", r.actor_id as "actorId", r.via, r.action,
  r.entity_type as "entityType", r.entity_id as "entityId", r.correlation, encode(r.row_hash, 'hex') as hash`;

// What is null is gone from the plan: an unnamed statement is planned with its values.
const conditions = `r.tenant_id = $1::uuid and r.seq > $2::bigint and r.seq < $3::bigint
  and ($5::text is null or r.actor_type = $5::text) and ($6::text is null or r.via = $6::text)
  and ($7::text is null or r.entity_type = $7::text) and ($8::text is null or r.entity_id = $8::text)`;

/** Newest first. Several actions or actors: each one's own index, merged, so that none is sorted that no page shows. */
export async function selectRows(tx: TenantTx, filter: RowFilter, limit: number): Promise<StoredRow[]> {
  const { actions, actorIds } = filter;
  const values = [
    tx.principal.tenantId,
    ...[filter.above, filter.below, limit, filter.actorType, filter.via, filter.entityType, filter.entityId],
  ];
  const newest = "order by r.seq desc limit $4::int";
  const [many, column] = actorIds ? [actorIds, "actor_id"] : [actions, "action"];
  if (!many) return read(tx, `select ${columns} from ledger.rows r where ${conditions} ${newest}`, values);
  const both = actorIds && actions;
  return read(
    tx,
    `select ${columns}
       from unnest($9::text[]) p(value) cross join lateral (
         select * from ledger.rows r
          where ${conditions} and r.${column} = p.value ${both ? "and r.action = any($10::text[])" : ""} ${newest}) r
      ${newest}`,
    [...values, many, ...(both ? [actions] : [])],
  );
}

async function read(tx: TenantTx, statement: string, values: unknown[]): Promise<StoredRow[]> {
  return (await tx.query<StoredRow>(statement, values)).rows;
}

/** Rows of from ≤ at < to, as numbers beside them; times never fall from row to row. Null: no such row. */
export async function selectBounds(
  tx: TenantTx,
  { from, to }: { from: string | null; to: string | null },
): Promise<{ first: number | null; last: number | null }> {
  const { rows } = await tx.query<{ first: number | null; last: number | null }>(
    `select case when $2::timestamptz is null then 1
                 else (select seq from ledger.rows where tenant_id = $1::uuid and at >= $2::timestamptz order by at, seq limit 1) end as first,
            case when $3::timestamptz is null then (select seq from ledger.chain_heads where tenant_id = $1::uuid)
                 else (select seq from ledger.rows where tenant_id = $1::uuid and at < $3::timestamptz
                        order by at desc, seq desc limit 1) end as last`,
    [tx.principal.tenantId, from, to],
  );
  return rows[0]!;
}

/** Every action of the chain, one look into the index for each. */
export async function selectActions(tx: TenantTx): Promise<string[]> {
  const { rows } = await tx.query<{ action: string }>(
    `with recursive known (action) as (
       (select action from ledger.rows where tenant_id = $1::uuid order by action limit 1)
       union all
       select (select r.action from ledger.rows r where r.tenant_id = $1::uuid and r.action > k.action order by r.action limit 1)
         from known k where k.action is not null)
     select action from known where action is not null`,
    [tx.principal.tenantId],
  );
  return rows.map(({ action }) => action);
}

export type WholeRow = StoredRow & {
  prev: string;
  control: number;
  lines: string;
  commits: string;
  units: string;
  last: number;
};

export async function selectRow(tx: TenantTx, seq: number): Promise<WholeRow | undefined> {
  const { rows } = await tx.query<WholeRow>(
    `select ${columns}, encode(r.prev, 'hex') as prev, r.control, r.commits, r.units, h.seq as last,
            ledger.row_lines(r.tenant_id, r.epoch, r.seq, r.prev, r.at, r.actor_type, r.actor_id, r.via, r.action, r.entity_type,
                             r.entity_id, r.correlation, r.control, r.commits, r.units) as lines
       from ledger.rows r join ledger.chain_heads h on h.tenant_id = r.tenant_id
      where r.tenant_id = $1::uuid and r.seq = $2::bigint`,
    [tx.principal.tenantId, seq],
  );
  return rows[0];
}

export type Opening = { unit: string; salt: string; content: string };

/** What is left of a row's units; a batch keeps its own, beside its day. */
export async function selectOpenings(tx: TenantTx, { seq, at }: { seq: number; at: string }): Promise<Opening[]> {
  const { rows } = await tx.query<Opening>(
    `select unit, encode(salt, 'hex') as salt, content from ledger.openings where tenant_id = $1::uuid and seq = $2::bigint
     union all
     select 'batch', encode(salt, 'hex'), content from batches
      where tenant_id = $1::uuid and batch_seq = $2::bigint
        and received >= $3::timestamptz - interval '10 minutes' and received <= $3::timestamptz`,
    [tx.principal.tenantId, seq, at],
  );
  return rows;
}

export type TombstoneOfUnit = { seq: number; erasureId: string; basis: string; at: string };

/** The tombstones whose lists name a unit of a row, oldest first. */
export async function selectTombstonesOf(
  tx: TenantTx,
  { seq, unit }: { seq: number; unit: string },
): Promise<TombstoneOfUnit[]> {
  const { rows } = await tx.query<TombstoneOfUnit>(
    `select e.seq, e.erasure_id as "erasureId", e.basis, ledger.timestamp_text(e.at) as at
       from erasures e join ledger.openings l on l.tenant_id = e.tenant_id and l.seq = e.seq and l.unit = 'list'
      where e.tenant_id = $1::uuid and e.seq > $2::bigint and e.openings > 0
        and (strpos(chr(10) || l.content, chr(10) || 'opening ' || $2::bigint || ' ' || $3::text || ' ') > 0
          or exists (select from regexp_matches(l.content, '^openings (\\d+) (\\d+) (\\S+) ', 'gn') m
                      where m[3] = $3::text and $2::bigint between m[1]::bigint and m[2]::bigint))
      order by e.seq limit 5`,
    [tx.principal.tenantId, seq, unit],
  );
  return rows;
}

/** The tombstones that can have taken the last event of a batch, newest first: of its day, or of single events. */
export async function selectTombstonesOfBatch(
  tx: TenantTx,
  row: { seq: number; at: string },
): Promise<TombstoneOfUnit[]> {
  const { rows } = await tx.query<TombstoneOfUnit>(
    `select e.seq, e.erasure_id as "erasureId", e.basis, ledger.timestamp_text(e.at) as at
       from erasures e join ledger.openings l on l.tenant_id = e.tenant_id and l.seq = e.seq and l.unit = 'list'
      where e.tenant_id = $1::uuid and e.seq > $2::bigint
        and ((e.what in ('day', 'site-day') and e.day = ledger.utc_day($3::timestamptz))
          or (e.what = 'events' and strpos(chr(10) || l.content, chr(10) || 'event ' || $2::bigint || ' ') > 0))
      order by e.seq desc limit 5`,
    [tx.principal.tenantId, row.seq, row.at],
  );
  return rows;
}
