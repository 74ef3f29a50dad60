import type { TenantTx } from "../../audit/index.ts";

export type FactorKind = "totp" | "webauthn" | "email";

export type Factor = {
  factorId: string;
  kind: FactorKind;
  name: string;
  createdAt: string;
  lastUsedAt: string | null;
};

/** With what verifying needs; never leaves the process. */
export type FactorSecret = Factor & {
  sealed: Buffer;
  credentialId: Buffer | null;
  transports: string[];
  counter: number;
};

const columns = `factor_id as "factorId", kind, name, ledger.timestamp_text(created_at) as "createdAt",
  ledger.timestamp_text(last_used_at) as "lastUsedAt"`;
const secretColumns = `${columns}, sealed, credential_id as "credentialId", transports, counter`;

/** Oldest first. */
export async function selectFactors(tx: TenantTx, userId: string): Promise<FactorSecret[]> {
  const { rows } = await tx.query<FactorSecret>(
    `select ${secretColumns} from factors
      where tenant_id = app.tenant() and user_id = $1::uuid order by created_at, factor_id`,
    [userId],
  );
  return rows;
}

export type NewFactor = {
  userId: string;
  kind: FactorKind;
  name: string;
  sealed: Buffer;
  credentialId?: Buffer;
  transports?: readonly string[];
  counter?: number;
};

export async function insertFactor(tx: TenantTx, factor: NewFactor): Promise<Factor> {
  const { userId, kind, name, sealed, credentialId = null, transports = [], counter = 0 } = factor;
  const { rows } = await tx.query<Factor>(
    `insert into factors (tenant_id, user_id, kind, name, sealed, credential_id, transports, counter, last_used_at)
     values (app.tenant(), $1::uuid, $2::text, $3::text, $4::bytea, $5::bytea, $6::text[], $7::bigint, clock_timestamp())
     returning ${columns}`,
    [userId, kind, name, sealed, credentialId, transports, counter],
  );
  return rows[0]!;
}

/** True for the first who comes with a counter that is above the newest accepted. */
export async function raiseCounter(tx: TenantTx, factorId: string, counter: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update factors set counter = $2::bigint, last_used_at = clock_timestamp()
      where tenant_id = app.tenant() and factor_id = $1::uuid and counter < $2::bigint`,
    [factorId, counter],
  );
  return rowCount === 1;
}

/** For a factor that counts nothing. */
export async function noteFactorUse(tx: TenantTx, factorId: string): Promise<void> {
  await tx.query(
    "update factors set last_used_at = clock_timestamp() where tenant_id = app.tenant() and factor_id = $1::uuid",
    [factorId],
  );
}

export async function updateFactorName(
  tx: TenantTx,
  userId: string,
  factorId: string,
  name: string,
): Promise<Factor | undefined> {
  const { rows } = await tx.query<Factor>(
    `update factors set name = $3::text
      where tenant_id = app.tenant() and user_id = $1::uuid and factor_id = $2::uuid returning ${columns}`,
    [userId, factorId, name],
  );
  return rows[0];
}

/** One, or all of a person's. What there was. */
export async function deleteFactors(tx: TenantTx, userId: string, factorId: string | null): Promise<Factor[]> {
  const { rows } = await tx.query<Factor>(
    `delete from factors
      where tenant_id = app.tenant() and user_id = $1::uuid and ($2::uuid is null or factor_id = $2::uuid)
      returning ${columns}`,
    [userId, factorId],
  );
  return rows;
}

/** In place of all earlier ones. */
export async function replaceRecoveryCodes(tx: TenantTx, userId: string, hashes: readonly Buffer[]): Promise<void> {
  await tx.query("delete from recovery_codes where tenant_id = app.tenant() and user_id = $1::uuid", [userId]);
  await tx.query(
    `insert into recovery_codes (tenant_id, user_id, code_hash)
     select app.tenant(), $1::uuid, code from unnest($2::bytea[]) as code`,
    [userId, hashes],
  );
}

/** True the first time. */
export async function markCodeUsed(tx: TenantTx, userId: string, hash: Buffer): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update recovery_codes set used_at = clock_timestamp()
      where tenant_id = app.tenant() and user_id = $1::uuid and code_hash = $2::bytea and used_at is null`,
    [userId, hash],
  );
  return rowCount === 1;
}

export async function countRecoveryCodes(tx: TenantTx, userId: string): Promise<number> {
  const { rows } = await tx.query<{ left: number }>(
    `select count(*)::int as left from recovery_codes
      where tenant_id = app.tenant() and user_id = $1::uuid and used_at is null`,
    [userId],
  );
  return rows[0]!.left;
}

/** Holds until the transaction ends against somebody who changes the same person's factors at once. */
export async function lockFactorsOf(tx: TenantTx, userId: string): Promise<void> {
  await tx.query("select from users where tenant_id = app.tenant() and user_id = $1::uuid for update", [userId]);
}
