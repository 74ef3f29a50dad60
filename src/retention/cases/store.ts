import type { TenantTx } from "../../audit/index.ts";
import type { Queryable } from "../../platform/db.ts";
import {
  byDay,
  byId,
  byText,
  byTime,
  byTimeOrNever,
  keyset,
  type ListOrder,
  type Page,
  type Placed,
} from "../../platform/sorted-list.ts";
import type { Day, Law } from "./clock.ts";

export type CaseState = "unconfirmed" | "received" | "identifying" | "identified" | "accepted" | "refused" | "executed";
type By = { type: string; id: string };

export type StoredCase = {
  caseId: string;
  channel: "page" | "staff";
  law: Law;
  state: CaseState;
  receivedAt: string;
  receivedOn: Day;
  dueOn: Day;
  extended: boolean;
  pausedOn: Day | null;
  pausedDays: number;
  sealed: Buffer | null;
  /** Of the e-mail address of who asks by the page; null for staff's. */
  confirmedAt: string | null;
  identity: { method: string; by: By; at: string } | null;
  decision: { by: By; at: string } | null;
  closedAt: string | null;
  /** What is or was erased for it. */
  requests: { requestId: string; state: string }[];
  today: Day;
};

const columns = `c.case_id as "caseId", c.channel, c.law, c.state, ledger.timestamp_text(c.received_at) as "receivedAt",
  ledger.utc_day(c.received_at)::text as "receivedOn", c.due_on::text as "dueOn", c.extended, c.paused_on::text as "pausedOn",
  c.paused_days as "pausedDays", c.sealed, ledger.timestamp_text(c.confirmed_at) as "confirmedAt",
  case when c.identified_at is not null then json_build_object('method', c.identity_method, 'at', ledger.timestamp_text(c.identified_at),
    'by', json_build_object('type', c.identified_by_type, 'id', c.identified_by)) end as identity,
  case when c.decided_at is not null then json_build_object('at', ledger.timestamp_text(c.decided_at),
    'by', json_build_object('type', c.decided_by_type, 'id', c.decided_by)) end as decision,
  ledger.timestamp_text(c.closed_at) as "closedAt",
  (select coalesce(json_agg(json_build_object('requestId', r.request_id, 'state', r.state) order by r.seq), '[]')
     from erasure_requests r where r.tenant_id = c.tenant_id and r.case_id = c.case_id) as requests,
  ledger.utc_day(clock_timestamp())::text as today`;

export async function selectPageTenant(db: Queryable, slug: string): Promise<string | undefined> {
  const { rows } = await db.query<{ tenantId: string | null }>(`select app.find_erasure_page($1::text) as "tenantId"`, [
    slug,
  ]);
  return rows[0]?.tenantId ?? undefined;
}

export type Settings = { pauses: boolean; name: string; today: Day };

export async function selectSettings(tx: TenantTx): Promise<Settings> {
  const { rows } = await tx.query<Settings>(
    `select erasure_pauses as pauses, name, ledger.utc_day(clock_timestamp())::text as today
       from tenants where tenant_id = app.tenant()`,
  );
  return rows[0]!;
}

export type NewCase = {
  caseId: string;
  channel: "page" | "staff";
  law: Law;
  /** Null: now. */
  receivedAt: string | null;
  dueOn: Day;
  sealed: Buffer;
  sender: Buffer | null;
  confirmHash: Buffer | null;
};

export async function insertCase(tx: TenantTx, made: NewCase): Promise<void> {
  await tx.query(
    `insert into erasure_cases (tenant_id, case_id, channel, law, state, received_at, due_on, sealed, sender, confirm_hash)
     values (app.tenant(), $1::uuid, $2::text, $3::text, case when $8::bytea is null then 'received' else 'unconfirmed' end,
             coalesce($4::timestamptz, clock_timestamp()), $5::date, $6::bytea, $7::bytea, $8::bytea)`,
    [made.caseId, made.channel, made.law, made.receivedAt, made.dueOn, made.sealed, made.sender, made.confirmHash],
  );
}

export async function selectCase(tx: TenantTx, caseId: string, forUpdate = false): Promise<StoredCase | undefined> {
  const { rows } = await tx.query<StoredCase>(
    `select ${columns} from erasure_cases c where c.tenant_id = app.tenant() and c.case_id = $1::uuid${forUpdate ? " for update" : ""}`,
    [caseId],
  );
  return rows[0];
}

// Days on which the clock stands are added at its end (clock.ts). What is closed comes after all that waits.
const due = `case when c.closed_at is not null then date '9999-12-31'
  else c.due_on + greatest(0, coalesce(ledger.utc_day(clock_timestamp()) - c.paused_on, 0)) end`;

export const CASE_ORDER: ListOrder = {
  id: byId("c.case_id"),
  keys: {
    dueOn: byDay(`(${due})`),
    receivedAt: byTime("c.received_at"),
    closedAt: byTimeOrNever("c.closed_at"),
    state: byText("c.state"),
  },
  first: "dueOn",
};

/** Those that wait for their sender's confirmation are none yet. */
export async function selectCases(
  tx: TenantTx,
  page: Page & { openOnly: boolean },
): Promise<{ cases: StoredCase[]; next: string | null }> {
  const { place, after, order, values, cut } = keyset(CASE_ORDER, page, 2);
  const { rows } = await tx.query<StoredCase & Placed>(
    `select ${columns}, ${place} from erasure_cases c
      where c.tenant_id = app.tenant() and c.state <> 'unconfirmed' and (not $1::boolean or c.closed_at is null)
        and ${after}
      order by ${order}`,
    [page.openOnly, ...values],
  );
  return cut("cases", rows);
}

export async function countOpenCases(tx: TenantTx): Promise<number> {
  const { rows } = await tx.query<{ open: number }>(
    `select count(*)::int as open from erasure_cases
      where tenant_id = app.tenant() and state <> 'unconfirmed' and closed_at is null`,
  );
  return rows[0]!.open;
}

/** How many came by the page within a day, and whether one of them has this sender. */
export async function countIntake(tx: TenantTx, sender: Buffer | null): Promise<{ day: number; fromSender: number }> {
  const { rows } = await tx.query<{ day: number; fromSender: number }>(
    `select count(*)::int as day, count(*) filter (where sender = $1::bytea)::int as "fromSender"
       from erasure_cases
      where tenant_id = app.tenant() and channel = 'page' and received_at > clock_timestamp() - interval '1 day'`,
    [sender],
  );
  return rows[0]!;
}

/** The id of the case that this token confirms now. */
export async function confirmCase(tx: TenantTx, confirmHash: Buffer): Promise<string | undefined> {
  const { rows } = await tx.query<{ caseId: string }>(
    `update erasure_cases set state = 'received', confirm_hash = null, confirmed_at = clock_timestamp()
      where tenant_id = app.tenant() and confirm_hash = $1::bytea
      returning case_id as "caseId"`,
    [confirmHash],
  );
  return rows[0]?.caseId;
}

export type CaseChange = {
  state?: CaseState;
  dueOn?: Day;
  extended?: true;
  pausedOn?: Day | null;
  pausedDays?: number;
  identityMethod?: string;
  /** Marks the acting principal as who decided, now. */
  decided?: true;
  closed?: true;
};

/** Writes what changed; who acts is the transaction's principal. */
export async function updateCase(tx: TenantTx, caseId: string, change: CaseChange): Promise<void> {
  const { type, id } = tx.principal.actor;
  await tx.query(
    `update erasure_cases
        set state = coalesce($2::text, state), due_on = coalesce($3::date, due_on), extended = extended or $4::boolean,
            paused_on = case when $5::boolean then $6::date else paused_on end, paused_days = coalesce($7::int, paused_days),
            identity_method = coalesce($8::text, identity_method),
            identified_by_type = case when $8::text is null then identified_by_type else $11::text end,
            identified_by = case when $8::text is null then identified_by else $12::text end,
            identified_at = case when $8::text is null then identified_at else clock_timestamp() end,
            decided_by_type = case when $9::boolean then $11::text else decided_by_type end,
            decided_by = case when $9::boolean then $12::text else decided_by end,
            decided_at = case when $9::boolean then clock_timestamp() else decided_at end,
            closed_at = case when $10::boolean then clock_timestamp() else closed_at end
      where tenant_id = app.tenant() and case_id = $1::uuid`,
    [
      caseId,
      change.state ?? null,
      change.dueOn ?? null,
      change.extended ?? false,
      change.pausedOn !== undefined,
      change.pausedOn ?? null,
      change.pausedDays ?? null,
      change.identityMethod ?? null,
      change.decided ?? false,
      change.closed ?? false,
      type,
      id,
    ],
  );
}
