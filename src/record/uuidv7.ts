import { toHex } from "./bytes.ts";
import { isUuid } from "./text.ts";

/** RFC 9562 section 5.7: 48 bits of milliseconds, then random bits. `random` gives at least 10 bytes. */
export function makeUuidv7(millis: number, random: Uint8Array): string {
  const bytes = new Uint8Array(16);
  let rest = millis;
  for (let i = 5; i >= 0; i--) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  bytes.set(random.subarray(0, 10), 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = toHex(bytes);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function isUuidv7(text: string): boolean {
  const variant = text.charCodeAt(19);
  return (
    isUuid(text) && text.charCodeAt(14) === 55 && (variant === 56 || variant === 57 || variant === 97 || variant === 98)
  );
}

/** Milliseconds since 1970 of the id's own time. */
export function uuidv7Millis(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}
