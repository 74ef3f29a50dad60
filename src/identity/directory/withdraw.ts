import type { TenantTx } from "../../audit/index.ts";
import { revokeGrant } from "../access/grants.ts";
import { changeMembers } from "../people/groups.ts";
import { dueBy, grantKey, isOfSource, type MappingRule, type Source } from "./mapping.ts";
import { keepMembership, selectAllMapped, selectAllMemberships, selectNamed } from "./store.ts";

/** What people of a source may have; null: whatever they have. */
type Allowed = { grants: ReadonlySet<string>; groupIds: ReadonlySet<string> } | null;

/** Takes what no rule gives any more from everybody: somebody who never signs in again would keep it. Needs all sites bound. */
export async function withdrawUnruled(tx: TenantTx, rules: readonly MappingRule[]): Promise<void> {
  const named = await selectNamed(tx, rules);
  await withdraw(tx, (source) => {
    const ofSource = rules.filter((rule) => isOfSource(rule, source));
    const { grants, groupIds } = dueBy(ofSource, named);
    return { grants: new Set(grants.map(grantKey)), groupIds: new Set(groupIds) };
  });
}

/** Takes all that a source gave: it is no more. */
export async function withdrawSource(tx: TenantTx, gone: Source): Promise<void> {
  const nothing = { grants: new Set<string>(), groupIds: new Set<string>() };
  await withdraw(tx, ({ kind, issuer }) => (kind === gone.kind && issuer === gone.issuer ? nothing : null));
}

async function withdraw(tx: TenantTx, allowedOf: (source: Source) => Allowed): Promise<void> {
  const known = new Map<string, Allowed>();
  const allowed = ({ kind, issuer }: Source): Allowed => {
    const name = JSON.stringify([kind, issuer]);
    if (!known.has(name)) known.set(name, allowedOf({ kind, issuer }));
    return known.get(name)!;
  };
  for (const { grant, ...source } of await selectAllMapped(tx)) {
    const may = allowed(source);
    if (may && !may.grants.has(grantKey(grant))) await revokeGrant(tx, null, grant.grantId);
  }
  const memberships = await selectAllMemberships(tx);
  const stays = memberships.filter((each) => allowed(each)?.groupIds.has(each.groupId) ?? true);
  const kept = new Set(stays.map(({ groupId, userId }) => `${groupId} ${userId}`));
  for (const membership of memberships.filter((each) => !stays.includes(each))) {
    const { groupId, userId } = membership;
    await keepMembership(tx, { ...membership, held: false });
    if (!kept.has(`${groupId} ${userId}`)) await changeMembers(tx, groupId, { remove: [userId] });
  }
}
