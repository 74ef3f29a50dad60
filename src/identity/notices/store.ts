import type { TenantTx } from "../../audit/index.ts";
import {
  byId,
  byText,
  byTime,
  byTimeOrNever,
  keyset,
  type ListOrder,
  type Page,
  type Placed,
} from "../../platform/sorted-list.ts";
import type { NoticeData } from "./kinds.ts";

export type StoredNotice = {
  noticeId: string;
  kind: string;
  entity: { type: string; id: string };
  data: NoticeData;
  madeAt: string;
  readAt: string | null;
};

export type NewNotice = Pick<StoredNotice, "kind" | "entity" | "data"> & { about: string | null };

const columns = `notice_id as "noticeId", kind, json_build_object('type', entity_type, 'id', entity_id) as entity, data,
  ledger.timestamp_text(made_at) as "madeAt", ledger.timestamp_text(read_at) as "readAt"`;

export async function insertNotices(tx: TenantTx, userIds: readonly string[], notice: NewNotice): Promise<void> {
  await tx.query(
    `insert into notices (tenant_id, user_id, kind, entity_type, entity_id, about, data)
     select app.tenant(), u, $2::text, $3::text, $4::text, $5::uuid, $6::json from unnest($1::uuid[]) u`,
    [userIds, notice.kind, notice.entity.type, notice.entity.id, notice.about, JSON.stringify(notice.data)],
  );
}

/** Of these people, those who are active; an address where they want e-mail and have one. */
export async function selectRecipients(
  tx: TenantTx,
  userIds: readonly string[],
): Promise<{ userId: string; email: string | null }[]> {
  const { rows } = await tx.query<{ userId: string; email: string | null }>(
    `select u.user_id as "userId", case when coalesce(s.mail, true) then u.email end as email
       from users u
       left join notice_settings s on s.tenant_id = u.tenant_id and s.user_id = u.user_id
      where u.tenant_id = app.tenant() and u.user_id = any($1::uuid[]) and u.active
      order by u.user_id`,
    [userIds],
  );
  return rows;
}

/** Active people who hold one of these built-in roles, or a custom one with the permission, over all sites now. */
export async function selectHolders(
  tx: TenantTx,
  { builtinRoles, permission }: { builtinRoles: readonly string[]; permission: string | null },
): Promise<string[]> {
  const { rows } = await tx.query<{ userId: string }>(
    `select distinct u.user_id as "userId"
       from users u
       join role_grants g on g.tenant_id = u.tenant_id
        and (g.user_id = u.user_id
             or g.group_id in (select m.group_id from group_members m
                                where m.tenant_id = u.tenant_id and m.user_id = u.user_id))
       left join roles r on r.tenant_id = g.tenant_id and r.role_id = g.role_id
      where u.tenant_id = app.tenant() and u.active and g.site_ids is null and g.revoked_at is null
        and (g.expires_at is null or g.expires_at > clock_timestamp())
        and (g.builtin_role = any($1::text[]) or $2::text = any(r.permissions))`,
    [builtinRoles, permission],
  );
  return rows.map(({ userId }) => userId);
}

export const NOTICE_ORDER: ListOrder = {
  id: byId("notice_id"),
  keys: { kind: byText("kind"), madeAt: byTime("made_at"), readAt: byTimeOrNever("read_at") },
  first: "-madeAt",
};

/** A person's. */
export async function selectNotices(
  tx: TenantTx,
  userId: string,
  page: Page & { unread: boolean },
): Promise<{ notices: StoredNotice[]; next: string | null }> {
  const { place, after, order, values, cut } = keyset(NOTICE_ORDER, page, 3);
  const { rows } = await tx.query<StoredNotice & Placed>(
    `select ${columns}, ${place} from notices
      where tenant_id = app.tenant() and user_id = $1::uuid and (not $2::boolean or read_at is null) and ${after}
      order by ${order}`,
    [userId, page.unread, ...values],
  );
  return cut("notices", rows);
}

export async function countUnread(tx: TenantTx, userId: string): Promise<number> {
  const { rows } = await tx.query<{ unread: number }>(
    `select count(*)::int as unread from notices
      where tenant_id = app.tenant() and user_id = $1::uuid and read_at is null`,
    [userId],
  );
  return rows[0]!.unread;
}

/** The ids of those that were unread until now; null names all of the person's. */
export async function markRead(tx: TenantTx, userId: string, noticeIds: readonly string[] | null): Promise<string[]> {
  const { rows } = await tx.query<{ noticeId: string }>(
    `update notices set read_at = clock_timestamp()
      where tenant_id = app.tenant() and user_id = $1::uuid and read_at is null
        and ($2::uuid[] is null or notice_id = any($2::uuid[]))
      returning notice_id as "noticeId"`,
    [userId, noticeIds],
  );
  return rows.map(({ noticeId }) => noticeId);
}

export async function selectWantsMail(tx: TenantTx, userId: string): Promise<boolean> {
  const { rows } = await tx.query<{ mail: boolean }>(
    "select mail from notice_settings where tenant_id = app.tenant() and user_id = $1::uuid",
    [userId],
  );
  return rows[0]?.mail ?? true;
}

export async function upsertWantsMail(tx: TenantTx, userId: string, mail: boolean): Promise<void> {
  await tx.query(
    `insert into notice_settings (tenant_id, user_id, mail) values (app.tenant(), $1::uuid, $2::boolean)
     on conflict (tenant_id, user_id) do update set mail = excluded.mail`,
    [userId, mail],
  );
}

/** What tells of a person or was told to them, and the places they came from. */
export async function deleteNoticesOf(tx: TenantTx, userId: string): Promise<number> {
  const { rowCount } = await tx.query(
    "delete from notices where tenant_id = app.tenant() and (user_id = $1::uuid or about = $1::uuid)",
    [userId],
  );
  await tx.query("delete from notice_settings where tenant_id = app.tenant() and user_id = $1::uuid", [userId]);
  return rowCount ?? 0;
}

/** Read ones after 90 days, others after a year. */
export async function deleteOldNotices(tx: TenantTx): Promise<number> {
  const { rowCount } = await tx.query(
    `delete from notices
      where tenant_id = app.tenant()
        and (made_at < clock_timestamp() - interval '365 days' or read_at < clock_timestamp() - interval '90 days')`,
  );
  return rowCount ?? 0;
}
