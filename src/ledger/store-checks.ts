import type { TenantTx } from "../audit/index.ts";
import {
  byId,
  byTime,
  byTimeOrNever,
  keyset,
  type ListOrder,
  type Page,
  type Placed,
} from "../platform/sorted-list.ts";
import type { ChainReport } from "./schema.ts";

export type Check = {
  checkId: string;
  taskId: string;
  state: "waiting" | "running" | "done" | "failed";
  askedBy: { type: string; id: string };
  askedAt: string;
  finishedAt: string | null;
  report: ChainReport | null;
  note: string | null;
};

// How far it is, its task says: writing it here would cost a ledger row.
const columns = `c.check_id as "checkId", c.task_id as "taskId",
  case when c.finished_at is not null then 'done' when t.state = 'running' then 'running'
       when t.state in ('failed', 'cancelled') then 'failed' else 'waiting' end as state,
  json_build_object('type', c.asked_by_type, 'id', c.asked_by) as "askedBy", ledger.timestamp_text(c.asked_at) as "askedAt",
  ledger.timestamp_text(c.finished_at) as "finishedAt", c.report, case when c.finished_at is null then t.note end as note`;
const from = "chain_checks c left join tasks t on t.tenant_id = c.tenant_id and t.task_id = c.task_id";

export async function insertCheck(tx: TenantTx, checkId: string, taskId: string): Promise<void> {
  const { tenantId, actor } = tx.principal;
  await tx.query(
    `insert into chain_checks (tenant_id, check_id, task_id, asked_by_type, asked_by)
     values ($1::uuid, $2::uuid, $3::uuid, $4::text, $5::text)`,
    [tenantId, checkId, taskId, actor.type, actor.id],
  );
}

export async function selectCheck(tx: TenantTx, { taskId }: { taskId: string }): Promise<Check | undefined> {
  const { rows } = await tx.query<Check>(
    `select ${columns} from ${from} where c.tenant_id = $1::uuid and c.task_id = $2::uuid`,
    [tx.principal.tenantId, taskId],
  );
  return rows[0];
}

export const CHECK_ORDER: ListOrder = {
  id: byId("c.check_id"),
  keys: { askedAt: byTime("c.asked_at"), finishedAt: byTimeOrNever("c.finished_at") },
  first: "-askedAt",
};

export async function selectChecks(tx: TenantTx, page: Page): Promise<{ checks: Check[]; next: string | null }> {
  const { place, after, order, values, cut } = keyset(CHECK_ORDER, page, 2);
  const { rows } = await tx.query<Check & Placed>(
    `select ${columns}, ${place}
       from ${from}
      where c.tenant_id = $1::uuid and ${after}
      order by ${order}`,
    [tx.principal.tenantId, ...values],
  );
  return cut("checks", rows);
}

/** False when it is finished already. */
export async function updateFinished(tx: TenantTx, checkId: string, report: ChainReport): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update chain_checks set finished_at = clock_timestamp(), report = $3::json
      where tenant_id = $1::uuid and check_id = $2::uuid and finished_at is null`,
    [tx.principal.tenantId, checkId, JSON.stringify(report)],
  );
  return rowCount === 1;
}
