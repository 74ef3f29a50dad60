import { encodeUtf8, toHex } from "./bytes.ts";
import { sha256, sha256Hex } from "./sha256.ts";

/** A salt has exactly 32 bytes, random, one per unit, never used twice. */
export const saltBytes = 32;

const blockBytes = 64;

// Reused: safe because sha256 reads it before it returns and nothing here awaits. Grows to the largest content seen, up to a cap.
let scratch = new Uint8Array(16_384);
const maxScratchBytes = 1_048_576;
const outer = new Uint8Array(blockBytes + 32);

function padInto(block: Uint8Array, key: Uint8Array, pad: number): void {
  for (let i = 0; i < blockBytes; i++) block[i] = (key[i] ?? 0) ^ pad;
}

function scratchOf(length: number): Uint8Array<ArrayBuffer> {
  if (length > maxScratchBytes) return new Uint8Array(length);
  if (scratch.length < length) scratch = new Uint8Array(2 ** Math.ceil(Math.log2(length)));
  return scratch;
}

/** HMAC-SHA256 (RFC 2104) for keys of at most 64 bytes. */
export function hmacSha256(key: Uint8Array, ...parts: Uint8Array[]): Uint8Array {
  if (key.length > blockBytes) throw new Error(`found a key of ${key.length} bytes, expected at most ${blockBytes}`);
  let length = blockBytes;
  for (const part of parts) length += part.length;
  const inner = scratchOf(length);
  padInto(inner, key, 0x36);
  let at = blockBytes;
  for (const part of parts) {
    inner.set(part, at);
    at += part.length;
  }
  padInto(outer, key, 0x5c);
  outer.set(sha256(inner.subarray(0, length)), blockBytes);
  return sha256(outer);
}

/** Hash (hex) under which a row or event commits to content that it does not show. Text content is hashed as UTF-8. */
export function unitHash(name: string, salt: Uint8Array, content: Uint8Array | string): string {
  if (salt.length !== saltBytes) throw new Error(`found a salt of ${salt.length} bytes, expected ${saltBytes}`);
  const bytes = typeof content === "string" ? encodeUtf8(content) : content;
  return toHex(hmacSha256(salt, encodeUtf8(`ledgerstone/unit/v1\n${name}\n`), bytes));
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
