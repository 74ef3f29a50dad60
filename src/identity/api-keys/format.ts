import { createHmac, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

// atc_<env>_<id12>_<secret32><crc6>, base62 (identity.md "API keys").

export type Environment = "live" | "test";
export type ApiKeyText = { env: Environment; prefix: string };

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const base32 = "abcdefghijklmnopqrstuvwxyz234567";
const form = /^(atc_(live|test)_[0-9A-Za-z]{12})_[0-9A-Za-z]{32}([0-9A-Za-z]{6})$/;

export function newApiKey(env: Environment): { key: string; prefix: string } {
  const prefix = `atc_${env}_${randomText(12)}`;
  const body = `${prefix}_${randomText(32)}`;
  return { key: body + checksum(body), prefix };
}

/** Null for anything that cannot be a key: form or checksum is wrong. Costs no I/O. */
export function parseApiKey(key: string): ApiKeyText | null {
  const match = form.exec(key);
  if (!match || key.includes("\n") || checksum(key.slice(0, -6)) !== match[3]) return null;
  return { env: match[2] as Environment, prefix: match[1]! };
}

/** First 16 base32 characters of HMAC-SHA256(pepper, whole key). */
export function fingerprintApiKey(pepper: string, key: string): string {
  const mac = createHmac("sha256", pepper).update(key).digest();
  let text = "";
  for (let bit = 0; text.length < 16; bit += 5) {
    text += base32[(mac.readUInt16BE(bit >> 3) >> (11 - (bit & 7))) & 31];
  }
  return text;
}

function checksum(body: string): string {
  let rest = crc32(body);
  let text = "";
  for (let place = 0; place < 6; place++) {
    text = alphabet[rest % 62] + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}

/** Uniform: bytes that would favour the first characters are thrown away. */
function randomText(length: number): string {
  let text = "";
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < 248 && text.length < length) text += alphabet[byte % 62];
    }
  }
  return text;
}
