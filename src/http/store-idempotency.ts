import type { TenantTx } from "../audit/index.ts";

export type KeyName = { keyHash: Buffer };
export type TakenKey = {
  request: Buffer;
  status: number | null;
  answer: Buffer | null;
  secret: boolean;
  /** Seconds since it was taken. */
  age: number;
};

const mine = "tenant_id = $1::uuid and actor_type = $2::text and actor_id = $3::text and key_hash = $4::bytea";

function owner({ principal: { tenantId, actor } }: TenantTx, keyHash: Buffer): unknown[] {
  return [tenantId, actor.type, actor.id, keyHash];
}

/** The key as this caller has taken it within the last 24 hours. */
export async function selectTakenKey(tx: TenantTx, keyHash: Buffer): Promise<TakenKey | undefined> {
  const { rows } = await tx.query<TakenKey>(
    `select request, status, answer, secret, extract(epoch from clock_timestamp() - made_at)::float8 as age
       from idempotency_keys
      where ${mine} and made_at > clock_timestamp() - interval '24 hours'`,
    owner(tx, keyHash),
  );
  return rows[0];
}

/** Waits for whoever takes it at the same time. False when it is taken. */
export async function takeKey(
  tx: TenantTx,
  { keyHash, request, secret }: { keyHash: Buffer; request: Buffer; secret: boolean },
): Promise<boolean> {
  await deleteExpiredKeys(tx);
  const { rowCount } = await tx.query(
    `insert into idempotency_keys (tenant_id, actor_type, actor_id, key_hash, request, secret)
     values ($1::uuid, $2::text, $3::text, $4::bytea, $5::bytea, $6::boolean)
     on conflict do nothing`,
    [...owner(tx, keyHash), request, secret],
  );
  return rowCount === 1;
}

export async function keepAnswer(
  tx: TenantTx,
  { keyHash, status, answer }: { keyHash: Buffer; status: number; answer: Buffer },
): Promise<void> {
  await tx.query(`update idempotency_keys set status = $5::int, answer = $6::bytea where ${mine}`, [
    ...owner(tx, keyHash),
    status,
    answer,
  ]);
}

export async function deleteExpiredKeys(tx: TenantTx): Promise<number> {
  const { rowCount } = await tx.query(
    "delete from idempotency_keys where tenant_id = $1::uuid and made_at <= clock_timestamp() - interval '24 hours'",
    [tx.principal.tenantId],
  );
  return rowCount ?? 0;
}
