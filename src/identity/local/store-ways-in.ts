import type { TenantTx } from "../../audit/index.ts";

export type StoredWaysIn = {
  passwordSetAt: string | null;
  /** Until when a one-time link that was not used is good; null: there is none. */
  linkUntil: string | null;
  /** Of sessions that are still kept. */
  lastSignInAt: string | null;
};

export async function selectWaysIn(tx: TenantTx, userId: string): Promise<StoredWaysIn> {
  const { rows } = await tx.query<StoredWaysIn>(
    `select (select ledger.timestamp_text(p.changed_at) from local_passwords p
              where p.tenant_id = app.tenant() and p.user_id = $1::uuid) as "passwordSetAt",
            (select ledger.timestamp_text(max(l.expires_at)) from sign_in_links l
              where l.tenant_id = app.tenant() and l.user_id = $1::uuid and l.used_at is null
                and l.expires_at > clock_timestamp()) as "linkUntil",
            (select ledger.timestamp_text(max(s.created_at)) from sessions s
              where s.tenant_id = app.tenant() and s.user_id = $1::uuid) as "lastSignInAt"`,
    [userId],
  );
  return rows[0]!;
}
