import type { TenantTx } from "../../audit/index.ts";

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

/** By name, after `after` (a lower-case user name). */
export async function selectUsers(
  tx: TenantTx,
  { after, limit, text }: { after: string | null; limit: number; text: string | null },
): Promise<User[]> {
  const { rows } = await tx.query<User>(
    `select ${columns} from users
      where tenant_id = app.tenant()
        and ($1::text is null or lower(user_name) > $1::text)
        and ($3::text is null or strpos(lower(user_name || ' ' || display_name || ' ' || coalesce(email, '')), lower($3::text)) > 0)
      order by lower(user_name) limit $2::int`,
    [after, limit, text],
  );
  return rows;
}

/** The ids of the keys that a person made, revoked now. */
export async function revokeKeysMadeBy(tx: TenantTx, userId: string): Promise<string[]> {
  const { rows } = await tx.query<{ keyId: string }>(
    `update api_keys set revoked_at = clock_timestamp(), version = version + 1
      where tenant_id = app.tenant() and made_by = $1::text and revoked_at is null
      returning key_id as "keyId"`,
    [`user ${userId}`],
  );
  return rows.map(({ keyId }) => keyId);
}
