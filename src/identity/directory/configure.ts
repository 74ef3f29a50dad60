import { appendRow, lockChainHead, type TenantTx } from "../../audit/index.ts";
import { isUniqueViolation } from "../../platform/db.ts";
import { conflict, forbidden, notFound } from "../../platform/errors.ts";
import { type Access, accessFrom, lacking } from "../access/access.ts";
import { accessOfGroup } from "../access/standing.ts";
import { selectRolePermissions } from "../access/store.ts";
import type { Act } from "../approvals/acts.ts";
import type { Mapping, MappingRule } from "./mapping.ts";
import type { NewMapping } from "./schema.ts";
import { insertMapping, selectMapping, selectNamed } from "./store.ts";
import { withdrawUnruled } from "./withdraw.ts";

/**
 * Puts rules in force as the next version. `giver` is what the person or key that does it may do: whoever maps a group to a
 * role gives that role, so nobody maps, or unmaps, more than he has. What no rule gives any more is taken at once; what rules
 * give newly comes with each person's next sign-in.
 * @throws AppError `conflict` when `version` is not the newest, `forbidden`, `not-found`.
 */
export async function setMapping(tx: TenantTx, giver: Access, wanted: NewMapping): Promise<Mapping> {
  // Rules for other sites would look like rules for sites that are gone.
  if (tx.principal.sites !== "all")
    throw forbidden("the mapping is the whole organisation's: it needs access to all sites");
  // From the beginning: a sign-in under way gives by the rules before or by these, and what it gave is seen below.
  await lockChainHead(tx);
  const before = await selectMapping(tx);
  if (wanted.version !== before.version) throw stale(wanted.version, before.version);
  const { rules, scimLinks } = wanted;
  await requireNamed(tx, rules);
  for (const rule of changed(before.rules, rules)) await requireGivable(tx, giver, rule);
  if (changed(before.scimLinks, scimLinks).length > 0 && giver.get("sign-in:write") !== "all") {
    throw forbidden("linking accounts by SCIM ids needs the permission sign-in:write over all sites");
  }
  const mapping = { version: before.version + 1, rules, scimLinks };
  await insertMapping(tx, mapping).catch((error) => {
    throw isUniqueViolation(error) ? stale(wanted.version, mapping.version) : error;
  });
  await withdrawUnruled(tx, rules);
  await appendRow(tx, {
    action: "directory.mapped",
    entity: { type: "mapping", id: `${mapping.version}` },
    units: [{ name: "change", content: JSON.stringify({ before, after: mapping }) }],
  });
  return mapping;
}

/** Which act of high stakes putting these rules in force is: by a mapping, too, one can make somebody decide on requests. */
export async function mappingStakes(tx: TenantTx, { rules, scimLinks }: NewMapping): Promise<Act | undefined> {
  const before = await selectMapping(tx);
  for (const rule of changed(before.rules, rules)) {
    if ((await accessBy(tx, rule)).has("approvals:decide")) return "access.decider";
  }
  return changed(before.scimLinks, scimLinks).length > 0 ? "sign-in.change" : undefined;
}

const stale = (found: number, expected: number) =>
  conflict("somebody changed the mapping meanwhile", {
    found: `version ${found}`,
    expected: `version ${expected}`,
    remedy: "read it again and apply your change to it",
  });

/** What is in one list alone. The database gives keys back in an order of its own. */
function changed<T extends object>(before: readonly T[], after: readonly T[]): T[] {
  const text = (each: T) => JSON.stringify(Object.entries(each).sort());
  const [old, fresh] = [before, after].map((list) => new Set(list.map(text)));
  const only = (list: readonly T[], other: Set<string>) => list.filter((each) => !other.has(text(each)));
  return [...only(before, fresh!), ...only(after, old!)];
}

async function requireNamed(tx: TenantTx, rules: readonly MappingRule[]): Promise<void> {
  const { sites, roles, groups } = await selectNamed(tx, rules);
  for (const { siteIds, roleId, groupId } of rules) {
    if (siteIds?.some((site) => !sites.has(site))) throw notFound("site");
    if (roleId && !roles.has(roleId)) throw notFound("role");
    if (groupId && !groups.has(groupId)) throw notFound("local group");
  }
}

async function requireGivable(tx: TenantTx, giver: Access, rule: MappingRule): Promise<void> {
  const more = [...(await accessBy(tx, rule))].flatMap(([permission, sites]) =>
    lacking(giver, [permission], sites === "all" ? null : sites),
  );
  if (more.length > 0) throw forbidden(`nobody can map what he does not have: ${more.join(", ")}`);
}

/** What a rule gives: by its role, or by the grants of its group as they are now. */
async function accessBy(tx: TenantTx, { groupId, builtinRole, roleId, siteIds }: MappingRule): Promise<Access> {
  if (groupId) return accessOfGroup(tx, groupId);
  const permissions = roleId ? ((await selectRolePermissions(tx, roleId)) ?? []) : null;
  return accessFrom([{ builtinRole, permissions, siteIds }]);
}
