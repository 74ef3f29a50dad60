import { appendRow, type TenantTx } from "../../audit/index.ts";
import { isUniqueViolation, sqlState } from "../../platform/db.ts";
import { conflict, forbidden, invalid, notFound } from "../../platform/errors.ts";
import { PERMISSIONS, type Permission } from "../permissions.ts";
import { type Access, lacking } from "./access.ts";
import { BUILTIN_ROLE_NAMES, BUILTIN_ROLES, type BuiltinRole } from "./roles.ts";
import {
  deleteEndedGrantsOf,
  deleteRoleRow,
  insertRole,
  type Role,
  selectRole,
  selectRoles,
  updateRoleRow,
} from "./store-roles.ts";

export type RoleInput = { name: string; permissions: Permission[] };

/** The built-in ones with what they may do, then the tenant's own by name. */
export async function listRoles(
  tx: TenantTx,
): Promise<{ builtin: { role: BuiltinRole; permissions: string[] }[]; custom: Role[] }> {
  const builtin = BUILTIN_ROLE_NAMES.map((role) => ({ role, permissions: [...BUILTIN_ROLES[role]] }));
  return { builtin, custom: await selectRoles(tx) };
}

export async function requireRole(tx: TenantTx, roleId: string, forUpdate = false): Promise<Role> {
  const role = await selectRole(tx, roleId, forUpdate);
  if (!role) throw notFound("role");
  return role;
}

/** Nobody makes a role with permissions that he lacks. @throws AppError `conflict` when the name is taken. */
export async function createRole(tx: TenantTx, maker: Access, wanted: RoleInput): Promise<Role> {
  const permissions = within(maker, wanted.permissions);
  const role = await insertRole(tx, { name: wanted.name, permissions }).catch(nameTaken);
  await append(tx, "role.created", role.roleId, { after: { name: wanted.name, permissions } });
  return role;
}

/** From its next request on everyone who has the role has what it says now. Nobody gives or takes what he lacks. */
export async function changeRole(
  tx: TenantTx,
  maker: Access,
  roleId: string,
  change: Partial<RoleInput>,
): Promise<Role> {
  const { name, permissions } = await requireRole(tx, roleId, true);
  const before = { name, permissions };
  const after = { ...before, ...change };
  const changed = [...after.permissions, ...permissions].filter(
    (each) => after.permissions.includes(each as Permission) !== permissions.includes(each),
  );
  within(maker, changed);
  after.permissions = sorted(after.permissions);
  if (JSON.stringify(after) === JSON.stringify(before)) return requireRole(tx, roleId);
  const role = await updateRoleRow(tx, { roleId, ...after }).catch(nameTaken);
  await append(tx, "role.changed", roleId, { before, after });
  return role;
}

/** @throws AppError `conflict` for a role that somebody has, or that a rule of the tenant names. */
export async function deleteRole(tx: TenantTx, maker: Access, roleId: string): Promise<void> {
  const { name, permissions, grants } = await requireRole(tx, roleId, true);
  within(maker, permissions);
  if (grants > 0) {
    throw conflict("this role is in use", {
      found: `${grants} grants of it`,
      expected: "none",
      remedy: "revoke them first",
    });
  }
  // What it once gave stands in the ledger.
  await deleteEndedGrantsOf(tx, roleId);
  await deleteRoleRow(tx, roleId).catch((error: unknown) => {
    if (sqlState(error) !== "23503") throw error;
    throw conflict("this role is in use", { found: "a rule or mapping that names it", remedy: "change that first" });
  });
  await append(tx, "role.deleted", roleId, { before: { name, permissions } });
}

function within(maker: Access, permissions: readonly string[]): string[] {
  const unknown = permissions.filter((each) => !(PERMISSIONS as readonly string[]).includes(each));
  if (unknown.length > 0) throw invalid("no such permission", { found: unknown.join(", ") });
  const more = lacking(maker, permissions, null);
  if (more.length === 0) return sorted(permissions);
  throw forbidden(`nobody makes a role with what he lacks: ${more.join(", ")}`, {
    expected: "permissions that you have over all sites",
  });
}

const sorted = <T extends string>(permissions: readonly T[]): T[] => [...new Set(permissions)].sort();

async function append(tx: TenantTx, action: string, id: string, change: object): Promise<void> {
  const units = [{ name: "change", content: JSON.stringify(change) }];
  await appendRow(tx, { action, entity: { type: "role", id }, units });
}

function nameTaken(error: unknown): never {
  if (!isUniqueViolation(error)) throw error;
  throw conflict("this role name is taken", { expected: "a name that no other role has" });
}
