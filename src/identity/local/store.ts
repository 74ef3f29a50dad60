import type { TenantTx } from "../../audit/index.ts";
import type { Queryable } from "../../platform/db.ts";

/** Undefined for somebody without a password of ours. */
export async function selectPasswordHash(tx: TenantTx, userId: string): Promise<string | undefined> {
  const { rows } = await tx.query<{ hash: string }>(
    "select hash from local_passwords where tenant_id = app.tenant() and user_id = $1::uuid",
    [userId],
  );
  return rows[0]?.hash;
}

export async function upsertPassword(tx: TenantTx, userId: string, hash: string): Promise<void> {
  await tx.query(
    `insert into local_passwords (tenant_id, user_id, hash) values (app.tenant(), $1::uuid, $2::text)
     on conflict (tenant_id, user_id) do update set hash = excluded.hash, changed_at = clock_timestamp()`,
    [userId, hash],
  );
}

export type LinkPurpose = "setup" | "invite" | "reset";
export type SignInLink = { linkId: string; userId: string; purpose: LinkPurpose; expiresAt: string };

const linkColumns = `link_id as "linkId", user_id as "userId", purpose, ledger.timestamp_text(expires_at) as "expiresAt"`;
const usable = "tenant_id = app.tenant() and used_at is null and expires_at > clock_timestamp()";

/** In place of every earlier one of this person. */
export async function insertLink(
  tx: TenantTx,
  link: { userId: string; purpose: LinkPurpose; tokenHash: Buffer; hours: number },
): Promise<SignInLink> {
  await tx.query("delete from sign_in_links where tenant_id = app.tenant() and user_id = $1::uuid", [link.userId]);
  const { rows } = await tx.query<SignInLink>(
    `insert into sign_in_links (tenant_id, user_id, purpose, token_hash, expires_at)
     values (app.tenant(), $1::uuid, $2::text, $3::bytea, clock_timestamp() + make_interval(hours => $4::int))
     returning ${linkColumns}`,
    [link.userId, link.purpose, link.tokenHash, link.hours],
  );
  return rows[0]!;
}

/** Undefined when there is none, or it was used or ran out. */
export async function selectUsableLink(tx: TenantTx, tokenHash: Buffer): Promise<SignInLink | undefined> {
  const { rows } = await tx.query<SignInLink>(
    `select ${linkColumns} from sign_in_links where ${usable} and token_hash = $1::bytea`,
    [tokenHash],
  );
  return rows[0];
}

/** True for one of those who come at once. */
export async function markLinkUsed(tx: TenantTx, linkId: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update sign_in_links set used_at = clock_timestamp() where ${usable} and link_id = $1::uuid`,
    [linkId],
  );
  return rowCount === 1;
}

/** What a sign-in page shows of a tenant, and what its people must do. */
export type TenantSignIn = { tenantId: string; slug: string; name: string; mfaRequired: boolean };

export async function selectTenantSignIn(tx: TenantTx): Promise<TenantSignIn> {
  const { rows } = await tx.query<TenantSignIn>(
    `select tenant_id as "tenantId", slug, name, mfa_required as "mfaRequired"
       from tenants where tenant_id = app.tenant()`,
  );
  return rows[0]!;
}

/** The public name of the only tenant; undefined when there are several. */
export async function selectOnlyTenant(db: Queryable): Promise<string | undefined> {
  const { rows } = await db.query<{ slug: string | null }>("select app.only_tenant() as slug");
  return rows[0]?.slug ?? undefined;
}

/** Removes what a person signs in with: password and links. For an erasure; openings of the ledger are its own matter. */
export async function deletePasswordAndLinks(tx: TenantTx, userId: string): Promise<void> {
  await tx.query("delete from sign_in_links where tenant_id = app.tenant() and user_id = $1::uuid", [userId]);
  await tx.query("delete from local_passwords where tenant_id = app.tenant() and user_id = $1::uuid", [userId]);
}

export type LocalAccount = {
  userId: string;
  userName: string;
  displayName: string;
  active: boolean;
  isOwner: boolean;
  hasPassword: boolean;
  factors: number;
};

/** Accounts that the appliance itself keeps, by user name. */
export async function selectLocalAccounts(tx: TenantTx): Promise<LocalAccount[]> {
  const { rows } = await tx.query<LocalAccount>(
    `select u.user_id as "userId", u.user_name as "userName", u.display_name as "displayName", u.active,
            exists (select from role_grants g
                     where g.tenant_id = u.tenant_id and g.user_id = u.user_id and g.builtin_role = 'owner'
                       and g.site_ids is null and g.revoked_at is null
                       and (g.expires_at is null or g.expires_at > clock_timestamp())) as "isOwner",
            exists (select from local_passwords p
                     where p.tenant_id = u.tenant_id and p.user_id = u.user_id) as "hasPassword",
            (select count(*)::int from factors f where f.tenant_id = u.tenant_id and f.user_id = u.user_id) as factors
       from users u
      where u.tenant_id = app.tenant() and u.source = 'local'
      order by lower(u.user_name)`,
  );
  return rows;
}
