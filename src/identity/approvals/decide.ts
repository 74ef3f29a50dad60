import { appendRow, newConditions, type Principal, type TenantTx, withTenant } from "../../audit/index.ts";
import { conflict, forbidden, notFound } from "../../platform/errors.ts";
import { type Access, accessOf } from "../access/access.ts";
import { selectKey } from "../api-keys/store.ts";
import { PERMISSIONS } from "../permissions.ts";
import { isAct } from "./acts.ts";
import { requireAsRecorded } from "./commitment.ts";
import { type ApprovalDeps, type AskedInput, answerContext, requestContext } from "./deps.ts";
import { personBehind } from "./request.ts";
import { covers, type Rule, requireNamedRole, ruleOf } from "./rules.ts";
import { standingOn } from "./standing.ts";
import { type ApprovalRow, endApproval, insertAnswer, selectApproval } from "./store.ts";
import { withoutSecrets } from "./view.ts";

/** Who decides: a person's session. */
export type Decider = { principal: Principal; userId: string; access: Access };

/** The stored request on its way to the handler: by whom, with what access, and what was sent. */
export type Execution = { row: ApprovalRow; principal: Principal; access: Access; input: AskedInput };
export type RunAct = (execution: Execution) => Promise<{ status: number; body?: unknown }>;

/**
 * A second person says yes, and the act is done: by the requester's right as it is now, with the approver recorded. The request is
 * used up in the act's own transaction, so that it is done once, whatever ends in between. When the act is refused nothing is used
 * up, and the request still waits.
 */
export async function approve(
  deps: ApprovalDeps,
  by: Decider,
  approvalId: string,
  run: RunAct,
): Promise<{ row: ApprovalRow; answer: { status: number; body?: unknown } }> {
  const execution = await withTenant(deps.pool, by.principal, (tx) => prepare(deps, tx, by, approvalId));
  const conditions = newConditions([
    { before: (tx) => requireOpen(tx, execution.row), settle: (tx) => spend(deps, tx, by, execution.row) },
  ]);
  const { status, body } = await run({ ...execution, principal: { ...execution.principal, conditions } });
  const answer = { status, body: withoutSecrets(body ?? null) };
  if (!conditions.acted) {
    // What was asked for is so already: no act, but a decision.
    await withTenant(deps.pool, execution.principal, async (tx) => {
      await requireOpen(tx, execution.row);
      await spend(deps, tx, by, execution.row);
    });
  }
  const row = await withTenant(deps.pool, by.principal, async (tx) => {
    const body = Buffer.from(JSON.stringify(answer.body));
    const sealed = await deps.keyring.seal(tx, answerContext(approvalId), body);
    await insertAnswer(tx, { approvalId, status: answer.status, body: sealed });
    return (await selectApproval(tx, approvalId))!;
  });
  return { row, answer };
}

/** A second person says no. */
export async function refuse(
  deps: ApprovalDeps,
  by: Decider,
  approvalId: string,
  reason: string,
): Promise<ApprovalRow> {
  return withTenant(deps.pool, by.principal, async (tx) => {
    const row = await requirePending(tx, approvalId);
    await requireDecider(tx, by, row);
    await deps.tell?.decided(tx, row, "refused");
    return end(tx, approvalId, { state: "refused", decidedBy: by.userId, detail: { reason } });
  });
}

/** Who asked takes it back: the same caller, or the person behind it. */
export async function withdraw(deps: ApprovalDeps, principal: Principal, approvalId: string): Promise<ApprovalRow> {
  return withTenant(deps.pool, principal, async (tx) => {
    const row = await requirePending(tx, approvalId);
    const { actor } = principal;
    const same = actor.type === row.requestedByType && actor.id === row.requestedBy;
    const person = await personBehind(tx, actor);
    if (!same && (person === null || person !== row.person)) {
      throw forbidden("only who asked can take a request back", { remedy: "refuse it instead" });
    }
    return end(tx, approvalId, { state: "withdrawn", decidedBy: null });
  });
}

async function prepare(deps: ApprovalDeps, tx: TenantTx, by: Decider, approvalId: string): Promise<Execution> {
  const row = await requirePending(tx, approvalId);
  const rule = await requireDecider(tx, by, row);
  await requireAsRecorded(tx, row);
  const access = await requirePresentAccess(tx, row, rule);
  const input: AskedInput = JSON.parse(
    (await deps.keyring.unseal(tx, requestContext(approvalId), row.request!)).toString(),
  );
  const { tenantId, via, correlation } = by.principal;
  const principal: Principal = {
    ...{ tenantId, via, correlation, sites: row.siteIds ?? "all" },
    actor: { type: row.requestedByType, id: row.requestedBy },
    approver: { type: "user", id: by.userId },
  };
  return { row, principal, access, input };
}

/** In the act's transaction: nobody else has decided, and who asked still may. */
async function requireOpen(tx: TenantTx, { approvalId }: ApprovalRow): Promise<void> {
  const row = await requirePending(tx, approvalId, true);
  await requireAsRecorded(tx, row);
  await requirePresentAccess(tx, row, await requireRule(tx, row));
}

async function spend(
  deps: ApprovalDeps,
  tx: TenantTx,
  { principal: approver, userId }: Decider,
  row: ApprovalRow,
): Promise<void> {
  const { approvalId } = row;
  const entity = { type: "approval", id: approvalId };
  if (!(await endApproval(tx, approvalId, { state: "executed", decidedBy: userId }))) throw ended("another state");
  const { tenantId, actor, via, correlation, sites } = approver;
  await appendRow(
    { ...tx, principal: { tenantId, actor, via, correlation, sites } },
    { action: "approval.approved", entity },
  );
  await deps.tell?.decided(tx, row, "approved");
  await appendRow(tx, { action: "approval.executed", entity });
}

async function requirePending(tx: TenantTx, approvalId: string, forUpdate = false): Promise<ApprovalRow> {
  const row = await selectApproval(tx, approvalId, forUpdate);
  if (!row) throw notFound("request");
  if (row.state !== "pending") throw ended(row.state);
  return row;
}

const ended = (found: string) =>
  conflict("this request has ended", { found, expected: "pending", remedy: "ask again if it is still wanted" });

async function requireRule(tx: TenantTx, { act }: ApprovalRow): Promise<Rule> {
  if (!isAct(act)) throw conflict("this act is no longer known", { found: act, remedy: "refuse it" });
  return ruleOf(tx, act);
}

/** @throws AppError `forbidden` unless this person may decide on it now. */
async function requireDecider(tx: TenantTx, by: Decider, row: ApprovalRow): Promise<Rule> {
  const rule = await requireRule(tx, row);
  const standing = await standingOn(tx, row, by);
  if (standing === "may-decide") return rule;
  if (standing === "not-entitled") {
    throw forbidden("you may not decide on this request", {
      expected: `approvals:decide and ${row.permission} over the request's sites, and the role that the tenant names`,
      remedy: "let somebody decide who may do it",
    });
  }
  throw forbidden("who asked cannot approve", {
    found: "your own request, or that of a key you made",
    expected: "another person",
    ...(standing === "asked-alone" && { remedy: `you are alone: confirm it from ${row.aloneFrom} on` }),
  });
}

/** What who asked may do now. @throws AppError `conflict` when it is no longer enough. */
async function requirePresentAccess(tx: TenantTx, row: ApprovalRow, rule: Rule): Promise<Access> {
  const access = await presentAccess(tx, row);
  if (!access || !covers(access, row.permission, row.siteIds)) {
    throw conflict("who asked for this may no longer do it", {
      found: access ? "less access than when it was asked" : "a person or key that is not active",
      expected: `${row.permission} over the request's sites`,
      remedy: "refuse it; somebody who may can ask again",
    });
  }
  await requireNamedRole(tx, rule, row.requestedByType === "user" ? row.requestedBy : undefined);
  return access;
}

async function presentAccess(tx: TenantTx, row: ApprovalRow): Promise<Access | undefined> {
  switch (row.requestedByType) {
    case "user": {
      const access = await accessOf(tx, row.requestedBy);
      return access.size > 0 ? access : undefined;
    }
    case "api-key": {
      const key = await selectKey(tx, row.requestedBy);
      const isOver =
        !key || key.revokedAt !== null || (key.expiresAt !== null && Date.parse(key.expiresAt) <= Date.now());
      if (isOver) return undefined;
      return new Map(Object.entries(key.access));
    }
    case "system":
      return new Map(PERMISSIONS.map((permission) => [permission, "all"]));
    default:
      return undefined;
  }
}

async function end(
  tx: TenantTx,
  approvalId: string,
  { state, decidedBy, detail }: { state: "refused" | "withdrawn"; decidedBy: string | null; detail?: object },
): Promise<ApprovalRow> {
  if (!(await endApproval(tx, approvalId, { state, decidedBy }))) throw ended("another state");
  await appendRow(tx, {
    action: `approval.${state}`,
    entity: { type: "approval", id: approvalId },
    ...(detail && { units: [{ name: "detail", content: JSON.stringify(detail) }] }),
  });
  return (await selectApproval(tx, approvalId))!;
}
