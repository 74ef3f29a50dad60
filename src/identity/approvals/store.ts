import type { ActorType, TenantTx } from "../../audit/index.ts";
import {
  byId,
  byText,
  byTime,
  byTimeOrNever,
  keyset,
  type ListOrder,
  type Page,
  type Placed,
} from "../../platform/sorted-list.ts";

export type ApprovalState = "pending" | "executed" | "refused" | "withdrawn" | "expired";

/** A request as it is stored. Everything but state, decision and `request` is fixed, and the row at `seq` commits to it. */
export type ApprovalRow = {
  approvalId: string;
  act: string;
  method: string;
  route: string;
  permission: string;
  /** Sealed; null once it was cleared away. */
  request: Buffer | null;
  seq: number;
  requestedByType: ActorType;
  requestedBy: string;
  person: string | null;
  siteIds: string[] | null;
  requestedAt: string;
  expiresAt: string;
  aloneFrom: string | null;
  /** `expired` also before the upkeep wrote it down. */
  state: ApprovalState;
  decidedBy: string | null;
  decidedAt: string | null;
};

const columns = `approval_id as "approvalId", act, method, route, permission, request, seq, requested_by_type as "requestedByType",
  requested_by as "requestedBy", person, site_ids::text[] as "siteIds", ledger.timestamp_text(requested_at) as "requestedAt",
  ledger.timestamp_text(expires_at) as "expiresAt", ledger.timestamp_text(alone_from) as "aloneFrom",
  case when state = 'pending' and expires_at <= clock_timestamp() then 'expired' else state end as state,
  decided_by as "decidedBy", ledger.timestamp_text(decided_at) as "decidedAt"`;

export type NewApprovalRow = Omit<ApprovalRow, "state" | "decidedBy" | "decidedAt">;

export async function insertApproval(tx: TenantTx, row: NewApprovalRow): Promise<void> {
  await tx.query(
    `insert into approvals (tenant_id, approval_id, act, method, route, permission, request, seq, requested_by_type, requested_by,
                            person, site_ids, requested_at, expires_at, alone_from)
     values (app.tenant(), $1::uuid, $2::text, $3::text, $4::text, $5::text, $6::bytea, $7::bigint, $8::text, $9::text,
             $10::uuid, $11::uuid[], $12::timestamptz, $13::timestamptz, $14::timestamptz)`,
    [
      row.approvalId,
      row.act,
      row.method,
      row.route,
      row.permission,
      row.request,
      row.seq,
      row.requestedByType,
      row.requestedBy,
      row.person,
      row.siteIds,
      row.requestedAt,
      row.expiresAt,
      row.aloneFrom,
    ],
  );
}

/** `forUpdate` holds it until the transaction ends: two decisions at once come one after the other. */
export async function selectApproval(
  tx: TenantTx,
  approvalId: string,
  forUpdate = false,
): Promise<ApprovalRow | undefined> {
  const { rows } = await tx.query<ApprovalRow>(
    `select ${columns} from approvals where tenant_id = app.tenant() and approval_id = $1::uuid${forUpdate ? " for update" : ""}`,
    [approvalId],
  );
  return rows[0];
}

// One that has run out is expired also before the upkeep wrote it down.
const stateNow = "case when state = 'pending' and expires_at <= clock_timestamp() then 'expired' else state end";

export const APPROVAL_ORDER: ListOrder = {
  id: byId("approval_id"),
  keys: {
    act: byText("act"),
    state: byText(stateNow),
    requestedAt: byTime("requested_at"),
    expiresAt: byTime("expires_at"),
    decidedAt: byTimeOrNever("decided_at"),
  },
  first: "-requestedAt",
};

export async function selectApprovals(
  tx: TenantTx,
  page: Page & { state?: ApprovalState | undefined },
): Promise<{ rows: ApprovalRow[]; next: string | null }> {
  const { place, after, order, values, cut } = keyset(APPROVAL_ORDER, page, 2);
  const { rows } = await tx.query<ApprovalRow & Placed>(
    `select ${columns}, ${place} from approvals
      where tenant_id = app.tenant() and ($1::text is null or $1::text = ${stateNow}) and ${after}
      order by ${order}`,
    [page.state ?? null, ...values],
  );
  return cut("rows", rows);
}

/** False when it had ended, or run out, before. */
export async function endApproval(
  tx: TenantTx,
  approvalId: string,
  end: { state: Exclude<ApprovalState, "pending" | "expired">; decidedBy: string | null },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update approvals set state = $2::text, decided_by = $3::uuid, decided_at = clock_timestamp()
      where tenant_id = app.tenant() and approval_id = $1::uuid and state = 'pending' and expires_at > clock_timestamp()`,
    [approvalId, end.state, end.decidedBy],
  );
  return rowCount === 1;
}

/** The ids of those that ran out, now written down as such. */
export async function expireApprovals(tx: TenantTx): Promise<string[]> {
  const { rows } = await tx.query<{ approvalId: string }>(
    `update approvals set state = 'expired', decided_at = clock_timestamp()
      where tenant_id = app.tenant() and state = 'pending' and expires_at <= clock_timestamp()
      returning approval_id as "approvalId"`,
  );
  return rows.map(({ approvalId }) => approvalId);
}

/** What was asked and answered goes 30 days after the end. */
export async function clearOldApprovals(tx: TenantTx): Promise<string[]> {
  const { rows } = await tx.query<{ approvalId: string }>(
    `update approvals set request = null
      where tenant_id = app.tenant() and state <> 'pending' and request is not null
        and decided_at < clock_timestamp() - interval '30 days'
      returning approval_id as "approvalId"`,
  );
  const ids = rows.map(({ approvalId }) => approvalId);
  await tx.query("delete from approval_answers where tenant_id = app.tenant() and approval_id = any($1::uuid[])", [
    ids,
  ]);
  return ids;
}

/** The commitments of the row that recorded a request, as hashed; undefined when the row is not that of this request. */
export async function selectCommits(tx: TenantTx, row: ApprovalRow): Promise<string | undefined> {
  const { rows } = await tx.query<{ commits: string }>(
    `select commits from ledger.rows
      where tenant_id = app.tenant() and seq = $1::bigint and action = 'approval.requested'
        and entity_type = 'approval' and entity_id = $2::text`,
    [row.seq, row.approvalId],
  );
  return rows[0]?.commits;
}

export async function insertAnswer(
  tx: TenantTx,
  answer: { approvalId: string; status: number; body: Buffer },
): Promise<void> {
  await tx.query(
    `insert into approval_answers (tenant_id, approval_id, status, body)
     values (app.tenant(), $1::uuid, $2::int, $3::bytea) on conflict do nothing`,
    [answer.approvalId, answer.status, answer.body],
  );
}

export async function selectAnswer(
  tx: TenantTx,
  approvalId: string,
): Promise<{ status: number; body: Buffer } | undefined> {
  const { rows } = await tx.query<{ status: number; body: Buffer }>(
    "select status, body from approval_answers where tenant_id = app.tenant() and approval_id = $1::uuid",
    [approvalId],
  );
  return rows[0];
}

/** Now, and times from now, by the database's clock. */
export async function selectTimes(
  tx: TenantTx,
  hours: { expires: number; alone: number | null },
): Promise<{ now: string; expires: string; alone: string | null }> {
  const { rows } = await tx.query<{ now: string; expires: string; alone: string | null }>(
    `select ledger.timestamp_text(t) as now, ledger.timestamp_text(t + make_interval(hours => $1::int)) as expires,
            ledger.timestamp_text(t + make_interval(hours => $2::int)) as alone
       from clock_timestamp() t`,
    [hours.expires, hours.alone],
  );
  return rows[0]!;
}

/**
 * The person behind an API key: who made it, or made the key that made it, a key of the tenant too; or else whose access limits it.
 * Null: the appliance itself.
 */
export async function selectPersonBehind(tx: TenantTx, keyId: string): Promise<string | null> {
  const { rows } = await tx.query<{ madeBy: string; limitedBy: string | null }>(
    `with recursive made as (
       select made_by, 1 as depth from api_keys where tenant_id = app.tenant() and key_id = $1::uuid
       union all
       select k.made_by, m.depth + 1 from made m
         join api_keys k on k.tenant_id = app.tenant() and 'api-key ' || k.key_id = m.made_by where m.depth < 1000)
     select made_by as "madeBy", (select k.person_id from api_keys k where k.tenant_id = app.tenant() and k.key_id = $1::uuid) as "limitedBy"
       from made order by depth desc limit 1`,
    [keyId],
  );
  return /^user (.+)$/.exec(rows[0]?.madeBy ?? "")?.[1] ?? rows[0]?.limitedBy ?? null;
}
