import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { Decrypter } from "age-encryption";
import { encodeUtf8 } from "../record/bytes.ts";
import { CannotRun, CheckFailure } from "./report.ts";
import type { RandomAccess } from "./source.ts";

// age v1 (age-encryption.org/v1), read at random places: the payload is chunks of 64 KiB, each sealed by itself, so a bundle
// of any size is opened without being decrypted as a whole.

const intro = "age-encryption.org/v1\n";
const chunkBytes = 65_536;
const sealBytes = 16;
const nonceBytes = 16;
const maxHeaderBytes = 65_536;

export type AgeSecrets = { passphrase?: string; identities?: string[] };

export async function isAge(access: RandomAccess): Promise<boolean> {
  if (access.size < intro.length) return false;
  return String.fromCharCode(...(await access.read(0, intro.length))) === intro;
}

async function readHeader(access: RandomAccess): Promise<Uint8Array> {
  const start = await access.read(0, Math.min(access.size, maxHeaderBytes));
  const text = String.fromCharCode(...Array.from(start, (byte) => byte));
  const macAt = text.indexOf("\n--- ");
  const end = macAt < 0 ? -1 : text.indexOf("\n", macAt + 1);
  if (end < 0) throw new CheckFailure(1, "age header", "found no end of the age header");
  return start.slice(0, end + 1);
}

async function unwrapFileKey(header: Uint8Array, secrets: AgeSecrets): Promise<Uint8Array> {
  const decrypter = new Decrypter();
  try {
    if (secrets.passphrase !== undefined) decrypter.addPassphrase(secrets.passphrase);
    for (const identity of secrets.identities ?? []) decrypter.addIdentity(identity);
  } catch {
    throw new CannotRun("found an identity that is no AGE-SECRET-KEY-1…, expected one age identity a line");
  }
  if (secrets.passphrase === undefined && !secrets.identities?.length) {
    throw new CannotRun("the bundle is encrypted with age: give its passphrase or an identity");
  }
  try {
    return await decrypter.decryptHeader(header);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (/HMAC/.test(error.message)) throw new CheckFailure(1, "age header", "found a header that was changed");
    throw new CannotRun(`the age header does not open with this passphrase or identity: ${error.message}`);
  }
}

function chunkNonce(index: number, last: boolean): Uint8Array {
  const nonce = new Uint8Array(12);
  let rest = index;
  for (let i = 10; rest > 0; i--) {
    nonce[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  nonce[11] = last ? 1 : 0;
  return nonce;
}

/** The plaintext of an age file. Throws CannotRun without the right secret, CheckFailure of check 1 on damage. */
export async function openAge(access: RandomAccess, secrets: AgeSecrets): Promise<RandomAccess> {
  const header = await readHeader(access);
  const fileKey = await unwrapFileKey(header, secrets);
  const payloadAt = header.length + nonceBytes;
  const sealedBytes = access.size - payloadAt;
  const chunks = Math.ceil(sealedBytes / (chunkBytes + sealBytes));
  const lastSealed = sealedBytes - (chunks - 1) * (chunkBytes + sealBytes);
  if (chunks < 1 || lastSealed < sealBytes || (chunks > 1 && lastSealed === sealBytes)) {
    throw new CheckFailure(1, "age payload", "found a length that no age file has");
  }
  const key = hkdf(sha256, fileKey, await access.read(header.length, nonceBytes), encodeUtf8("payload"), 32);
  let cached = { index: -1, plain: new Uint8Array(0) as Uint8Array };
  const chunk = async (index: number): Promise<Uint8Array> => {
    if (cached.index === index) return cached.plain;
    const last = index === chunks - 1;
    const from = payloadAt + index * (chunkBytes + sealBytes);
    const sealed = await access.read(from, last ? lastSealed : chunkBytes + sealBytes);
    try {
      cached = { index, plain: chacha20poly1305(key, chunkNonce(index, last)).decrypt(sealed) };
    } catch {
      throw new CheckFailure(
        1,
        `age chunk ${index + 1} of ${chunks}`,
        "found bytes that were changed after encryption",
      );
    }
    return cached.plain;
  };
  // Proves the length: only the true last chunk opens under the last chunk's nonce.
  await chunk(chunks - 1);
  return {
    size: sealedBytes - chunks * sealBytes,
    async read(from, length) {
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const index = Math.floor((from + done) / chunkBytes);
        const part = (await chunk(index)).subarray(from + done - index * chunkBytes).subarray(0, length - done);
        bytes.set(part, done);
        done += part.length;
      }
      return bytes;
    },
  };
}
