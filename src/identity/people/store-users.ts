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

export type UserSource = "local" | "saml" | "ldap" | "scim";

export type User = {
  userId: string;
  userName: string;
  displayName: string;
  email: string | null;
  source: UserSource;
  externalId: string | null;
  active: boolean;
  version: number;
  createdAt: string;
  changedAt: string;
  deactivatedAt: string | null;
  erasedAt: string | null;
};

export type NewUser = Pick<User, "userName" | "displayName" | "email" | "source" | "externalId">;

const columns = `user_id as "userId", user_name as "userName", display_name as "displayName", email, source,
  external_id as "externalId", active, version, ledger.timestamp_text(created_at) as "createdAt",
  ledger.timestamp_text(changed_at) as "changedAt", ledger.timestamp_text(deactivated_at) as "deactivatedAt",
  ledger.timestamp_text(erased_at) as "erasedAt"`;

export async function insertUser(tx: TenantTx, user: NewUser): Promise<User> {
  const { rows } = await tx.query<User>(
    `insert into users (tenant_id, user_name, display_name, email, source, external_id)
     values (app.tenant(), $1::text, $2::text, $3::text, $4::text, $5::text)
     returning ${columns}`,
    [user.userName, user.displayName, user.email, user.source, user.externalId],
  );
  return rows[0]!;
}

/** Writes what can change, and counts the version. */
export async function updateUserRow(tx: TenantTx, user: User): Promise<User> {
  const { rows } = await tx.query<User>(
    `update users
        set user_name = $2::text, display_name = $3::text, email = $4::text, source = $5::text, external_id = $6::text,
            active = $7::boolean, version = version + 1, changed_at = clock_timestamp(),
            deactivated_at = case when $7::boolean then null else coalesce(deactivated_at, clock_timestamp()) end
      where tenant_id = app.tenant() and user_id = $1::uuid
      returning ${columns}`,
    [user.userId, user.userName, user.displayName, user.email, user.source, user.externalId, user.active],
  );
  return rows[0]!;
}

/** One of these names a user. `forUpdate` holds the row until the transaction ends. */
export type UserKey = { userId: string } | { userName: string } | { source: UserSource; externalId: string };

export async function selectUser(tx: TenantTx, key: UserKey, forUpdate = false): Promise<User | undefined> {
  const [where, values] =
    "userId" in key
      ? ["user_id = $1::uuid", [key.userId]]
      : "userName" in key
        ? ["user_name_key = lower($1::text)", [key.userName]]
        : ["source = $1::text and external_id = $2::text", [key.source, key.externalId]];
  const { rows } = await tx.query<User>(
    `select ${columns} from users where tenant_id = app.tenant() and ${where}${forUpdate ? " for update" : ""}`,
    values,
  );
  return rows[0];
}

/** `lastSignInAt`: of sessions that are still kept. */
export type ListedUser = User & { lastSignInAt: string | null; factors: number };

export const USER_STATES = ["active", "deactivated", "erased"] as const;

export type UserFilter = {
  /** In user name, name or address. */
  text?: string | undefined;
  state?: (typeof USER_STATES)[number] | undefined;
  source?: UserSource | undefined;
  /** Members of this group. */
  groupId?: string | undefined;
};

const lastSignIn = `(select max(s.created_at) from sessions s
    where s.tenant_id = users.tenant_id and s.user_id = users.user_id)`;

export const USER_ORDER: ListOrder = {
  id: byId("users.user_id"),
  keys: {
    userName: byText("user_name"),
    displayName: byText("display_name"),
    email: byText("email"),
    source: byText("source"),
    createdAt: byTime("created_at"),
    lastSignInAt: byTimeOrNever(lastSignIn),
  },
  first: "userName",
};

// Who has some sites sees the people who hold, or would if they were active, something over one of them.
const seen = `((select app.all_sites()) or exists (
  select from app.held_grants(app.tenant(), users.user_id, true) g
   where g.site_ids is null or g.site_ids && (select app.sites())::uuid[]))`;

/** Whether the bound caller sees somebody. */
export async function seesUser(tx: TenantTx, userId: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `select from users where tenant_id = app.tenant() and user_id = $1::uuid and ${seen}`,
    [userId],
  );
  return rowCount === 1;
}

/** Those whom the bound caller sees. */
export async function selectUsers(
  tx: TenantTx,
  { text, state, source, groupId, ...page }: UserFilter & Page,
): Promise<{ users: ListedUser[]; next: string | null }> {
  const { place, after, order, values, cut } = keyset(USER_ORDER, page, 5);
  const { rows } = await tx.query<ListedUser & Placed>(
    `select ${columns}, ledger.timestamp_text(${lastSignIn}) as "lastSignInAt",
            (select count(*)::int from factors f where f.tenant_id = users.tenant_id and f.user_id = users.user_id) as factors,
            ${place}
       from users
      where tenant_id = app.tenant() and ${seen}
        and ($1::text is null or strpos(lower(user_name || ' ' || display_name || ' ' || coalesce(email, '')), lower($1::text)) > 0)
        and ($2::text is null
             or $2::text = case when active then 'active' when erased_at is null then 'deactivated' else 'erased' end)
        and ($3::text is null or source = $3::text)
        and ($4::uuid is null
             or user_id in (select m.user_id from group_members m where m.tenant_id = app.tenant() and m.group_id = $4::uuid))
        and ${after}
      order by ${order}`,
    [text ?? null, state ?? null, source ?? null, groupId ?? null, ...values],
  );
  return cut("users", rows);
}

/** The ids of the keys that a person stands behind, revoked now. Those that were given to the tenant stay. */
export async function revokeKeysOf(tx: TenantTx, userId: string): Promise<string[]> {
  const { rows } = await tx.query<{ keyId: string }>(
    `update api_keys set revoked_at = clock_timestamp(), version = version + 1
      where tenant_id = app.tenant() and person_id = $1::uuid and revoked_at is null
      returning key_id as "keyId"`,
    [userId],
  );
  return rows.map(({ keyId }) => keyId);
}
