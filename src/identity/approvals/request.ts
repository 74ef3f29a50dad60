import { type ActorType, appendRow, type Principal, type TenantTx, withTenant } from "../../audit/index.ts";
import { conflict } from "../../platform/errors.ts";
import type { Act } from "./acts.ts";
import { commitmentOf } from "./commitment.ts";
import { type ApprovalDeps, type AskedInput, requestContext } from "./deps.ts";
import { decidersOf, type Rule, requireNamedRole, ruleOf } from "./rules.ts";
import { type ApprovalRow, insertApproval, selectApproval, selectPersonBehind, selectTimes } from "./store.ts";
import { isNewlyAlone, selectDeciders, selectWaits } from "./store-rules.ts";

export type Asked = {
  act: Act;
  route: { method: string; path: string; permission: string };
  input: AskedInput;
};

/**
 * What stands before an act of high stakes: the role that the tenant names for it, and a second person. Undefined: go on. A request:
 * it is stored and waits for a decision.
 * @throws AppError `forbidden` without the role, `conflict` when nobody could ever decide.
 */
export async function askSecondPerson(
  deps: ApprovalDeps,
  principal: Principal,
  asked: Asked,
): Promise<ApprovalRow | undefined> {
  return withTenant(deps.pool, principal, async (tx) => {
    const rule = await ruleOf(tx, asked.act);
    await requireNamedRole(tx, rule, userOf(principal));
    if (rule.secondPerson === "off") return undefined;
    if (rule.secondPerson === "when-two" && (await selectDeciders(tx)).length < 2 && !(await isNewlyAlone(tx))) {
      return undefined;
    }
    return storeRequest(deps, tx, rule, asked);
  });
}

/** The person behind a caller: a user, or who made the API key. Null: the appliance itself, or a key it made. */
export async function personBehind(tx: TenantTx, actor: { type: ActorType; id: string }): Promise<string | null> {
  if (actor.type === "user") return actor.id;
  return actor.type === "api-key" ? selectPersonBehind(tx, actor.id) : null;
}

async function storeRequest(
  deps: ApprovalDeps,
  tx: TenantTx,
  rule: Rule,
  { act, route, input }: Asked,
): Promise<ApprovalRow> {
  const { actor, sites } = tx.principal;
  const siteIds = sites === "all" ? null : [...sites];
  const person = await personBehind(tx, actor);
  const deciders = await decidersOf(tx, rule, { permission: route.permission, siteIds });
  const others = deciders.filter((userId) => userId !== person);
  if (deciders.length === 0) {
    throw conflict("nobody could decide on this request", {
      found: `no person with approvals:decide and ${route.permission} over these sites`,
      expected: "at least one",
      remedy: "give somebody a role that has both, or change what the act needs",
    });
  }
  const waits = await selectWaits(tx);
  const alone = others.length === 0 ? waits.soloCoolingOffHours : null;
  const times = await selectTimes(tx, { expires: waits.approvalHours + (alone ?? 0), alone });
  const approvalId = crypto.randomUUID();
  const request = await deps.keyring.seal(tx, requestContext(approvalId), Buffer.from(JSON.stringify(input)));
  const row = {
    ...{ approvalId, act, method: route.method, route: route.path, permission: route.permission, request },
    ...{ requestedByType: actor.type, requestedBy: actor.id, person, siteIds },
    ...{ requestedAt: times.now, expiresAt: times.expires, aloneFrom: times.alone },
  };
  const { seq } = await appendRow(tx, {
    action: "approval.requested",
    entity: { type: "approval", id: approvalId },
    commits: [{ name: "request", hash: commitmentOf(row) }],
    units: [{ name: "detail", content: JSON.stringify({ act, expiresAt: row.expiresAt }) }],
  });
  await insertApproval(tx, { ...row, seq });
  await deps.tell?.requested(tx, row, others);
  return (await selectApproval(tx, approvalId))!;
}

const userOf = ({ actor }: Principal): string | undefined => (actor.type === "user" ? actor.id : undefined);
