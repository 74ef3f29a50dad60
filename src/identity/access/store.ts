import type { TenantTx } from "../../audit/index.ts";
import {
  byId,
  byTime,
  byTimeOrNever,
  keyset,
  type ListOrder,
  type Page,
  type Placed,
} from "../../platform/sorted-list.ts";
import type { AnyBuiltinRole, BuiltinRole } from "./roles.ts";

/** A grant that holds now, with the permissions of its role where that is a custom one. */
export type HeldGrant = { builtinRole: AnyBuiltinRole | null; permissions: string[] | null; siteIds: string[] | null };

/** Nothing for a user that is not active, unless it is asked what such a one would have. */
export async function selectHeldGrants(tx: TenantTx, userId: string, ifActive = false): Promise<HeldGrant[]> {
  const { rows } = await tx.query<HeldGrant>(
    `select g.builtin_role as "builtinRole", g.permissions, g.site_ids::text[] as "siteIds"
       from app.held_grants(app.tenant(), $1::uuid, $2::boolean) g`,
    [userId, ifActive],
  );
  return rows;
}

export type Grant = {
  grantId: string;
  userId: string | null;
  groupId: string | null;
  builtinRole: BuiltinRole | null;
  roleId: string | null;
  /** Null: all sites. */
  siteIds: string[] | null;
  origin: "manual" | "mapping";
  grantedBy: string;
  createdAt: string;
  expiresAt: string | null;
  revokedAt: string | null;
};

const columns = `grant_id as "grantId", user_id as "userId", group_id as "groupId", builtin_role as "builtinRole",
  role_id as "roleId", site_ids::text[] as "siteIds", origin, granted_by as "grantedBy",
  ledger.timestamp_text(created_at) as "createdAt", ledger.timestamp_text(expires_at) as "expiresAt",
  ledger.timestamp_text(revoked_at) as "revokedAt"`;

/** What every member of a group has by it now. */
export async function selectGroupGrants(tx: TenantTx, groupId: string): Promise<HeldGrant[]> {
  const { rows } = await tx.query<HeldGrant>(
    `select g.builtin_role as "builtinRole", r.permissions, g.site_ids::text[] as "siteIds"
       from role_grants g
       left join roles r on r.tenant_id = g.tenant_id and r.role_id = g.role_id
      where g.tenant_id = app.tenant() and g.group_id = $1::uuid and g.revoked_at is null
        and (g.expires_at is null or g.expires_at > clock_timestamp())`,
    [groupId],
  );
  return rows;
}

export type ExplainedGrant = HeldGrant & {
  grantId: string;
  roleId: string | null;
  roleName: string | null;
  /** The group that gives it; null: given to the person. */
  groupId: string | null;
  groupName: string | null;
  origin: Grant["origin"];
  grantedBy: string;
  expiresAt: string | null;
};

/** As selectHeldGrants, with where each comes from. */
export async function selectExplainedGrants(tx: TenantTx, userId: string): Promise<ExplainedGrant[]> {
  const { rows } = await tx.query<ExplainedGrant>(
    `select g.grant_id as "grantId", g.builtin_role as "builtinRole", g.role_id as "roleId", r.name as "roleName", r.permissions,
            g.site_ids::text[] as "siteIds", g.group_id as "groupId", p.name as "groupName", g.origin, g.granted_by as "grantedBy",
            ledger.timestamp_text(g.expires_at) as "expiresAt"
       from role_grants g
       left join roles r on r.tenant_id = g.tenant_id and r.role_id = g.role_id
       left join groups p on p.tenant_id = g.tenant_id and p.group_id = g.group_id
      where g.tenant_id = app.tenant() and g.revoked_at is null
        and (g.expires_at is null or g.expires_at > clock_timestamp())
        and (g.user_id = $1::uuid
             or g.group_id in (select m.group_id from group_members m
                                where m.tenant_id = app.tenant() and m.user_id = $1::uuid))
        and exists (select from users u where u.tenant_id = app.tenant() and u.user_id = $1::uuid and u.active)
      order by g.created_at, g.grant_id`,
    [userId],
  );
  return rows;
}

/** Grants that ran out and were not told of, now marked so. */
export async function markExpiriesTold(tx: TenantTx): Promise<Grant[]> {
  const { rows } = await tx.query<Grant>(
    `update role_grants set expiry_told = true
      where tenant_id = app.tenant() and expires_at <= clock_timestamp() and revoked_at is null and not expiry_told
      returning ${columns}`,
  );
  return rows;
}

export type NewGrantRow = Pick<Grant, "userId" | "groupId" | "roleId" | "siteIds" | "origin" | "expiresAt"> & {
  builtinRole: AnyBuiltinRole | null;
};

export async function insertGrant(tx: TenantTx, grant: NewGrantRow): Promise<Grant> {
  const { actor } = tx.principal;
  const { rows } = await tx.query<Grant>(
    `insert into role_grants (tenant_id, user_id, group_id, builtin_role, role_id, site_ids, origin, granted_by, expires_at)
     values (app.tenant(), $1::uuid, $2::uuid, $3::text, $4::uuid, $5::uuid[], $6::text, $7::text, $8::timestamptz)
     returning ${columns}`,
    [
      grant.userId,
      grant.groupId,
      grant.builtinRole,
      grant.roleId,
      grant.siteIds,
      grant.origin,
      `${actor.type} ${actor.id}`,
      grant.expiresAt,
    ],
  );
  return rows[0]!;
}

export type GrantFilter = { grantId?: string | undefined; userId?: string | undefined; groupId?: string | undefined };

const holding = `tenant_id = app.tenant() and revoked_at is null and (expires_at is null or expires_at > clock_timestamp())
  and ($1::uuid is null or grant_id = $1::uuid)
  and ($2::uuid is null or user_id = $2::uuid)
  and ($3::uuid is null or group_id = $3::uuid)`;
const filterValues = (filter: GrantFilter) => [filter.grantId ?? null, filter.userId ?? null, filter.groupId ?? null];

/** Grants that hold now: all, or those of a user, of a group, or one; newest first. */
export async function selectGrants(tx: TenantTx, filter: GrantFilter = {}): Promise<Grant[]> {
  const { rows } = await tx.query<Grant>(
    `select ${columns} from role_grants where ${holding} order by created_at desc, grant_id desc`,
    filterValues(filter),
  );
  return rows;
}

export const GRANT_ORDER: ListOrder = {
  id: byId("grant_id"),
  keys: { createdAt: byTime("created_at"), expiresAt: byTimeOrNever("expires_at") },
  first: "-createdAt",
};

export async function selectGrantPage(
  tx: TenantTx,
  filter: GrantFilter,
  page: Page,
): Promise<{ grants: Grant[]; next: string | null }> {
  const { place, after, order, values, cut } = keyset(GRANT_ORDER, page, 4);
  const { rows } = await tx.query<Grant & Placed>(
    `select ${columns}, ${place} from role_grants where ${holding} and ${after} order by ${order}`,
    [...filterValues(filter), ...values],
  );
  return cut("grants", rows);
}

/** False when it was revoked before, or is not there. */
export async function markGrantRevoked(tx: TenantTx, grantId: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update role_grants set revoked_at = clock_timestamp()
      where tenant_id = app.tenant() and grant_id = $1::uuid and revoked_at is null`,
    [grantId],
  );
  return rowCount === 1;
}

/** The permissions of a custom role; undefined when there is none. */
export async function selectRolePermissions(tx: TenantTx, roleId: string): Promise<string[] | undefined> {
  const { rows } = await tx.query<{ permissions: string[] }>(
    "select permissions from roles where tenant_id = app.tenant() and role_id = $1::uuid",
    [roleId],
  );
  return rows[0]?.permissions;
}

/** How many active people whom the appliance itself keeps are owners over all sites, without a limit in time; or whether one is. */
export async function countLocalOwners(tx: TenantTx, userId: string | null = null): Promise<number> {
  const { rows } = await tx.query<{ owners: number }>(
    `select count(distinct u.user_id)::int as owners
       from users u
      where u.tenant_id = app.tenant() and u.active and u.source = 'local' and ($1::uuid is null or u.user_id = $1::uuid)
        and exists (select from role_grants g
                     where g.tenant_id = u.tenant_id and g.builtin_role = 'owner' and g.site_ids is null
                       and g.revoked_at is null and g.expires_at is null
                       and (g.user_id = u.user_id
                            or g.group_id in (select m.group_id from group_members m
                                               where m.tenant_id = u.tenant_id and m.user_id = u.user_id)))`,
    [userId],
  );
  return rows[0]!.owners;
}

/**
 * Active people who are owners over all sites now, and how many of them are safe from a stolen password: they have a second factor, or
 * come by a directory alone.
 */
export async function countOwners(tx: TenantTx): Promise<{ owners: number; safe: number }> {
  const { rows } = await tx.query<{ owners: number; safe: number }>(
    `select count(*)::int as owners,
            (count(*) filter (where u.source <> 'local'
                                 or exists (select from factors f where f.tenant_id = u.tenant_id and f.user_id = u.user_id)))::int as safe
       from users u
      where u.tenant_id = app.tenant() and u.active
        and exists (select from app.held_grants(u.tenant_id, u.user_id, true) g
                     where g.builtin_role = 'owner' and g.site_ids is null)`,
  );
  return rows[0]!;
}
