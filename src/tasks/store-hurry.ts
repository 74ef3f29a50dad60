import type { TenantTx } from "../audit/index.ts";

/** The open task of a kind that has failed the most often, if one is open. */
export type OpenTask = {
  taskId: string;
  state: string;
  attempts: number;
  note: string | null;
  runAfter: string | null;
};

export async function selectOpenTaskOf(tx: TenantTx, kind: string): Promise<OpenTask | undefined> {
  const { rows } = await tx.query<OpenTask>(
    `select task_id as "taskId", state, attempts, note,
            case when run_after = 'infinity' then null else ledger.timestamp_text(run_after) end as "runAfter"
       from tasks
      where tenant_id = app.tenant() and kind = $1::text and state in ('ready', 'running', 'waiting')
      order by attempts desc limit 1`,
    [kind],
  );
  return rows[0];
}

/** Makes due now what waits for its next attempt. Returns how many. */
export async function hurryTasks(tx: TenantTx, kind: string): Promise<number> {
  const { rowCount } = await tx.query(
    `update tasks set run_after = clock_timestamp(), updated_at = clock_timestamp()
      where tenant_id = app.tenant() and kind = $1::text and state in ('ready', 'waiting') and run_after > clock_timestamp()`,
    [kind],
  );
  return rowCount ?? 0;
}
