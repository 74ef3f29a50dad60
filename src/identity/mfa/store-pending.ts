import type { TenantTx } from "../../audit/index.ts";

/** A sign-in whose first factor was right. */
export type Pending = { pendingId: string; userId: string; via: "web" | "ldap" };

const minutes = 5;
const mostTries = 5;

/** Those that ran out go. */
export async function insertPending(
  tx: TenantTx,
  pending: { userId: string; via: Pending["via"]; tokenHash: Buffer },
): Promise<string> {
  await tx.query("delete from pending_sign_ins where tenant_id = app.tenant() and expires_at < clock_timestamp()");
  const { rows } = await tx.query<{ pendingId: string }>(
    `insert into pending_sign_ins (tenant_id, user_id, token_hash, via, expires_at)
     values (app.tenant(), $1::uuid, $2::bytea, $3::text, clock_timestamp() + make_interval(mins => $4::int))
     returning pending_id as "pendingId"`,
    [pending.userId, pending.tokenHash, pending.via, minutes],
  );
  return rows[0]!.pendingId;
}

/** Of a person who is active, with tries left. */
export async function selectPending(tx: TenantTx, tokenHash: Buffer): Promise<Pending | undefined> {
  const { rows } = await tx.query<Pending>(
    `select p.pending_id as "pendingId", p.user_id as "userId", p.via
       from pending_sign_ins p
       join users u on u.tenant_id = p.tenant_id and u.user_id = p.user_id and u.active
      where p.tenant_id = app.tenant() and p.token_hash = $1::bytea
        and p.expires_at > clock_timestamp() and p.tries < $2::int`,
    [tokenHash, mostTries],
  );
  return rows[0];
}

/** Counts a try; false when there is none left. */
export async function countPendingTry(tx: TenantTx, pendingId: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update pending_sign_ins set tries = tries + 1
      where tenant_id = app.tenant() and pending_id = $1::uuid and tries < $2::int`,
    [pendingId, mostTries],
  );
  return rowCount === 1;
}

/** True for one of those who come at once. */
export async function deletePending(tx: TenantTx, pendingId: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    "delete from pending_sign_ins where tenant_id = app.tenant() and pending_id = $1::uuid",
    [pendingId],
  );
  return rowCount === 1;
}

export async function deletePendingOf(tx: TenantTx, userId: string): Promise<void> {
  await tx.query("delete from pending_sign_ins where tenant_id = app.tenant() and user_id = $1::uuid", [userId]);
}
