import type { TenantTx } from "../../audit/index.ts";
import type { GroupQuery } from "./query.ts";

export type ScimGroupRow = {
  groupId: string;
  name: string;
  source: "local" | "scim";
  externalId: string | null;
  version: number;
  createdAt: string;
  changedAt: string;
};
export type ScimMember = { groupId: string; userId: string; displayName: string };

const columns = `g.group_id as "groupId", g.name, g.source, g.external_id as "externalId", g.version,
  ledger.timestamp_text(g.created_at) as "createdAt", ledger.timestamp_text(g.changed_at) as "changedAt"`;

const asked = `g.tenant_id = app.tenant() and g.source = 'scim'
  and ($1::uuid is null or g.group_id = $1::uuid)
  and ($2::text is null or g.external_id = $2::text)
  and (cardinality($3::text[]) = 0
       or not exists (select from unnest($3::text[]) p where lower(g.name) not like lower(p)))
  and (cardinality($4::text[]) = 0
       or not exists (select from unnest($4::text[]) p where coalesce(g.external_id, '') not like p))
  and (cardinality($5::uuid[]) = 0
       or not exists (select from unnest($5::uuid[]) u
                       where not exists (select from group_members m
                                          where m.tenant_id = g.tenant_id and m.group_id = g.group_id and m.user_id = u)))`;

const values = (query: GroupQuery): unknown[] => [
  query.groupId,
  query.externalId,
  query.displayNames,
  query.externalIds,
  query.members,
];

// Members that SCIM may see are those that it may take out.
const mayJoin = `u.source in ('scim', 'saml')`;
const isThere = `u.erased_at is null
  and not exists (select from scim_users s where s.tenant_id = u.tenant_id and s.user_id = u.user_id and s.removed_at is not null)`;

export async function countScimGroups(tx: TenantTx, query: GroupQuery): Promise<number> {
  const { rows } = await tx.query<{ found: number }>(
    `select count(*)::int as found from groups g where ${asked}`,
    values(query),
  );
  return rows[0]!.found;
}

/** In the order of making, which nothing changes. `members` counts, for bounding what an answer holds. */
export async function selectScimGroups(
  tx: TenantTx,
  query: GroupQuery,
  page: { skip: number; take: number },
): Promise<(ScimGroupRow & { members: number })[]> {
  const { rows } = await tx.query<ScimGroupRow & { members: number }>(
    `select ${columns},
            (select count(*)::int from group_members m where m.tenant_id = g.tenant_id and m.group_id = g.group_id) as members
       from groups g
      where ${asked}
      order by g.created_at, g.group_id
     offset $6::bigint limit $7::int`,
    [...values(query), page.skip, page.take],
  );
  return rows;
}

export async function selectScimGroup(
  tx: TenantTx,
  groupId: string,
  forUpdate: boolean,
): Promise<ScimGroupRow | undefined> {
  const { rows } = await tx.query<ScimGroupRow>(
    `select ${columns} from groups g where g.tenant_id = app.tenant() and g.group_id = $1::uuid${forUpdate ? " for update" : ""}`,
    [groupId],
  );
  return rows[0];
}

export async function selectScimMembers(tx: TenantTx, groupIds: readonly string[]): Promise<ScimMember[]> {
  const { rows } = await tx.query<ScimMember>(
    `select m.group_id as "groupId", m.user_id as "userId", u.display_name as "displayName"
       from group_members m join users u on u.tenant_id = m.tenant_id and u.user_id = m.user_id
      where m.tenant_id = app.tenant() and m.group_id = any($1::uuid[]) and ${mayJoin} and ${isThere}
      order by m.group_id, m.user_id`,
    [groupIds],
  );
  return rows;
}

/** Of these, who is there, and whether SCIM may put them into a group. Held until the transaction ends. */
export async function selectCandidates(
  tx: TenantTx,
  userIds: readonly string[],
): Promise<{ userId: string; mayJoin: boolean }[]> {
  const { rows } = await tx.query<{ userId: string; mayJoin: boolean }>(
    `select u.user_id as "userId", ${mayJoin} as "mayJoin"
       from users u where u.tenant_id = app.tenant() and u.user_id = any($1::uuid[]) and ${isThere}
        for key share of u`,
    [userIds],
  );
  return rows;
}
