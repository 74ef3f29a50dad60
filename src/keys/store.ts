import type { TenantTx } from "../audit/index.ts";
import type { Queryable } from "../platform/db.ts";
import type { KeyPurpose } from "./seal.ts";

export type WrappedKey = { version: number; wrapped: Buffer; masterFingerprint: string };

export async function insertKey(tx: TenantTx, purpose: KeyPurpose, key: WrappedKey): Promise<void> {
  await tx.query(
    `insert into tenant_keys (tenant_id, purpose, version, wrapped, master_fingerprint)
     values ($1::uuid, $2::text, $3::int, $4::bytea, $5::text)`,
    [tx.principal.tenantId, purpose, key.version, key.wrapped, key.masterFingerprint],
  );
}

/** The version asked for, or the newest. */
export async function selectKey(
  tx: TenantTx,
  purpose: KeyPurpose,
  version: number | "newest",
): Promise<WrappedKey | undefined> {
  const { rows } = await tx.query<WrappedKey>(
    `select version, wrapped, master_fingerprint as "masterFingerprint"
       from tenant_keys
      where tenant_id = $1::uuid and purpose = $2::text and ($3::int is null or version = $3::int)
      order by version desc
      limit 1`,
    [tx.principal.tenantId, purpose, version === "newest" ? null : version],
  );
  return rows[0];
}

export type TenantKeyInfo = {
  purpose: KeyPurpose;
  version: number;
  masterFingerprint: string;
  createdAt: string;
};

/** What there is, newest first; never a key. */
export async function selectKeys(tx: TenantTx): Promise<TenantKeyInfo[]> {
  const { rows } = await tx.query<TenantKeyInfo>(
    `select purpose, version, master_fingerprint as "masterFingerprint", ledger.timestamp_text(created_at) as "createdAt"
       from tenant_keys where tenant_id = app.tenant() order by created_at desc, purpose, version desc`,
  );
  return rows;
}

/** Which master keys the tenants' keys are wrapped with, and how many by each. Across tenants; no key leaves. */
export async function selectMasterFingerprints(db: Queryable): Promise<{ fingerprint: string; keys: number }[]> {
  const { rows } = await db.query<{ fingerprint: string; keys: number }>(
    "select fingerprint, keys from app.master_fingerprints() order by keys desc",
  );
  return rows;
}
