import { createHash, hash } from "node:crypto";

/** A running SHA-256 over a stream of any length. */
export type Sha256Stream = { update(data: Uint8Array): void; digest(): Uint8Array };

// The browser build replaces this module by sha256-browser.ts (appliance/build-verifier.ts): keep both signatures equal.

/** SHA-256 of the bytes; text is hashed as UTF-8. */
export function sha256(data: Uint8Array | string): Uint8Array {
  return hash("sha256", data, "buffer");
}

/** SHA-256 as 64 lower-case hex digits; text is hashed as UTF-8. */
export function sha256Hex(data: Uint8Array | string): string {
  return hash("sha256", data, "hex");
}

export function sha256Stream(): Sha256Stream {
  const running = createHash("sha256");
  return { update: (data) => void running.update(data), digest: () => running.digest() };
}
