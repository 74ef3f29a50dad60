import type { TenantTx } from "../audit/index.ts";
import {
  byCount,
  byId,
  byText,
  byTime,
  byTimeOrNever,
  keyset,
  type ListOrder,
  type Page,
  type Placed,
} from "../platform/sorted-list.ts";
import type { StoredRequest } from "./schema.ts";

export type ExportState = "ready" | "running" | "done" | "failed" | "expired";
export type ExportPart = { bytes: number; sha256: string };

export type Export = {
  exportId: string;
  state: ExportState;
  scope: StoredRequest;
  bytes: number | null;
  events: number | null;
  images: number | null;
  parts: ExportPart[] | null;
  encrypted: boolean;
  checkpointSize: number | null;
  madeBy: { type: string; id: string };
  createdAt: string;
  finishedAt: string | null;
  expiresAt: string | null;
  error: string | null;
  /** Of its task; total is null until it is known. */
  done: number;
  total: number | null;
  /** Null once the task is forgotten. */
  taskId: string | null;
};

// Running is what its task says: writing it would cost a ledger row.
const state = "case when x.state = 'ready' and t.state = 'running' then 'running' else x.state end";
const columns = `x.export_id as "exportId",
  ${state} as state,
  x.scope, x.bytes, x.events, x.images, x.parts, x.encrypted, x.checkpoint_size as "checkpointSize",
  json_build_object('type', x.made_by_type, 'id', x.made_by) as "madeBy",
  ledger.timestamp_text(x.created_at) as "createdAt", ledger.timestamp_text(x.finished_at) as "finishedAt",
  ledger.timestamp_text(x.expires_at) as "expiresAt", coalesce(x.error, case when x.state = 'ready' then t.note end) as error,
  coalesce(t.done, 0) as done, t.total, t.task_id as "taskId"`;
const from = `exports x left join lateral (
    select k.task_id, k.state, k.note, k.done, k.total from tasks k
     where k.tenant_id = x.tenant_id and k.kind = 'evidence.export' and k.key = x.export_id::text
     order by k.created_at desc limit 1) t on true`;

export async function insertExport(tx: TenantTx, exportId: string, scope: StoredRequest): Promise<void> {
  const { tenantId, actor } = tx.principal;
  await tx.query(
    `insert into exports (tenant_id, export_id, scope, made_by_type, made_by, encrypted)
     values ($1::uuid, $2::uuid, $3::json, $4::text, $5::text, $6::boolean)`,
    [
      tenantId,
      exportId,
      JSON.stringify(scope),
      actor.type,
      actor.id,
      Boolean(scope.recipient ?? scope.sealedPassphrase),
    ],
  );
}

/** Counts one more export of the tenant's day. False when the day's quota is used up: then nothing is counted. */
export async function takeQuota(tx: TenantTx): Promise<boolean> {
  const { rows } = await tx.query<{ exports: number }>(
    `insert into tenant_usage as u (tenant_id, day, exports)
     select tenant_id, ledger.utc_day(clock_timestamp()), 1 from tenants where tenant_id = $1::uuid and export_quota_per_day >= 1
     on conflict (tenant_id, day) do update set exports = u.exports + 1
       where u.exports < (select export_quota_per_day from tenants where tenant_id = $1::uuid)
     returning exports`,
    [tx.principal.tenantId],
  );
  return rows.length > 0;
}

export async function selectExport(tx: TenantTx, exportId: string): Promise<Export | undefined> {
  const { rows } = await tx.query<Export>(
    `select ${columns} from ${from} where x.tenant_id = $1::uuid and x.export_id = $2::uuid`,
    [tx.principal.tenantId, exportId],
  );
  return rows[0];
}

export const EXPORT_ORDER: ListOrder = {
  id: byId("x.export_id"),
  keys: {
    state: byText(state),
    events: byCount("x.events"),
    bytes: byCount("x.bytes"),
    createdAt: byTime("x.created_at"),
    finishedAt: byTimeOrNever("x.finished_at"),
    expiresAt: byTimeOrNever("x.expires_at"),
  },
  first: "-createdAt",
};

export async function selectExports(tx: TenantTx, page: Page): Promise<{ exports: Export[]; next: string | null }> {
  const { place, after, order, values, cut } = keyset(EXPORT_ORDER, page, 2);
  const { rows } = await tx.query<Export & Placed>(
    `select ${columns}, ${place}
       from ${from}
      where x.tenant_id = $1::uuid and ${after}
      order by ${order}`,
    [tx.principal.tenantId, ...values],
  );
  return cut("exports", rows);
}

export async function selectWrappedKey(tx: TenantTx, exportId: string): Promise<Buffer | undefined> {
  const { rows } = await tx.query<{ wrappedKey: Buffer | null }>(
    `select wrapped_key as "wrappedKey"
       from exports
      where tenant_id = $1::uuid and export_id = $2::uuid and state = 'done' and expires_at > clock_timestamp()`,
    [tx.principal.tenantId, exportId],
  );
  return rows[0]?.wrappedKey ?? undefined;
}

export type FinishedExport = {
  path: string;
  parts: ExportPart[];
  events: number;
  images: number;
  subjects: Buffer[];
  checkpointSize: number;
  wrappedKey: Buffer;
  keepDays: number;
};

/** False when it is not open any more. */
export async function updateDone(tx: TenantTx, exportId: string, finished: FinishedExport): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update exports
        set state = 'done', path = $3::text, bytes = $4::bigint, sha256 = $5::bytea, parts = $6::json, events = $7::bigint,
            images = $8::bigint, subjects = $9::bytea[], checkpoint_size = $10::bigint, wrapped_key = $11::bytea,
            finished_at = clock_timestamp(), expires_at = clock_timestamp() + make_interval(days => $12::int),
            scope = (scope::jsonb - 'sealedPassphrase')::json, error = null
      where tenant_id = $1::uuid and export_id = $2::uuid and state = 'ready'`,
    [
      tx.principal.tenantId,
      exportId,
      finished.path,
      finished.parts.reduce((sum, part) => sum + part.bytes, 0),
      Buffer.from(finished.parts[0]!.sha256, "hex"),
      JSON.stringify(finished.parts),
      finished.events,
      finished.images,
      finished.subjects,
      finished.checkpointSize,
      finished.wrappedKey,
      finished.keepDays,
    ],
  );
  return rowCount === 1;
}

/** Whether someone asked for an erasure after the row that the bundle stands under: it may show what must go. */
export async function selectErasureSince(tx: TenantTx, seq: number): Promise<boolean> {
  const { rows } = await tx.query<{ found: boolean }>(
    "select exists (select from erasure_requests where tenant_id = $1::uuid and seq > $2::bigint) as found",
    [tx.principal.tenantId, seq],
  );
  return rows[0]!.found;
}

export async function updateFailed(tx: TenantTx, exportId: string, error: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update exports
        set state = 'failed', error = $3::text, finished_at = clock_timestamp(),
            scope = (scope::jsonb - 'sealedPassphrase')::json
      where tenant_id = $1::uuid and export_id = $2::uuid and state = 'ready'`,
    [tx.principal.tenantId, exportId, error],
  );
  return rowCount === 1;
}

/** Exports whose time is over, or that an erasure ended, and whose files may still be there. */
export async function selectExpired(tx: TenantTx): Promise<string[]> {
  const { rows } = await tx.query<{ exportId: string }>(
    `select export_id as "exportId"
       from exports
      where tenant_id = $1::uuid
        and ((state = 'done' and expires_at <= clock_timestamp()) or (state = 'expired' and path is not null))
      order by export_id`,
    [tx.principal.tenantId],
  );
  return rows.map((row) => row.exportId);
}

export async function updateExpired(tx: TenantTx, exportId: string): Promise<void> {
  await tx.query(
    `update exports set state = 'expired', path = null, wrapped_key = null
      where tenant_id = $1::uuid and export_id = $2::uuid`,
    [tx.principal.tenantId, exportId],
  );
}

/** Ids whose folder may exist: being made, or finished and kept. */
export async function selectKept(tx: TenantTx): Promise<Set<string>> {
  const { rows } = await tx.query<{ exportId: string }>(
    `select export_id as "exportId" from exports where tenant_id = $1::uuid and (state in ('ready', 'running') or path is not null)`,
    [tx.principal.tenantId],
  );
  return new Set(rows.map((row) => row.exportId));
}
