import type { TenantTx } from "../../audit/index.ts";
import {
  byCount,
  byId,
  byText,
  byTime,
  keyset,
  type ListOrder,
  type Page,
  type Placed,
} from "../../platform/sorted-list.ts";

export type Group = {
  groupId: string;
  name: string;
  source: "local" | "scim";
  externalId: string | null;
  version: number;
  members: number;
  createdAt: string;
  changedAt: string;
};

const members =
  "(select count(*)::int from group_members m where m.tenant_id = g.tenant_id and m.group_id = g.group_id)";
const columns = `g.group_id as "groupId", g.name, g.source, g.external_id as "externalId", g.version, ${members} as members,
  ledger.timestamp_text(g.created_at) as "createdAt", ledger.timestamp_text(g.changed_at) as "changedAt"`;

export async function insertGroup(
  tx: TenantTx,
  { name, source, externalId }: Pick<Group, "name" | "source" | "externalId">,
): Promise<Group> {
  const { rows } = await tx.query<Group>(
    `insert into groups as g (tenant_id, name, source, external_id) values (app.tenant(), $1::text, $2::text, $3::text)
     returning ${columns}`,
    [name, source, externalId],
  );
  return rows[0]!;
}

/** Writes what can change, and counts the version. */
export async function updateGroupRow(
  tx: TenantTx,
  { groupId, name, externalId }: Pick<Group, "groupId" | "name" | "externalId">,
): Promise<Group> {
  const { rows } = await tx.query<Group>(
    `update groups as g set name = $2::text, external_id = $3::text, version = version + 1, changed_at = clock_timestamp()
      where g.tenant_id = app.tenant() and g.group_id = $1::uuid
      returning ${columns}`,
    [groupId, name, externalId],
  );
  return rows[0]!;
}

/** Its members and grants go with it. */
export async function deleteGroupRow(tx: TenantTx, groupId: string): Promise<void> {
  await tx.query("delete from groups where tenant_id = app.tenant() and group_id = $1::uuid", [groupId]);
}

export async function selectGroup(tx: TenantTx, groupId: string, forUpdate = false): Promise<Group | undefined> {
  const { rows } = await tx.query<Group>(
    `select ${columns} from groups g where g.tenant_id = app.tenant() and g.group_id = $1::uuid${forUpdate ? " for update" : ""}`,
    [groupId],
  );
  return rows[0];
}

export const GROUP_ORDER: ListOrder = {
  id: byId("g.group_id"),
  keys: {
    name: byText("g.name"),
    source: byText("g.source"),
    members: byCount(members),
    createdAt: byTime("g.created_at"),
  },
  first: "name",
};

export type GroupFilter = {
  text?: string | undefined;
  source?: Group["source"] | undefined;
  /** Groups that this person is in. */
  userId?: string | undefined;
};

// Who has some sites sees the groups that have something over one of them.
const seen = `((select app.all_sites()) or exists (
  select from role_grants r
   where r.tenant_id = g.tenant_id and r.group_id = g.group_id and r.revoked_at is null
     and (r.expires_at is null or r.expires_at > clock_timestamp())
     and (r.site_ids is null or r.site_ids && (select app.sites())::uuid[])))`;

/** Whether the bound caller sees a group. */
export async function seesGroup(tx: TenantTx, groupId: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `select from groups g where g.tenant_id = app.tenant() and g.group_id = $1::uuid and ${seen}`,
    [groupId],
  );
  return rowCount === 1;
}

/** Those that the bound caller sees. */
export async function selectGroups(
  tx: TenantTx,
  { text, source, userId, ...page }: GroupFilter & Page,
): Promise<{ groups: Group[]; next: string | null }> {
  const { place, after, order, values, cut } = keyset(GROUP_ORDER, page, 4);
  const { rows } = await tx.query<Group & Placed>(
    `select ${columns}, ${place} from groups g
      where g.tenant_id = app.tenant() and ${seen}
        and ($1::text is null or strpos(lower(g.name), lower($1::text)) > 0)
        and ($2::text is null or g.source = $2::text)
        and ($3::uuid is null
             or g.group_id in (select m.group_id from group_members m where m.tenant_id = app.tenant() and m.user_id = $3::uuid))
        and ${after}
      order by ${order}`,
    [text ?? null, source ?? null, userId ?? null, ...values],
  );
  return cut("groups", rows);
}

/** By id; all of them unless there is a page. */
export async function selectMembers(
  tx: TenantTx,
  groupId: string,
  page: { after?: string | undefined; limit?: number } = {},
): Promise<string[]> {
  const { rows } = await tx.query<{ userId: string }>(
    `select user_id as "userId"
       from group_members
      where tenant_id = app.tenant() and group_id = $1::uuid and ($2::uuid is null or user_id > $2::uuid)
      order by user_id
      limit $3::int`,
    [groupId, page.after ?? null, page.limit ?? null],
  );
  return rows.map(({ userId }) => userId);
}

/** How many were not members before. @throws 23503 for somebody who is not there. */
export async function insertMembers(tx: TenantTx, groupId: string, userIds: readonly string[]): Promise<number> {
  const { rowCount } = await tx.query(
    `insert into group_members (tenant_id, group_id, user_id)
     select app.tenant(), $1::uuid, u from unnest($2::uuid[]) u on conflict do nothing`,
    [groupId, userIds],
  );
  return rowCount ?? 0;
}

/** How many were members before. */
export async function deleteMembers(tx: TenantTx, groupId: string, userIds: readonly string[]): Promise<number> {
  const { rowCount } = await tx.query(
    "delete from group_members where tenant_id = app.tenant() and group_id = $1::uuid and user_id = any($2::uuid[])",
    [groupId, userIds],
  );
  return rowCount ?? 0;
}
