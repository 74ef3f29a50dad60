import type { TenantTx } from "../../audit/index.ts";
import { grantRole, revokeGrant } from "../access/grants.ts";
import { changeMembers } from "../people/groups.ts";
import { type Due, grantKey, type Source } from "./mapping.ts";
import { insertMappedGrant, keepMembership, selectMappedGrants, selectMemberships } from "./store.ts";

/**
 * Makes what a person has through a source exactly what is due: new grants and memberships are given and marked as the
 * source's, those no longer due are taken. What a person gave by hand, or another source, stays. Holds from the next request.
 * The rules were checked when they were made, so nobody's own access limits them here.
 */
export async function syncAccess(tx: TenantTx, userId: string, source: Source, due: Due): Promise<void> {
  await syncGrants(tx, userId, source, due);
  await syncMemberships(tx, userId, source, due);
}

async function syncGrants(tx: TenantTx, userId: string, source: Source, { grants }: Due): Promise<void> {
  const missing = new Map(grants.map((grant) => [grantKey(grant), grant]));
  for (const present of await selectMappedGrants(tx, userId, source)) {
    // Deleted from what is missing: two equal grants are one too many.
    if (!missing.delete(grantKey(present))) await revokeGrant(tx, null, present.grantId);
  }
  for (const { builtinRole, roleId, siteIds } of missing.values()) {
    const role = builtinRole ? { builtin: builtinRole } : { roleId: roleId! };
    const grant = await grantRole(tx, null, { to: { userId }, role, siteIds, expiresAt: null, origin: "mapping" });
    await insertMappedGrant(tx, grant.grantId, source);
  }
}

async function syncMemberships(tx: TenantTx, userId: string, source: Source, { groupIds }: Due): Promise<void> {
  const missing = new Set(groupIds);
  for (const { groupId, mapped, elsewhere } of await selectMemberships(tx, userId, source)) {
    const isDue = missing.delete(groupId);
    if (isDue === mapped) continue;
    // Somebody whom a person made a member is no source's to remove.
    if (isDue && !elsewhere) continue;
    await keepMembership(tx, { ...source, groupId, userId, held: isDue });
    await changeMembers(tx, groupId, isDue || elsewhere ? {} : { remove: [userId] });
  }
  for (const groupId of missing) {
    await keepMembership(tx, { ...source, groupId, userId, held: true });
    await changeMembers(tx, groupId, { add: [userId] });
  }
}
