import argon2 from "argon2";
import { appendRow, type TenantTx } from "../../audit/index.ts";
import { conflict, forbidden, notFound } from "../../platform/errors.ts";
import type { Page } from "../../platform/sorted-list.ts";
import { fingerprintApiKey, newApiKey } from "./format.ts";
import type { NewApiKey } from "./schema.ts";
import { type ApiKey, countSites, insertKey, markKeysRevoked, selectKey, selectKeys, shortenKey } from "./store.ts";

/** `key` is shown this once. */
export type CreatedApiKey = { key: string; apiKey: ApiKey };

/**
 * Makes a key. Whether the maker holds the permissions that he gives, and may make one of the tenant, is the caller's check; sites are
 * checked here: nobody gives a key more sites than he has.
 */
export async function createApiKey(tx: TenantTx, pepper: string, wanted: NewApiKey): Promise<CreatedApiKey> {
  return insert(tx, pepper, { ...wanted, limitedBy: wanted.holder === "tenant" ? null : await makerOf(tx) });
}

/** The person behind whoever acts: a key's own is its person's. Null: the appliance itself, or a key of the tenant. */
async function makerOf(tx: TenantTx): Promise<string | null> {
  const { actor } = tx.principal;
  if (actor.type === "user") return actor.id;
  return actor.type === "api-key" ? (await requireApiKey(tx, actor.id)).limitedBy : null;
}

type Wanted = Omit<NewApiKey, "holder"> & Pick<ApiKey, "limitedBy">;

async function insert(tx: TenantTx, pepper: string, wanted: Wanted): Promise<CreatedApiKey> {
  const { sites, actor } = tx.principal;
  if (wanted.siteIds === null && sites !== "all") {
    throw forbidden("a key for all sites needs a maker who has all sites");
  }
  const siteIds = wanted.siteIds && [...new Set(wanted.siteIds)].sort();
  if (siteIds && (await countSites(tx, siteIds)) !== siteIds.length) throw notFound("site");

  const { key, prefix } = newApiKey(wanted.env);
  const hash = await argon2.hash(key, { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  const keyId = await insertKey(tx, {
    ...wanted,
    siteIds,
    prefix,
    hash,
    fingerprint: fingerprintApiKey(pepper, key),
    madeBy: `${actor.type} ${actor.id}`,
  });
  const { name, permissions, ipAllowlist, corsOrigins, expiresAt, limitedBy } = wanted;
  const after = { name, prefix, permissions, siteIds, ipAllowlist, corsOrigins, expiresAt, limitedBy };
  await appendRow(tx, {
    action: "api-key.created",
    entity: { type: "api-key", id: keyId },
    units: [{ name: "change", content: JSON.stringify({ after }) }],
  });
  return { key, apiKey: await requireApiKey(tx, keyId) };
}

export async function listApiKeys(
  tx: TenantTx,
  page: Page = { limit: 500 },
): Promise<{ apiKeys: ApiKey[]; next: string | null }> {
  return selectKeys(tx, page);
}

export async function requireApiKey(tx: TenantTx, keyId: string): Promise<ApiKey> {
  const found = await selectKey(tx, keyId);
  if (!found) throw notFound("API key");
  return found;
}

/**
 * Holds from the next request on, in every process, for the key and all that were made by it: who had it may have made others to stay.
 * Revoking again changes nothing.
 */
export async function revokeApiKey(tx: TenantTx, keyId: string): Promise<void> {
  await requireApiKey(tx, keyId);
  for (const id of await markKeysRevoked(tx, keyId)) {
    await appendRow(tx, { action: "api-key.revoked", entity: { type: "api-key", id } });
  }
}

/**
 * A new key like this one; the old one ends after `overlapHours`. The new one is in the hands of who rotates it, so they limit it; a key
 * of the tenant stays one, and a person's whom the appliance itself rotates stays theirs.
 */
export async function rotateApiKey(
  tx: TenantTx,
  pepper: string,
  { keyId, overlapHours }: { keyId: string; overlapHours: number },
): Promise<CreatedApiKey> {
  const old = await requireApiKey(tx, keyId);
  if (old.revokedAt) throw conflict("this key is revoked", { remedy: "make a new key" });
  const { name, permissions, siteIds, ipAllowlist, corsOrigins, expiresAt } = old;
  const limitedBy = old.limitedBy && ((await makerOf(tx)) ?? old.limitedBy);
  const env = old.prefix.startsWith("atc_test_") ? "test" : "live";
  await shortenKey(tx, keyId, overlapHours);
  await appendRow(tx, {
    action: "api-key.rotated",
    entity: { type: "api-key", id: keyId },
    units: [{ name: "change", content: JSON.stringify({ overlapHours }) }],
  });
  return insert(tx, pepper, { name, env, permissions, siteIds, ipAllowlist, corsOrigins, expiresAt, limitedBy });
}
