import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

export const nonceBytes = 12;
export const tagBytes = 16;

/**
 * AES-256-GCM with a random 96-bit nonce: returns nonce ‖ ciphertext ‖ tag.
 * Random nonces bound one key to 2^32 messages (NIST SP 800-38D, 8.3): rotate a tenant's key long before.
 */
export function encrypt(key: Buffer, aad: Buffer, plaintext: Uint8Array): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(aad);
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** The plaintext, or null when key, associated data or bytes are not those of `encrypt`. */
export function decrypt(key: Buffer, aad: Buffer, sealed: Uint8Array): Buffer | null {
  if (sealed.length < nonceBytes + tagBytes) return null;
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes });
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  const plaintext = decipher.update(sealed.subarray(nonceBytes, sealed.length - tagBytes));
  try {
    return Buffer.concat([plaintext, decipher.final()]);
  } catch {
    return null;
  }
}
