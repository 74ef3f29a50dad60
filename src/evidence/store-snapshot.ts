import type { TenantTx } from "../audit/index.ts";
import type { Tx } from "../platform/db.ts";

// What a bundle is made of, read in pages inside one REPEATABLE READ transaction. Bytes come as Buffers, times as hashed.

export type Site = { siteId: string; name: string; timeZone: string };

export async function selectAllSites(tx: TenantTx): Promise<Site[]> {
  const { rows } = await tx.query<Site>(
    `select site_id as "siteId", name, time_zone as "timeZone"
       from sites
      where tenant_id = $1::uuid
      order by site_id`,
    [tx.principal.tenantId],
  );
  return rows;
}

export async function selectTenantName(tx: TenantTx): Promise<string> {
  const { rows } = await tx.query<{ name: string }>("select name from tenants where tenant_id = $1::uuid", [
    tx.principal.tenantId,
  ]);
  return rows[0]!.name;
}

/** First and last row of what was received in from..to: batches by their `received`, other rows by their `at`. */
export async function selectRowRange(
  tx: TenantTx,
  from: string,
  to: string,
): Promise<{ first?: number; last?: number }> {
  const { rows } = await tx.query<{ first: number | null; last: number | null }>(
    `select (select seq from ledger.rows
              where tenant_id = $1::uuid and at >= $2::timestamptz
              order by at, seq limit 1) as first,
            greatest(
              (select seq from ledger.rows
                where tenant_id = $1::uuid and at < $3::timestamptz
                order by at desc, seq desc limit 1),
              (select max(batch_seq) from batches
                where tenant_id = $1::uuid and received < $3::timestamptz
                  and received >= $3::timestamptz - interval '10 minutes')) as last`,
    [tx.principal.tenantId, from, to],
  );
  const { first, last } = rows[0]!;
  return { first: first ?? undefined, last: last ?? undefined };
}

export type EventBatch = { eventId: string; seq: number; received: string };

/** The batches of these events; an event that was erased, or never was, is missing. */
export async function selectEventBatches(tx: TenantTx, eventIds: string[]): Promise<EventBatch[]> {
  const { rows } = await tx.query<EventBatch>(
    `select e.event_id as "eventId", b.batch_seq as seq, ledger.timestamp_text(e.received) as received
       from event_keys k
       join events e on e.tenant_id = k.tenant_id and e.received = k.received and e.event_id = k.event_id
       join batches b on b.tenant_id = e.tenant_id and b.received = e.received and b.batch_id = e.batch_id
      where k.tenant_id = $1::uuid and k.event_id = any($2::uuid[])`,
    [tx.principal.tenantId, eventIds],
  );
  return rows;
}

/** Between which instants the batches of these rows were received: `at` is at most ten minutes later. */
export async function selectReceivedBounds(
  tx: TenantTx,
  seqs: [number, number],
): Promise<{ from: string; to: string }> {
  const { rows } = await tx.query<{ from: string; to: string }>(
    `select ledger.timestamp_text(min(at) - interval '10 minutes') as from, ledger.timestamp_text(max(at)) as to
       from ledger.rows
      where tenant_id = $1::uuid and seq = any($2::bigint[])`,
    [tx.principal.tenantId, seqs],
  );
  return rows[0]!;
}

/**
 * Locks the day partitions between two instants against TRUNCATE and DROP until the transaction ends: a query takes ACCESS
 * SHARE on the partitions that its plan keeps, and the application has no grant to lock them by name.
 */
export async function sharePartitions(tx: TenantTx, { from, to }: { from: string; to: string }): Promise<void> {
  await tx.query("set local idle_in_transaction_session_timeout = 0");
  for (const table of ["events", "images", "batches", "batch_sites", "event_subjects"]) {
    await tx.query(`select 1 from ${table} where received >= $1::timestamptz and received <= $2::timestamptz limit 0`, [
      from,
      to,
    ]);
  }
}

export type CheckpointRow = { epoch: number; size: number; root: Buffer; note: string; sealedAt: string };

export async function selectNewestCheckpoint(tx: TenantTx): Promise<CheckpointRow | undefined> {
  const { rows } = await tx.query<CheckpointRow>(
    `select epoch, size, root, note, ledger.timestamp_text(sealed_at) as "sealedAt"
       from ledger.checkpoints
      where tenant_id = $1::uuid
      order by epoch desc, size desc, sealed_at desc
      limit 1`,
    [tx.principal.tenantId],
  );
  return rows[0];
}

/** The latest control row of the whole chain as this snapshot shows it. */
export async function selectLastControl(tx: TenantTx): Promise<number> {
  const { rows } = await tx.query<{ control: number }>(
    "select control from ledger.chain_heads where tenant_id = $1::uuid",
    [tx.principal.tenantId],
  );
  return rows[0]!.control;
}

/** Every control row up to `seq`, ascending, by following the control pointers back to 0. */
export async function selectControlRows(tx: TenantTx, seq: number): Promise<number[]> {
  const { rows } = await tx.query<{ seq: number }>(
    `with recursive control (seq, action, previous) as (
       select seq, action, control from ledger.rows where tenant_id = $1::uuid and seq = $2::bigint
       union all
       select r.seq, r.action, r.control
         from control c join ledger.rows r on r.tenant_id = $1::uuid and r.seq = c.previous
     )
     select seq from control where starts_with(action, 'ledger.') order by seq`,
    [tx.principal.tenantId, seq],
  );
  return rows.map((row) => row.seq);
}

/** Whether a tombstone stands behind row `seq`. */
export async function selectErasedSince(tx: TenantTx, seq: number): Promise<boolean> {
  const { rows } = await tx.query<{ found: boolean }>(
    `with recursive control (action, seq, previous) as (
       select '', control, control from ledger.chain_heads where tenant_id = $1::uuid
       union all
       select r.action, r.seq, r.control
         from control c join ledger.rows r on r.tenant_id = $1::uuid and r.seq = c.previous
        where c.previous > $2::bigint
     )
     select exists (select from control where action = 'ledger.erased') as found`,
    [tx.principal.tenantId, seq],
  );
  return rows[0]!.found;
}

export type CarriedRow = { seq: number; lines: string; hash: Buffer };

export async function selectRows(tx: TenantTx, seqs: number[]): Promise<CarriedRow[]> {
  const { rows } = await tx.query<CarriedRow>(
    `select seq, row_hash as hash,
            ledger.row_lines(tenant_id, epoch, seq, prev, at, actor_type, actor_id, via, action, entity_type, entity_id,
                             correlation, control, commits, units) as lines
       from ledger.rows
      where tenant_id = $1::uuid and seq = any($2::bigint[])
      order by seq`,
    [tx.principal.tenantId, seqs],
  );
  return rows;
}

export type RowOpeningRow = { seq: number; unit: string; salt: Buffer; content: string };

/** The openings of these rows that are still there, the units of batches included; by seq and unit. */
export async function selectRowOpenings(tx: TenantTx, seqs: number[], batches: BatchRow[]): Promise<RowOpeningRow[]> {
  const { rows } = await tx.query<RowOpeningRow>(
    `select seq, unit, salt, content
       from ledger.openings
      where tenant_id = $1::uuid and seq = any($2::bigint[])`,
    [tx.principal.tenantId, seqs],
  );
  for (const { seq, salt, content } of batches) rows.push({ seq, unit: "batch", salt, content });
  return rows.sort((a, b) => a.seq - b.seq || (a.unit < b.unit ? -1 : 1));
}

export type BatchRow = { seq: number; batchId: string; received: string; salt: Buffer; content: string };

/** Batches by their rows, which were appended between `from` and `to`. */
export async function selectBatches(
  tx: TenantTx,
  seqs: number[],
  { from, to }: { from: string; to: string },
): Promise<BatchRow[]> {
  const { rows } = await tx.query<BatchRow>(
    `select batch_seq as seq, batch_id as "batchId", ledger.timestamp_text(received) as received, salt, content
       from batches
      where tenant_id = $1::uuid and received >= $2::timestamptz - interval '10 minutes' and received <= $3::timestamptz
        and batch_seq = any($4::bigint[])
      order by batch_seq`,
    [tx.principal.tenantId, from, to, seqs],
  );
  return rows;
}

export type BatchSiteRow = { batchId: string; siteId: string; leaves: Buffer };

export async function selectBatchSites(tx: TenantTx, batches: BatchRow[]): Promise<BatchSiteRow[]> {
  const { rows } = await tx.query<BatchSiteRow>(
    `select batch_id as "batchId", site_id as "siteId", leaves
       from batch_sites
      where tenant_id = $1::uuid and received = any($2::timestamptz[]) and batch_id = any($3::uuid[])
      order by site_id`,
    [tx.principal.tenantId, batches.map((batch) => batch.received), batches.map((batch) => batch.batchId)],
  );
  return rows;
}

/** The first statements of a transaction: one read-only snapshot for all that follows, all sites of the tenant. */
export async function bindSnapshot(tx: Tx, tenantId: string): Promise<void> {
  await tx.query("set transaction isolation level repeatable read, read only");
  await tx.query("set local idle_in_transaction_session_timeout = 0");
  await tx.query("select app.bind($1::uuid, null)", [tenantId]);
}
