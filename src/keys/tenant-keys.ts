import { randomBytes } from "node:crypto";
import { appendRow, type TenantTx } from "../audit/index.ts";
import { AppError } from "../platform/errors.ts";
import type { MasterKey } from "./master-key.ts";
import { type KeyPurpose, seal, sealedVersion, type TenantKey, unseal } from "./seal.ts";
import { insertKey, selectKey } from "./store.ts";

/** Gives a new tenant its keys, version 1 of each purpose. In the transaction that makes the tenant. */
export async function createTenantKeys(tx: TenantTx, master: MasterKey): Promise<void> {
  for (const purpose of ["data", "index"] as const) await addVersion(tx, master, purpose, 1);
}

/**
 * A new version of the data key, used from now on; the older ones stay, to open what they sealed. The index key has one
 * version: subjects could not be found under a second one.
 */
export async function rotateDataKey(tx: TenantTx, master: MasterKey): Promise<number> {
  const newest = await selectKey(tx, "data", "newest");
  const version = (newest?.version ?? 0) + 1;
  await addVersion(tx, master, "data", version);
  return version;
}

async function addVersion(tx: TenantTx, master: MasterKey, purpose: KeyPurpose, version: number): Promise<void> {
  const { tenantId } = tx.principal;
  const wrapped = master.wrap({ tenantId, purpose, version }, randomBytes(32));
  await insertKey(tx, purpose, { version, wrapped, masterFingerprint: master.fingerprint });
  await appendRow(tx, { action: "tenant-key.created", entity: { type: "tenant-key", id: `${purpose}/${version}` } });
}

/** Tenants' keys, unwrapped and kept in memory: at most `maxKeys`, the longest unused go first. */
export type Keyring = {
  /** The newest data key: to seal with. Another process's rotation shows after `freshMs`. */
  dataKey(tx: TenantTx): Promise<TenantKey>;
  /** To open what an earlier version sealed. */
  dataKeyVersion(tx: TenantTx, version: number): Promise<TenantKey>;
  indexKey(tx: TenantTx): Promise<TenantKey>;
  /** `seal` under the newest data key. */
  seal(tx: TenantTx, context: string, plaintext: Uint8Array): Promise<Buffer>;
  /** `unseal` under the version that sealed it. */
  unseal(tx: TenantTx, context: string, sealed: Uint8Array): Promise<Buffer>;
  /** Forgets a tenant's keys: after a rotation, or when it leaves. */
  forget(tenantId: string): void;
};

export function createKeyring(
  master: MasterKey,
  { maxKeys = 10_000, freshMs = 60_000, clock = () => Date.now() }: KeyringOptions = {},
): Keyring {
  const cache = new Map<string, { key: TenantKey; loadedAt: number }>();

  const get = async (tx: TenantTx, purpose: KeyPurpose, version: number | "newest"): Promise<TenantKey> => {
    const name = `${tx.principal.tenantId} ${purpose} ${version}`;
    const kept = cache.get(name);
    if (kept && (version !== "newest" || clock() - kept.loadedAt < freshMs)) {
      cache.delete(name);
      cache.set(name, kept);
      return kept.key;
    }
    const key = await loadKey(tx, master, purpose, version);
    cache.delete(name);
    cache.set(name, { key, loadedAt: clock() });
    const [oldest] = cache.keys();
    if (cache.size > maxKeys && oldest) cache.delete(oldest);
    return key;
  };
  return {
    dataKey: (tx) => get(tx, "data", "newest"),
    dataKeyVersion: (tx, version) => get(tx, "data", version),
    indexKey: (tx) => get(tx, "index", "newest"),
    async seal(tx, context, plaintext) {
      return seal(await get(tx, "data", "newest"), context, plaintext);
    },
    async unseal(tx, context, sealed) {
      return unseal(await get(tx, "data", sealedVersion(sealed)), context, sealed);
    },
    forget(tenantId) {
      for (const name of [...cache.keys()]) if (name.startsWith(`${tenantId} `)) cache.delete(name);
    },
  };
}

export type KeyringOptions = { maxKeys?: number; freshMs?: number; clock?: () => number };

async function loadKey(
  tx: TenantTx,
  master: MasterKey,
  purpose: KeyPurpose,
  version: number | "newest",
): Promise<TenantKey> {
  const { tenantId } = tx.principal;
  const row = await selectKey(tx, purpose, version);
  if (!row) {
    throw new AppError("tenant-key-missing", `tenant ${tenantId} has no ${purpose} key`, {
      found: `no row for version ${version}`,
      expected: "a wrapped key in tenant_keys",
      remedy: "restore the database; without this key what it sealed cannot be read",
    });
  }
  const secret = master.unwrap({ tenantId, purpose, version: row.version }, row.wrapped);
  if (secret) return { tenantId, purpose, version: row.version, secret };
  throw new AppError(
    "master-key-wrong",
    `version ${row.version} of the ${purpose} key of tenant ${tenantId} does not unwrap`,
    {
      found: `master key ${master.fingerprint}`,
      expected: `master key ${row.masterFingerprint}`,
      remedy:
        "put the master key of this database into keys.masterKeyFile; if the fingerprints are equal, the row was changed: restore it",
    },
  );
}
