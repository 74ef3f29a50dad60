import type { TenantTx } from "../../audit/index.ts";
import { requireSeenUser } from "../people/users.ts";
import { accessFrom } from "./access.ts";
import { isSeen } from "./grants.ts";
import { type AnyBuiltinRole, BUILTIN_ROLES } from "./roles.ts";
import { type ExplainedGrant, selectExplainedGrants } from "./store.ts";

export type Explained = {
  /** What the person may do now, and by which grants. */
  permissions: { permission: string; siteIds: readonly string[] | null; grants: string[] }[];
  grants: (Omit<ExplainedGrant, "permissions"> & { permissions: readonly string[] })[];
};

/** What somebody may do now, as far as the caller sees grants, and where each part of it comes from. @throws AppError `not-found`. */
export async function explainAccess(tx: TenantTx, userId: string): Promise<Explained> {
  await requireSeenUser(tx, userId);
  const found = (await selectExplainedGrants(tx, userId)).filter((grant) => isSeen(tx, grant));
  const grants = found.map((grant) => ({ ...grant, permissions: permissionsOf(grant) }));
  const permissions = [...accessFrom(found)].map(([permission, sites]) => ({
    permission,
    siteIds: sites === "all" ? null : sites,
    grants: grants.filter((grant) => grant.permissions.includes(permission)).map(({ grantId }) => grantId),
  }));
  return { permissions: permissions.sort((a, b) => (a.permission < b.permission ? -1 : 1)), grants };
}

const permissionsOf = ({
  builtinRole,
  permissions,
}: {
  builtinRole: AnyBuiltinRole | null;
  permissions: string[] | null;
}): string[] => (builtinRole ? [...BUILTIN_ROLES[builtinRole]] : (permissions ?? []));
