import { concatBytes, encodeUtf8, toHex } from "./bytes.ts";
import { sha256, sha256Hex } from "./sha256.ts";

/** A salt has exactly 32 bytes, random, one per unit, never used twice. */
export const saltBytes = 32;

const blockBytes = 64;

function padded(key: Uint8Array, pad: number): Uint8Array {
  const block = new Uint8Array(blockBytes).fill(pad);
  for (let i = 0; i < key.length; i++) block[i] = block[i]! ^ key[i]!;
  return block;
}

/** HMAC-SHA256 (RFC 2104) for keys of at most 64 bytes. */
export function hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array {
  if (key.length > blockBytes) throw new Error(`found a key of ${key.length} bytes, expected at most ${blockBytes}`);
  const inner = sha256(concatBytes(padded(key, 0x36), data));
  return sha256(concatBytes(padded(key, 0x5c), inner));
}

/** Hash (hex) under which a row or event commits to content that it does not show. Text content is hashed as UTF-8. */
export function unitHash(name: string, salt: Uint8Array, content: Uint8Array | string): string {
  if (salt.length !== saltBytes) throw new Error(`found a salt of ${salt.length} bytes, expected ${saltBytes}`);
  const bytes = typeof content === "string" ? encodeUtf8(content) : content;
  return toHex(hmacSha256(salt, concatBytes(encodeUtf8(`ledgerstone/unit/v1\n${name}\n`), bytes)));
}

/** `prev` of a tenant's row 1. */
export function genesisHash(tenantId: string): string {
  return sha256Hex(`ledgerstone/genesis/v1\ntenant ${tenantId}\n`);
}

const structural = new Set(["batch", "list", "epoch", "key", "policy", "hold", "reason"]);

/** Structural units say how the ledger itself works: never listed in a tombstone, never withheld. */
export function isStructuralUnit(name: string): boolean {
  return structural.has(name);
}
