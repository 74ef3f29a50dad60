import { appendRow, type TenantTx } from "../../audit/index.ts";
import { sqlState } from "../../platform/db.ts";
import { conflict, forbidden, invalid, notFound } from "../../platform/errors.ts";
import { type Access, accessOf } from "../access/access.ts";
import { ACT_NAMES, ACTS, type Act, type RoleName, SECOND_PERSON, type SecondPerson } from "./acts.ts";
import {
  holdsRole,
  type RuleRow,
  selectDeciders,
  selectRules,
  selectWaits,
  updateWaits,
  upsertRule,
  type Waits,
} from "./store-rules.ts";

export type Rule = { act: Act; secondPerson: SecondPerson; role: RoleName | null };
export type RulesView = Waits & { rules: (Rule & { title: string })[]; deciders: number };
export type RulesChange = Partial<Waits> & { rules?: Partial<Rule>[] };

/** What an act needs in this tenant. */
export async function ruleOf(tx: TenantTx, act: Act): Promise<Rule> {
  const [row] = await selectRules(tx, act);
  return ruleFrom(act, row);
}

export async function getRules(tx: TenantTx): Promise<RulesView> {
  const rows = await selectRules(tx);
  const rules = ACT_NAMES.map((act) => ({
    ...ruleFrom(
      act,
      rows.find((row) => row.act === act),
    ),
    title: ACTS[act].title,
  }));
  return { ...(await selectWaits(tx)), rules, deciders: (await selectDeciders(tx)).length };
}

/** @throws AppError `conflict` when nobody could decide on what would need it. */
export async function changeRules(tx: TenantTx, change: RulesChange): Promise<RulesView> {
  const waits = await selectWaits(tx, true);
  const before = await getRules(tx);
  const after = { ...waits, ...withoutRules(change) };
  if (after.approvalHours !== waits.approvalHours || after.soloCoolingOffHours !== waits.soloCoolingOffHours) {
    await updateWaits(tx, after);
  }
  for (const wanted of change.rules ?? []) await setRule(tx, before, wanted);
  const now = await getRules(tx);
  if (JSON.stringify(now) === JSON.stringify(before)) return now;
  await appendRow(tx, {
    action: "approvals.rules-changed",
    entity: { type: "tenant", id: tx.principal.tenantId },
    units: [{ name: "change", content: JSON.stringify({ before: bare(before), after: bare(now) }) }],
  });
  return now;
}

/** Whether a change asks for less than before: that is an act of high stakes itself. */
export function weakens(before: RulesView, change: RulesChange): boolean {
  if ((change.soloCoolingOffHours ?? before.soloCoolingOffHours) < before.soloCoolingOffHours) return true;
  return (change.rules ?? []).some((wanted) => {
    const present = before.rules.find(({ act }) => act === wanted.act);
    if (!present) return false;
    const { secondPerson = present.secondPerson, role = present.role } = wanted;
    const less = SECOND_PERSON.indexOf(secondPerson) < SECOND_PERSON.indexOf(present.secondPerson);
    return less || (present.role !== null && JSON.stringify(role) !== JSON.stringify(present.role));
  });
}

/** Who may decide on an act over these sites (null: all) now: the right to decide, the act's own permission, the named role. */
export async function decidersOf(tx: TenantTx, rule: Rule, need: Need): Promise<string[]> {
  const found: string[] = [];
  for (const userId of await selectDeciders(tx)) {
    if (await mayDecide(tx, rule, need, { userId, access: await accessOf(tx, userId) })) found.push(userId);
  }
  return found;
}

export type Need = { permission: string; siteIds: readonly string[] | null };

export async function mayDecide(
  tx: TenantTx,
  rule: Rule,
  { permission, siteIds }: Need,
  { userId, access }: { userId: string; access: Access },
): Promise<boolean> {
  const holds = covers(access, "approvals:decide", siteIds) && covers(access, permission, siteIds);
  return holds && (rule.role === null || (await holdsRole(tx, userId, columnsOf(rule.role))));
}

/** Whether a permission is held over all of these sites (null: all there are). */
export function covers(access: Access, permission: string, siteIds: readonly string[] | null): boolean {
  const held = access.get(permission);
  if (!held) return false;
  return held === "all" || (siteIds?.every((site) => held.includes(site)) ?? false);
}

/** @throws AppError `forbidden` unless the named role, where there is one, is held. An API key has no role. */
export async function requireNamedRole(tx: TenantTx, { act, role }: Rule, userId: string | undefined): Promise<void> {
  if (role === null || (userId !== undefined && (await holdsRole(tx, userId, columnsOf(role))))) return;
  throw forbidden(`this tenant asks for a named role before ${act}`, {
    found: userId === undefined ? "a caller that has no role" : "a person without it",
    expected: "builtin" in role ? `the role ${role.builtin}` : `the role ${role.roleId}`,
    remedy: "let somebody with the role do it",
  });
}

async function setRule(tx: TenantTx, before: RulesView, wanted: Partial<Rule>): Promise<void> {
  const present = before.rules.find(({ act }) => act === wanted.act);
  if (!present) throw invalid("no such act", { expected: ACT_NAMES.join(", ") });
  const { act, secondPerson, role }: Rule = { ...present, ...wanted };
  if (secondPerson === present.secondPerson && JSON.stringify(role) === JSON.stringify(present.role)) return;
  if (secondPerson === "on" && before.deciders === 0) {
    throw conflict("nobody could decide", {
      found: "no person with approvals:decide over all sites",
      expected: "at least one",
      remedy: "make somebody owner first",
    });
  }
  await upsertRule(tx, { act, secondPerson, ...columnsOf(role) }).catch((error: unknown) => {
    throw sqlState(error) === "23503" ? notFound("role") : error;
  });
}

function ruleFrom(act: Act, row: RuleRow | undefined): Rule {
  if (!row) return { act, secondPerson: ACTS[act].secondPerson, role: null };
  const { secondPerson, builtinRole, roleId } = row;
  return { act, secondPerson, role: builtinRole ? { builtin: builtinRole } : roleId ? { roleId } : null };
}

const columnsOf = (role: RoleName | null): Pick<RuleRow, "builtinRole" | "roleId"> => ({
  builtinRole: role && "builtin" in role ? role.builtin : null,
  roleId: role && "roleId" in role ? role.roleId : null,
});

const withoutRules = ({ rules: _, ...waits }: RulesChange): Partial<Waits> => waits;
const bare = ({ deciders: _, rules, ...waits }: RulesView): object => ({
  ...waits,
  rules: rules.map(({ title: _title, ...rule }) => rule),
});
