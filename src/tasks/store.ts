import type { TenantTx } from "../audit/index.ts";
import type { Queryable, Tx } from "../platform/db.ts";
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

export type TaskState = "ready" | "running" | "waiting" | "done" | "failed" | "cancelled";

export type Task = {
  tenantId: string;
  taskId: string;
  kind: string;
  /** Ids, days and numbers only. */
  arguments: Record<string, unknown>;
  key: string;
  state: TaskState;
  /** Rises with every claim. */
  fence: number;
  attempts: number;
  done: number;
  total: number | null;
  /** Why it waits or failed. */
  note: string | null;
  result: Record<string, unknown> | null;
  runAfter: string;
  createdAt: string;
  updatedAt: string;
  finishedAt: string | null;
};

export type TaskRef = { tenantId: string; taskId: string; kind: string };
export type Claim = { taskId: string; fence: number };

export async function insertTask(
  tx: TenantTx,
  task: { kind: string; arguments: Record<string, unknown>; key: string; total?: number; runAfterMs?: number },
): Promise<string | undefined> {
  const { rows } = await tx.query<{ taskId: string }>(
    `insert into tasks (tenant_id, kind, arguments, key, total, run_after)
     values ($1::uuid, $2::text, $3::json, $4::text, $5::bigint, clock_timestamp() + make_interval(secs => $6::float8 / 1000))
     on conflict (tenant_id, kind, key) where state in ('ready', 'running', 'waiting') do nothing
     returning task_id as "taskId"`,
    [
      tx.principal.tenantId,
      task.kind,
      JSON.stringify(task.arguments),
      task.key,
      task.total ?? null,
      task.runAfterMs ?? 0,
    ],
  );
  return rows[0]?.taskId;
}

export async function selectOpenTask(tx: TenantTx, kind: string, key: string): Promise<string | undefined> {
  const { rows } = await tx.query<{ taskId: string }>(
    `select task_id as "taskId"
       from tasks
      where tenant_id = $1::uuid and kind = $2::text and key = $3::text and state in ('ready', 'running', 'waiting')`,
    [tx.principal.tenantId, kind, key],
  );
  return rows[0]?.taskId;
}

const columns = `tenant_id as "tenantId", task_id as "taskId", kind, arguments, key, state, fence, attempts, done, total, note,
  result, ledger.timestamp_text(run_after) as "runAfter", ledger.timestamp_text(created_at) as "createdAt",
  ledger.timestamp_text(updated_at) as "updatedAt",
  ledger.timestamp_text(finished_at) as "finishedAt"`;

/** Takes a due task: ready or waiting and its time has come, or running with a lease that ran out. */
export async function claimDueTask(tx: TenantTx, taskId: string, leaseMs: number): Promise<Task | undefined> {
  const { rows } = await tx.query<Task>(
    `update tasks
        set state = 'running', fence = fence + 1, attempts = attempts + 1, updated_at = clock_timestamp(),
            lease_until = clock_timestamp() + make_interval(secs => $3::float8 / 1000)
      where tenant_id = $1::uuid
        and task_id = (select task_id
                         from tasks
                        where tenant_id = $1::uuid and task_id = $2::uuid
                          and ((state in ('ready', 'waiting') and run_after <= clock_timestamp())
                            or (state = 'running' and lease_until < clock_timestamp()))
                          for update skip locked)
      returning ${columns}`,
    [tx.principal.tenantId, taskId, leaseMs],
  );
  return rows[0];
}

/** False when the claim is lost. */
export async function renewLease(
  tx: TenantTx,
  claim: Claim,
  progress: { leaseMs: number; done?: number; total?: number },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update tasks
        set lease_until = clock_timestamp() + make_interval(secs => $4::float8 / 1000), updated_at = clock_timestamp(),
            done = coalesce($5::bigint, done), total = coalesce($6::bigint, total)
      where tenant_id = $1::uuid and task_id = $2::uuid and fence = $3::bigint and state = 'running'`,
    [tx.principal.tenantId, claim.taskId, claim.fence, progress.leaseMs, progress.done ?? null, progress.total ?? null],
  );
  return rowCount === 1;
}

/** Ends a run. False when the claim is lost: then nothing is written. `afterMs` null: until a person resumes it. */
export async function settleTask(
  tx: TenantTx,
  claim: Claim,
  end: {
    state: "ready" | "waiting" | "done" | "failed";
    afterMs?: number | null;
    note?: string;
    result?: Record<string, unknown>;
    resetAttempts?: boolean;
  },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update tasks
        set state = $4::text, note = $5::text, result = coalesce($6::json, result), lease_until = null,
            updated_at = clock_timestamp(),
            finished_at = case when $4::text in ('done', 'failed') then clock_timestamp() end,
            attempts = case when $8::boolean then 0 else attempts end,
            run_after = case when $7::float8 is null then 'infinity'
                             else clock_timestamp() + make_interval(secs => $7::float8 / 1000) end
      where tenant_id = $1::uuid and task_id = $2::uuid and fence = $3::bigint and state = 'running'`,
    [
      tx.principal.tenantId,
      claim.taskId,
      claim.fence,
      end.state,
      end.note ?? null,
      end.result ? JSON.stringify(end.result) : null,
      end.afterMs === undefined ? 0 : end.afterMs,
      end.resetAttempts ?? false,
    ],
  );
  return rowCount === 1;
}

/** Makes waiting tasks due now. Null names every task of the kinds. */
export async function wakeWaiting(tx: TenantTx, kinds: readonly string[], taskId: string | null): Promise<number> {
  const { rowCount } = await tx.query(
    `update tasks
        set run_after = clock_timestamp(), updated_at = clock_timestamp()
      where tenant_id = $1::uuid and kind = any($2::text[]) and state = 'waiting'
        and ($3::uuid is null or task_id = $3::uuid)`,
    [tx.principal.tenantId, kinds, taskId],
  );
  return rowCount ?? 0;
}

export async function selectTask(tx: TenantTx, taskId: string): Promise<Task | undefined> {
  const { rows } = await tx.query<Task>(
    `select ${columns} from tasks where tenant_id = $1::uuid and task_id = $2::uuid`,
    [tx.principal.tenantId, taskId],
  );
  return rows[0];
}

export const TASK_ORDER: ListOrder = {
  id: byId("task_id"),
  keys: {
    kind: byText("kind"),
    state: byText("state"),
    attempts: byCount("attempts"),
    createdAt: byTime("created_at"),
    updatedAt: byTime("updated_at"),
    finishedAt: byTimeOrNever("finished_at"),
  },
  first: "-createdAt",
};

export async function selectTasks(
  tx: TenantTx,
  page: Page & { kindPrefix: string; states: readonly TaskState[] },
): Promise<{ tasks: Task[]; next: string | null }> {
  const { place, after, order, values, cut } = keyset(TASK_ORDER, page, 4);
  const { rows } = await tx.query<Task & Placed>(
    `select ${columns}, ${place}
       from tasks
      where tenant_id = $1::uuid and starts_with(kind, $2::text) and state = any($3::text[])
        and ${after}
      order by ${order}`,
    [tx.principal.tenantId, page.kindPrefix, page.states, ...values],
  );
  return cut("tasks", rows);
}

/** Changes with anything of a task that people see. Leases and claims alone are nobody's news. */
export async function selectTaskMarks(
  tx: TenantTx,
  taskIds: readonly string[],
): Promise<{ taskId: string; mark: string }[]> {
  const { rows } = await tx.query<{ taskId: string; mark: string }>(
    `select task_id as "taskId", json_build_array(state, done, total, attempts, note, finished_at)::text as mark
       from tasks where tenant_id = $1::uuid and task_id = any($2::uuid[])`,
    [tx.principal.tenantId, taskIds],
  );
  return rows;
}

/** Deletes at most `limit` tasks of the bound tenant that were finished so many days ago. Returns how many. For the executor. */
export async function forgetTasks(tx: TenantTx, days: number, limit: number): Promise<number> {
  const { rows } = await tx.query<{ gone: number }>("select app.forget_tasks($1::int, $2::int) as gone", [days, limit]);
  return rows[0]!.gone;
}

/** Ids of due tasks of all tenants, the longest due first. Needs no binding. */
export async function selectDueTasks(db: Queryable | Tx, limit: number): Promise<TaskRef[]> {
  const { rows } = await db.query<TaskRef>(
    `select tenant_id as "tenantId", task_id as "taskId", kind from app.due_tasks($1::int)`,
    [limit],
  );
  return rows;
}

export type TaskCounts = {
  /** `overdue`: due for more than ten minutes, and not begun. */
  states: { state: TaskState; tasks: number; overdue: number }[];
  lastFinishedAt: string | null;
};

/** How much work the bound tenant has, and when some was last done. */
export async function selectTaskCounts(tx: TenantTx): Promise<TaskCounts> {
  const { rows: states } = await tx.query<TaskCounts["states"][number]>(
    `select state, count(*)::int as tasks,
            count(*) filter (where state = 'ready' and run_after < clock_timestamp() - interval '10 minutes')::int as overdue
       from tasks where tenant_id = app.tenant()
      group by state order by state`,
  );
  const { rows } = await tx.query<{ at: string | null }>(
    "select ledger.timestamp_text(max(finished_at)) as at from tasks where tenant_id = app.tenant()",
  );
  return { states, lastFinishedAt: rows[0]!.at };
}
