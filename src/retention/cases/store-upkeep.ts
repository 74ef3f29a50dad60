import type { TenantTx } from "../../audit/index.ts";
import type { Day } from "./clock.ts";

/** Open cases whose clock runs, due within so many days or overdue, that nobody was told of yet. */
export async function selectUntold(
  tx: TenantTx,
  soonDays: number,
): Promise<{ caseId: string; dueOn: Day; isOverdue: boolean }[]> {
  const { rows } = await tx.query<{ caseId: string; dueOn: Day; isOverdue: boolean }>(
    `select case_id as "caseId", due_on::text as "dueOn", due_on < ledger.utc_day(clock_timestamp()) as "isOverdue"
       from erasure_cases
      where tenant_id = app.tenant() and closed_at is null and state <> 'unconfirmed' and paused_on is null
        and (due_on < ledger.utc_day(clock_timestamp()) and overdue_told_at is null
          or due_on < ledger.utc_day(clock_timestamp()) + $1::int and due_on >= ledger.utc_day(clock_timestamp())
             and soon_told_at is null)
      order by due_on, case_id limit 100
        for update skip locked`,
    [soonDays],
  );
  return rows;
}

export async function markTold(tx: TenantTx, caseId: string, isOverdue: boolean): Promise<void> {
  await tx.query(
    `update erasure_cases
        set soon_told_at = coalesce(soon_told_at, clock_timestamp()),
            overdue_told_at = case when $2::boolean then clock_timestamp() else overdue_told_at end
      where tenant_id = app.tenant() and case_id = $1::uuid`,
    [caseId, isOverdue],
  );
}

/** After an extension it may be due soon again. */
export async function forgetTold(tx: TenantTx, caseId: string): Promise<void> {
  await tx.query("update erasure_cases set soon_told_at = null where tenant_id = app.tenant() and case_id = $1::uuid", [
    caseId,
  ]);
}

/** Asked by the page and not confirmed for a week: as if never sent. */
export async function deleteUnconfirmed(tx: TenantTx): Promise<number> {
  const { rowCount } = await tx.query(
    `delete from erasure_cases
      where tenant_id = app.tenant() and state = 'unconfirmed' and received_at < clock_timestamp() - interval '7 days'`,
  );
  return rowCount ?? 0;
}

/** Closed cases whose words are kept no longer, now without them. */
export async function disposeOld(tx: TenantTx): Promise<string[]> {
  const { rows } = await tx.query<{ caseId: string }>(
    `update erasure_cases c set sealed = null, sender = null
       from tenants t
      where c.tenant_id = app.tenant() and t.tenant_id = c.tenant_id and c.sealed is not null
        and c.closed_at < clock_timestamp() - make_interval(days => t.erasure_case_days)
      returning c.case_id as "caseId"`,
  );
  return rows.map(({ caseId }) => caseId);
}

/** The case whose last erasure request is done, if it is this request's. */
export async function selectFinishedCase(tx: TenantTx, requestId: string): Promise<string | undefined> {
  const { rows } = await tx.query<{ caseId: string }>(
    `select c.case_id as "caseId"
       from erasure_requests q
       join erasure_cases c on c.tenant_id = q.tenant_id and c.case_id = q.case_id
      where q.tenant_id = app.tenant() and q.request_id = $1::uuid and c.state = 'accepted'
        and not exists (select from erasure_requests r
                         where r.tenant_id = c.tenant_id and r.case_id = c.case_id and r.state in ('open', 'held'))
        for update of c`,
    [requestId],
  );
  return rows[0]?.caseId;
}
