import type { TenantTx } from "../../audit/index.ts";
import { BUILTIN_ROLES } from "./roles.ts";
import { type HeldGrant, selectHeldGrants } from "./store.ts";

/** Over which sites somebody has each permission. A permission that is not in it is not held. */
export type Access = ReadonlyMap<string, "all" | readonly string[]>;

/** What a user may do now: grants of their own and of their groups that are neither revoked nor expired. */
export async function accessOf(tx: TenantTx, userId: string): Promise<Access> {
  return accessFrom(await selectHeldGrants(tx, userId));
}

/** What a user may do, or would if the account were active: what they will have again when somebody lets them in. */
export async function standingOf(tx: TenantTx, userId: string): Promise<Access> {
  return accessFrom(await selectHeldGrants(tx, userId, true));
}

/** Sites of grants of one permission add up; a grant of one permission never widens the sites of another. */
export function accessFrom(grants: readonly HeldGrant[]): Access {
  const access = new Map<string, "all" | string[]>();
  for (const { builtinRole, permissions, siteIds } of grants) {
    for (const permission of builtinRole ? BUILTIN_ROLES[builtinRole] : (permissions ?? [])) {
      const held = access.get(permission);
      if (held === "all") continue;
      access.set(permission, siteIds === null ? "all" : [...new Set([...(held ?? []), ...siteIds])]);
    }
  }
  return access;
}

/** As answers say it. */
export const accessRecord = (access: Access): Record<string, "all" | string[]> =>
  Object.fromEntries([...access].map(([name, sites]) => [name, sites === "all" ? sites : [...sites]]));

/** Of what is to be given, the permissions that the giver lacks, over these sites (null: all). Nobody gives more than he has. */
export function lacking(access: Access, permissions: Iterable<string>, siteIds: readonly string[] | null): string[] {
  return [...permissions].filter((permission) => {
    const held = access.get(permission);
    if (held === "all") return false;
    return !held || siteIds === null || siteIds.some((site) => !held.includes(site));
  });
}
