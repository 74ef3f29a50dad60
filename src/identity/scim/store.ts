import type { TenantTx } from "../../audit/index.ts";
import type { User } from "../people/store-users.ts";
import type { UserQuery } from "./query.ts";
import type { Values } from "./values.ts";

/** An account as SCIM sees it. `attributes` is null for one that SAML made and SCIM never wrote. */
export type ScimUserRow = Omit<User, "deactivatedAt" | "erasedAt"> & {
  attributes: Values | null;
  groups: { groupId: string; name: string }[];
};

const columns = `u.user_id as "userId", u.user_name as "userName", u.display_name as "displayName", u.email, u.source,
  u.external_id as "externalId", u.active, u.version, ledger.timestamp_text(u.created_at) as "createdAt",
  ledger.timestamp_text(u.changed_at) as "changedAt", s.attributes,
  coalesce((select json_agg(json_build_object('groupId', g.group_id, 'name', g.name) order by g.created_at, g.group_id)
              from group_members m join groups g on g.tenant_id = m.tenant_id and g.group_id = m.group_id
             where m.tenant_id = u.tenant_id and m.user_id = u.user_id and g.source = 'scim'), '[]') as groups`;

// SCIM sees whom it made, and whom it may take over from SAML; the appliance's own accounts and those of LDAP are not its own.
const visible = `u.tenant_id = app.tenant() and u.source in ('scim', 'saml') and u.erased_at is null and s.removed_at is null`;

const emailKeys = `coalesce(s.email_keys, array['work' || chr(9) || lower(u.email), chr(9) || lower(u.email)])`;

// What is not asked costs nothing: it is planned away, since each statement is planned with its values.
const asked = `($1::uuid is null or u.user_id = $1::uuid)
  and ($2::text is null or u.user_name_key = lower($2::text))
  and ($3::text is null or u.external_id = $3::text)
  and ($4::text is null or s.manager = $4::text)
  and ($5::boolean is null or u.active = $5::boolean)
  and (cardinality($6::text[]) = 0
       or not exists (select from unnest($6::text[]) p where u.user_name_key not like lower(p)))
  and (cardinality($7::text[]) = 0
       or not exists (select from unnest($7::text[]) p where coalesce(u.external_id, '') not like p))
  and (cardinality($8::text[]) = 0
       or not exists (select from unnest($8::text[]) p
                       where lower(coalesce(case when s.user_id is null then u.display_name
                                                 else s.attributes->>'displayName' end, '')) not like lower(p)))
  and (cardinality($9::text[]) = 0 or ${emailKeys} @> $9::text[])
  and (cardinality($10::text[]) = 0
       or not exists (select from unnest($10::text[]) p
                       where not exists (select from unnest(${emailKeys}) k where k like p)))`;

const values = (query: UserQuery): unknown[] => [
  query.userId,
  query.userName,
  query.externalId,
  query.manager,
  query.active,
  query.userNames,
  query.externalIds,
  query.displayNames,
  query.emails,
  query.emailPatterns,
];

export async function countScimUsers(tx: TenantTx, query: UserQuery): Promise<number> {
  const { rows } = await tx.query<{ found: number }>(
    `select count(*)::int as found
       from users u left join scim_users s on s.tenant_id = u.tenant_id and s.user_id = u.user_id
      where ${visible} and ${asked}`,
    values(query),
  );
  return rows[0]!.found;
}

/** In the order of making, which nothing changes. */
export async function selectScimUsers(
  tx: TenantTx,
  query: UserQuery,
  page: { skip: number; take: number },
): Promise<ScimUserRow[]> {
  const { rows } = await tx.query<ScimUserRow>(
    `select ${columns}
       from (select u.user_id
               from users u left join scim_users s on s.tenant_id = u.tenant_id and s.user_id = u.user_id
              where ${visible} and ${asked}
              order by u.created_at, u.user_id
             offset $11::bigint limit $12::int) page
       join users u on u.tenant_id = app.tenant() and u.user_id = page.user_id
       left join scim_users s on s.tenant_id = u.tenant_id and s.user_id = u.user_id
      order by u.created_at, u.user_id`,
    [...values(query), page.skip, page.take],
  );
  return rows;
}

/** Whoever has this id and is not removed from SCIM, also if SCIM may not touch them. */
export async function selectScimUser(tx: TenantTx, userId: string): Promise<ScimUserRow | undefined> {
  const { rows } = await tx.query<ScimUserRow>(
    `select ${columns}
       from users u left join scim_users s on s.tenant_id = u.tenant_id and s.user_id = u.user_id
      where u.tenant_id = app.tenant() and u.user_id = $1::uuid and u.erased_at is null and s.removed_at is null`,
    [userId],
  );
  return rows[0];
}

/** Somebody whom the directory took back, and now names again by the same id of its own. */
export async function selectRemovedUser(tx: TenantTx, externalId: string): Promise<string | undefined> {
  const { rows } = await tx.query<{ userId: string }>(
    `select u.user_id as "userId"
       from users u join scim_users s on s.tenant_id = u.tenant_id and s.user_id = u.user_id
      where u.tenant_id = app.tenant() and u.source = 'scim' and u.external_id = $1::text
        and u.erased_at is null and s.removed_at is not null
        for update of u`,
    [externalId],
  );
  return rows[0]?.userId;
}

export type ScimAttributes = { attributes: Values; emailKeys: string[]; manager: string | null };

/** Also brings somebody back who was removed. */
export async function putScimAttributes(tx: TenantTx, userId: string, scim: ScimAttributes): Promise<void> {
  await tx.query(
    `insert into scim_users (tenant_id, user_id, attributes, email_keys, manager)
     values (app.tenant(), $1::uuid, $2::json, $3::text[], $4::text)
     on conflict (tenant_id, user_id) do update
       set attributes = excluded.attributes, email_keys = excluded.email_keys, manager = excluded.manager, removed_at = null`,
    [userId, JSON.stringify(scim.attributes), scim.emailKeys, scim.manager],
  );
}

/** What SCIM said of the person goes at once. */
export async function markRemoved(tx: TenantTx, userId: string): Promise<void> {
  await tx.query(
    `insert into scim_users (tenant_id, user_id, attributes, email_keys, removed_at)
     values (app.tenant(), $1::uuid, '{}', '{}', clock_timestamp())
     on conflict (tenant_id, user_id) do update
       set attributes = '{}', email_keys = '{}', manager = null, removed_at = excluded.removed_at`,
    [userId],
  );
}

/** The groups that somebody is in, held until the transaction ends. Before the person's own row, as changes of members do. */
export async function lockGroupsOf(tx: TenantTx, userId: string): Promise<string[]> {
  const { rows } = await tx.query<{ groupId: string }>(
    `select g.group_id as "groupId" from groups g
      where g.tenant_id = app.tenant()
        and exists (select from group_members m
                     where m.tenant_id = g.tenant_id and m.group_id = g.group_id and m.user_id = $1::uuid)
      order by g.group_id for update of g`,
    [userId],
  );
  return rows.map(({ groupId }) => groupId);
}
