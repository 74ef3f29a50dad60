import { createHash, createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { AppError } from "../platform/errors.ts";
import { decrypt, encrypt } from "./aead.ts";
import type { KeyPurpose } from "./seal.ts";

/** Which key is wrapped: bound into the wrapping, so that no row can be moved to another tenant, purpose or version. */
export type KeyName = { tenantId: string; purpose: KeyPurpose; version: number };

/** Wraps and unwraps tenants' keys. A KMS can stand behind the same shape. */
export type MasterKey = {
  /** First 16 hex characters of the SHA-256 of the key's 32 bytes: `xxd -r -p master.key | sha256sum`. */
  readonly fingerprint: string;
  wrap(name: KeyName, secret: Buffer): Buffer;
  /** Null when it was wrapped by another master key or for another name. */
  unwrap(name: KeyName, wrapped: Uint8Array): Buffer | null;
};

/** Reads 32 bytes in hex, with or without a line end. */
export async function loadMasterKey(file: string): Promise<MasterKey> {
  const text = (await readFile(file, "utf8")).trim();
  if (!/^[0-9a-f]{64}$/i.test(text) || /^(.)\1*$/.test(text)) {
    throw new AppError("master-key-format", "the master key cannot be used", {
      found: `${file} with ${text.length} characters that are not a key`,
      expected: "32 random bytes as 64 hex characters",
      remedy: "put the appliance's master key there; for a new appliance make one with 'openssl rand -hex 32'",
    });
  }
  return createMasterKey(Buffer.from(text, "hex"));
}

export function createMasterKey(secret: Buffer): MasterKey {
  const wrapping = createHmac("sha256", secret).update("ledgerstone/master-key/v1/wrap").digest();
  return {
    fingerprint: createHash("sha256").update(secret).digest("hex").slice(0, 16),
    wrap: (name, key) => encrypt(wrapping, associated(name), key),
    unwrap: (name, wrapped) => decrypt(wrapping, associated(name), wrapped),
  };
}

function associated({ tenantId, purpose, version }: KeyName): Buffer {
  return Buffer.from(`ledgerstone/tenant-key/v1\ntenant ${tenantId}\npurpose ${purpose}\nversion ${version}\n`);
}
