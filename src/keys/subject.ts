import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import type { TenantTx } from "../audit/index.ts";
import type { TenantKey } from "./seal.ts";
import type { Keyring } from "./tenant-keys.ts";

/**
 * What counts as the same subject: type and value split at the first colon, NFKC, upper case, no white space at the ends
 * and single inside. Plates also lose spaces, dots and hyphens, since cameras disagree about them. Without a colon the
 * type is `subject`.
 */
export function normaliseSubject(subject: string): string {
  const text = subject.normalize("NFKC");
  const colon = text.indexOf(":");
  const type = colon < 0 ? "subject" : text.slice(0, colon).trim().toLowerCase();
  const value = text
    .slice(colon + 1)
    .trim()
    .toUpperCase()
    .replace(/\s+/gu, " ");
  return `${type}:${type === "plate" ? value.replace(/[\s.\-‐-―·]/gu, "") : value}`;
}

// With a bare buffer Node takes five times as long for an HMAC.
const keyObjects = new WeakMap<Buffer, KeyObject>();

function keyObjectOf(secret: Buffer): KeyObject {
  const kept = keyObjects.get(secret) ?? createSecretKey(secret);
  keyObjects.set(secret, kept);
  return kept;
}

/** `subjectHash` under the bound tenant's index key: what features of people are given, which know no keys. */
export const subjectHasher =
  (keyring: Pick<Keyring, "indexKey">) =>
  async (tx: TenantTx, subject: string): Promise<Buffer> =>
    subjectHash(await keyring.indexKey(tx), subject);

/** 32 bytes: how a subject is stored and looked up. Under the index key, nobody without it can test a guess. */
export function subjectHash(indexKey: TenantKey, subject: string): Buffer {
  return createHmac("sha256", keyObjectOf(indexKey.secret))
    .update(`ledgerstone/subject/v1\n${normaliseSubject(subject)}`)
    .digest();
}
