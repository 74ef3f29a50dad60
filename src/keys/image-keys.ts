import { randomBytes } from "node:crypto";
import { seal, type TenantKey, unseal } from "./seal.ts";

/** Each image has its own random key. Removing the wrapped copy is the erasure of the image. */
export function createImageKey(dataKey: TenantKey, imageId: string): { key: Buffer; wrappedKey: Buffer } {
  const key = randomBytes(32);
  return { key, wrappedKey: seal(dataKey, context(imageId), key) };
}

export function unwrapImageKey(dataKey: TenantKey, imageId: string, wrappedKey: Uint8Array): Buffer {
  return unseal(dataKey, context(imageId), wrappedKey);
}

function context(imageId: string): string {
  return `image-key ${imageId}`;
}
