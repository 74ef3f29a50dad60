import type { TenantTx } from "../../audit/index.ts";
import type { BuiltinRole } from "../access/roles.ts";
import type { Mapping, MappingRule, Source } from "./mapping.ts";

/** The mapping in force; version 0 and no rules before the first. */
export async function selectMapping(tx: TenantTx): Promise<Mapping> {
  const { rows } = await tx.query<Mapping>(
    `select version, rules, scim_links as "scimLinks" from directory_mappings
      where tenant_id = app.tenant() order by version desc limit 1`,
  );
  return rows[0] ?? { version: 0, rules: [], scimLinks: [] };
}

/** @throws 23505 when somebody else made this version. */
export async function insertMapping(tx: TenantTx, { version, rules, scimLinks }: Mapping): Promise<void> {
  const { actor } = tx.principal;
  await tx.query(
    `insert into directory_mappings (tenant_id, version, rules, scim_links, made_by)
     values (app.tenant(), $1::int, $2::jsonb, $3::jsonb, $4::text)`,
    [version, JSON.stringify(rules), JSON.stringify(scimLinks), `${actor.type} ${actor.id}`],
  );
}

/** Of what rules name, what is there and visible to the bound principal. */
export async function selectNamed(
  tx: TenantTx,
  rules: readonly MappingRule[],
): Promise<{ sites: Set<string>; roles: Set<string>; groups: Set<string> }> {
  const { rows } = await tx.query<{ sites: string[]; roles: string[]; groups: string[] }>(
    `select array(select site_id::text from sites where tenant_id = app.tenant() and site_id = any($1::uuid[])) as sites,
            array(select role_id::text from roles where tenant_id = app.tenant() and role_id = any($2::uuid[])) as roles,
            array(select group_id::text from groups
                   where tenant_id = app.tenant() and source = 'local' and group_id = any($3::uuid[])) as groups`,
    [rules.flatMap((rule) => rule.siteIds ?? []), given(rules, "roleId"), given(rules, "groupId")],
  );
  const { sites, roles, groups } = rows[0]!;
  return { sites: new Set(sites), roles: new Set(roles), groups: new Set(groups) };
}

const given = (rules: readonly MappingRule[], key: "roleId" | "groupId"): string[] =>
  rules.flatMap((rule) => rule[key] ?? []);

export type MappedGrant = {
  grantId: string;
  builtinRole: BuiltinRole | null;
  roleId: string | null;
  siteIds: string[] | null;
};

/** Grants that hold and follow this source. */
export async function selectMappedGrants(tx: TenantTx, userId: string, source: Source): Promise<MappedGrant[]> {
  const { rows } = await tx.query<MappedGrant>(
    `select g.grant_id as "grantId", g.builtin_role as "builtinRole", g.role_id as "roleId", g.site_ids::text[] as "siteIds"
       from role_grants g
       join directory_grants d on d.tenant_id = g.tenant_id and d.grant_id = g.grant_id
      where g.tenant_id = app.tenant() and g.user_id = $1::uuid and d.kind = $2::text and d.issuer = $3::text
        and g.origin = 'mapping' and g.revoked_at is null and (g.expires_at is null or g.expires_at > clock_timestamp())`,
    [userId, source.kind, source.issuer],
  );
  return rows;
}

export async function insertMappedGrant(tx: TenantTx, grantId: string, { kind, issuer }: Source): Promise<void> {
  await tx.query(
    `insert into directory_grants (tenant_id, grant_id, kind, issuer)
     values (app.tenant(), $1::uuid, $2::text, $3::text)`,
    [grantId, kind, issuer],
  );
}

/** Local groups that somebody is in, and of them those by this source. */
export async function selectMemberships(
  tx: TenantTx,
  userId: string,
  { kind, issuer }: Source,
): Promise<{ groupId: string; mapped: boolean; elsewhere: boolean }[]> {
  const { rows } = await tx.query<{ groupId: string; mapped: boolean; elsewhere: boolean }>(
    `select m.group_id as "groupId",
            coalesce(bool_or(d.kind = $2::text and d.issuer = $3::text), false) as mapped,
            coalesce(bool_or(d.kind <> $2::text or d.issuer <> $3::text), false) as elsewhere
       from group_members m
       left join directory_memberships d on d.tenant_id = m.tenant_id and d.group_id = m.group_id and d.user_id = m.user_id and d.held
      where m.tenant_id = app.tenant() and m.user_id = $1::uuid
      group by m.group_id`,
    [userId, kind, issuer],
  );
  return rows;
}

export async function keepMembership(
  tx: TenantTx,
  { groupId, userId, held, kind, issuer }: Membership & { held: boolean },
): Promise<void> {
  await tx.query(
    `insert into directory_memberships (tenant_id, group_id, user_id, kind, issuer, held)
     values (app.tenant(), $1::uuid, $2::uuid, $3::text, $4::text, $5::boolean)
     on conflict (tenant_id, group_id, user_id, kind, issuer) do update set held = excluded.held`,
    [groupId, userId, kind, issuer, held],
  );
}

/** Every grant that holds and follows a source. */
export async function selectAllMapped(tx: TenantTx): Promise<(Source & { grant: MappedGrant })[]> {
  const { rows } = await tx.query<Source & MappedGrant>(
    `select d.kind, d.issuer, g.grant_id as "grantId", g.builtin_role as "builtinRole", g.role_id as "roleId",
            g.site_ids::text[] as "siteIds"
       from directory_grants d
       join role_grants g on g.tenant_id = d.tenant_id and g.grant_id = d.grant_id
      where d.tenant_id = app.tenant() and g.revoked_at is null`,
  );
  return rows.map(({ kind, issuer, ...grant }) => ({ kind, issuer, grant }));
}

export type Membership = Source & { groupId: string; userId: string };

/** Every membership that a source keeps. */
export async function selectAllMemberships(tx: TenantTx): Promise<Membership[]> {
  const { rows } = await tx.query<Membership>(
    `select kind, issuer, group_id as "groupId", user_id as "userId" from directory_memberships
      where tenant_id = app.tenant() and held`,
  );
  return rows;
}
