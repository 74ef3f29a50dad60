import type { TenantTx } from "../../audit/index.ts";

/** A tenant's own role. */
export type Role = {
  roleId: string;
  name: string;
  permissions: string[];
  /** How many grants of it hold now. */
  grants: number;
  version: number;
  createdAt: string;
  changedAt: string;
};

const columns = `r.role_id as "roleId", r.name, r.permissions,
  (select count(*)::int from role_grants g
    where g.tenant_id = r.tenant_id and g.role_id = r.role_id and g.revoked_at is null
      and (g.expires_at is null or g.expires_at > clock_timestamp())) as grants,
  r.version, ledger.timestamp_text(r.created_at) as "createdAt", ledger.timestamp_text(r.changed_at) as "changedAt"`;

/** By name. */
export async function selectRoles(tx: TenantTx): Promise<Role[]> {
  const { rows } = await tx.query<Role>(
    `select ${columns} from roles r where r.tenant_id = app.tenant() order by lower(r.name)`,
  );
  return rows;
}

export async function selectRole(tx: TenantTx, roleId: string, forUpdate = false): Promise<Role | undefined> {
  const { rows } = await tx.query<Role>(
    `select ${columns} from roles r where r.tenant_id = app.tenant() and r.role_id = $1::uuid${forUpdate ? " for update" : ""}`,
    [roleId],
  );
  return rows[0];
}

export async function insertRole(
  tx: TenantTx,
  { name, permissions }: Pick<Role, "name" | "permissions">,
): Promise<Role> {
  const { rows } = await tx.query<Role>(
    `insert into roles as r (tenant_id, name, permissions) values (app.tenant(), $1::text, $2::text[]) returning ${columns}`,
    [name, permissions],
  );
  return rows[0]!;
}

export async function updateRoleRow(
  tx: TenantTx,
  { roleId, name, permissions }: Pick<Role, "roleId" | "name" | "permissions">,
): Promise<Role> {
  const { rows } = await tx.query<Role>(
    `update roles as r set name = $2::text, permissions = $3::text[], version = version + 1, changed_at = clock_timestamp()
      where r.tenant_id = app.tenant() and r.role_id = $1::uuid
      returning ${columns}`,
    [roleId, name, permissions],
  );
  return rows[0]!;
}

export async function deleteRoleRow(tx: TenantTx, roleId: string): Promise<void> {
  await tx.query("delete from roles where tenant_id = app.tenant() and role_id = $1::uuid", [roleId]);
}

/** Revoked and expired ones. */
export async function deleteEndedGrantsOf(tx: TenantTx, roleId: string): Promise<void> {
  await tx.query(
    `delete from role_grants where tenant_id = app.tenant() and role_id = $1::uuid
        and (revoked_at is not null or expires_at <= clock_timestamp())`,
    [roleId],
  );
}
