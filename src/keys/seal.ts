import { AppError } from "../platform/errors.ts";
import { decrypt, encrypt } from "./aead.ts";

/** One version of a tenant's key. `data` encrypts, `index` keys the HMACs of subjects. */
export type TenantKey = {
  readonly tenantId: string;
  readonly purpose: KeyPurpose;
  readonly version: number;
  readonly secret: Buffer;
};
export type KeyPurpose = "data" | "index";

const format = 1;
const headerBytes = 5;

/**
 * Encrypts something small (a dead letter, a queue payload, a wrapped key) under a tenant's data key.
 * Shape: format byte ‖ key version (u32 BE) ‖ nonce ‖ ciphertext ‖ tag. `context` names what it is and whose
 * (`dead-letter <uuid>`): the same context is needed to open it, so that no value can be moved to another place.
 */
export function seal(key: TenantKey, context: string, plaintext: Uint8Array): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt8(format, 0);
  header.writeUInt32BE(key.version, 1);
  return Buffer.concat([header, encrypt(key.secret, associated(key, context), plaintext)]);
}

/** The version of the data key that opens it. */
export function sealedVersion(sealed: Uint8Array): number {
  if (sealed.length < headerBytes || sealed[0] !== format) {
    throw new AppError("sealed-format", "a sealed value cannot be read", {
      found: sealed.length < headerBytes ? `${sealed.length} bytes` : `format ${sealed[0]}`,
      expected: `a sealed value of format ${format}`,
      remedy: "restore the value from a backup, or upgrade to the release that wrote it",
    });
  }
  return Buffer.from(sealed.buffer, sealed.byteOffset, sealed.length).readUInt32BE(1);
}

/** Throws AppError `sealed-broken` when key, context or bytes are not those it was sealed with. */
export function unseal(key: TenantKey, context: string, sealed: Uint8Array): Buffer {
  const version = sealedVersion(sealed);
  const plaintext =
    version === key.version ? decrypt(key.secret, associated(key, context), sealed.subarray(headerBytes)) : null;
  if (plaintext) return plaintext;
  throw new AppError("sealed-broken", "a sealed value does not open", {
    found: `a value sealed by key version ${version} that does not open as ${context.split(" ")[0]}`,
    expected: `a value that version ${key.version} of the tenant's ${key.purpose} key sealed for this place`,
    remedy: "restore the value from a backup; if many fail, check that the database belongs to this master key",
  });
}

function associated(key: TenantKey, context: string): Buffer {
  return Buffer.from(`ledgerstone/sealed/v1\ntenant ${key.tenantId}\n${key.purpose} ${key.version}\n${context}\n`);
}
