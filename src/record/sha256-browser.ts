import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { encodeUtf8, toHex } from "./bytes.ts";
import type { Sha256Stream } from "./sha256.ts";

// Stands in for sha256.ts where there is no node:crypto. Synchronous, because WebCrypto can neither stream nor wait its turn.

export function sha256(data: Uint8Array | string): Uint8Array {
  return nobleSha256(typeof data === "string" ? encodeUtf8(data) : data);
}

export function sha256Hex(data: Uint8Array | string): string {
  return toHex(sha256(data));
}

export function sha256Stream(): Sha256Stream {
  const running = nobleSha256.create();
  return { update: (data) => void running.update(data), digest: () => running.digest() };
}
