import type { Queryable } from "../platform/db.ts";

export type StoredOpening = { seq: number; unit: string; hash: string; salt: Buffer; content: string };
export type StoredBatch = {
  seq: number;
  batchId: string;
  received: string;
  hash: string;
  salt: Buffer;
  content: string;
};
export type StoredTombstone = { seq: number; at: string; commits: string; list: string | null; reason: string | null };
export type StoredControl = { seq: number; action: string; entityId: string; content: string };

const TIME = `'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'`;

export async function readOpenings(
  tx: Queryable,
  tenantId: string,
  from: number,
  to: number,
): Promise<StoredOpening[]> {
  const { rows } = await tx.query<StoredOpening>(
    `select seq, unit, encode(unit_hash, 'hex') as hash, salt, content
       from ledger.openings
      where tenant_id = $1::uuid and seq between $2::bigint and $3::bigint
      order by seq, unit collate "C"`,
    [tenantId, from, to],
  );
  return rows;
}

/** Batches of the rows from..to, which were appended between the two times: `received` is at most ten minutes older. */
export async function readBatches(
  tx: Queryable,
  tenantId: string,
  rows: { from: number; to: number; fromAt: string; toAt: string },
): Promise<StoredBatch[]> {
  const found = await tx.query<StoredBatch>(
    `select batch_seq as seq, batch_id as "batchId", encode(unit_hash, 'hex') as hash, salt, content,
            to_char(received at time zone 'UTC', ${TIME}) as received
       from batches
      where tenant_id = $1::uuid and batch_seq between $2::bigint and $3::bigint
        and received between $4::timestamptz - interval '11 minutes' and $5::timestamptz
      order by batch_seq`,
    [tenantId, rows.from, rows.to, rows.fromAt, rows.toAt],
  );
  return found.rows;
}

export async function readTombstones(tx: Queryable, tenantId: string): Promise<StoredTombstone[]> {
  const { rows } = await tx.query<StoredTombstone>(
    `select r.seq, to_char(r.at at time zone 'UTC', ${TIME}) as at, r.commits, l.content as list, w.content as reason
       from ledger.rows r
       left join ledger.openings l on l.tenant_id = r.tenant_id and l.seq = r.seq and l.unit = 'list'
       left join ledger.openings w on w.tenant_id = r.tenant_id and w.seq = r.seq and w.unit = 'reason'
      where r.tenant_id = $1::uuid and r.action = 'ledger.erased'
      order by r.seq`,
    [tenantId],
  );
  return rows;
}

/** Units `policy` and `hold` of the chain's control rows. */
export async function readPoliciesAndHolds(tx: Queryable, tenantId: string): Promise<StoredControl[]> {
  const { rows } = await tx.query<StoredControl>(
    `select r.seq, r.action, r.entity_id as "entityId", o.content
       from ledger.rows r
       join ledger.openings o on o.tenant_id = r.tenant_id and o.seq = r.seq and o.unit in ('policy', 'hold')
      where r.tenant_id = $1::uuid and r.action in ('ledger.policy', 'ledger.hold.placed', 'ledger.hold.released')
      order by r.seq`,
    [tenantId],
  );
  return rows;
}

/** Whether a row `erasure.requested` of this request stands before `seq`. */
export async function wasRequested(tx: Queryable, tenantId: string, request: string, seq: number): Promise<boolean> {
  const { rows } = await tx.query<{ requested: boolean }>(
    `select exists (select from ledger.rows
                     where tenant_id = $1::uuid and action = 'erasure.requested' and entity_type = 'request'
                       and entity_id = $2::text and seq < $3::bigint) as requested`,
    [tenantId, request, seq],
  );
  return rows[0]!.requested;
}
