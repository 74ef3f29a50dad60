import { ed25519 } from "@noble/curves/ed25519.js";

/** Strict verification (RFC 8032, no ZIP-215 leniency), the same in Node and in browsers that lack Ed25519. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}

export type Ed25519Signer = { publicKey: Uint8Array; sign(message: Uint8Array): Uint8Array };

/** A signer from the 32-byte seed of RFC 8032 (the last 32 bytes of a PKCS#8 file). */
export function ed25519Signer(seed: Uint8Array): Ed25519Signer {
  return { publicKey: ed25519.getPublicKey(seed), sign: (message) => ed25519.sign(message, seed) };
}
