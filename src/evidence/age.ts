import { createCipheriv, hkdfSync, randomBytes } from "node:crypto";
import { Decrypter, Encrypter } from "age-encryption";
import type { ByteSink } from "./sink.ts";

export type AgeKey = { kind: "passphrase"; passphrase: string } | { kind: "recipient"; recipient: string };

const chunkBytes = 65_536;
const tagBytes = 16;
const payloadNonceBytes = 16;
/** 2^16 needs 64 MiB; age's own 2^18 would need 256, and an export runs in 300. Passphrases are long for it (schema.ts). */
const scryptWorkFactor = 16;

/**
 * A sink in front of another that encrypts with age (age-encryption.org/v1). The library makes the header; the payload goes
 * through node:crypto, several times as fast.
 */
export async function openAgeSink(inner: ByteSink, key: AgeKey): Promise<ByteSink> {
  const { header, fileKey } = await makeHeader(key);
  const nonce = randomBytes(payloadNonceBytes);
  const payloadKey = Buffer.from(hkdfSync("sha256", fileKey, nonce, "payload", 32));
  await inner.append(header);
  await inner.append(nonce);
  const tail = Buffer.allocUnsafe(chunkBytes);
  let tailLength = 0;
  let counter = 0;
  const emit = async (last: boolean) => {
    const { ciphertext, tag } = sealChunk(payloadKey, counter++, tail.subarray(0, tailLength), last);
    tailLength = 0;
    await inner.append(ciphertext);
    await inner.append(tag);
  };
  return {
    get position() {
      return inner.position;
    },
    async append(chunk) {
      for (let rest = chunk; rest.length > 0; ) {
        // A full chunk waits for more: the last one is marked as such.
        if (tailLength === chunkBytes) await emit(false);
        const part = rest.subarray(0, chunkBytes - tailLength);
        tail.set(part, tailLength);
        tailLength += part.length;
        rest = rest.subarray(part.length);
      }
    },
    async close() {
      await emit(true);
      return inner.close();
    },
    abandon: () => inner.abandon(),
  };
}

function sealChunk(key: Buffer, counter: number, plaintext: Buffer, last: boolean) {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(counter, 5, 6);
  nonce[11] = last ? 1 : 0;
  const cipher = createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: tagBytes });
  const ciphertext = cipher.update(plaintext);
  cipher.final();
  return { ciphertext, tag: cipher.getAuthTag() };
}

/** The library encrypts nothing at all: what comes before its nonce and its one empty chunk is the header. */
async function makeHeader(key: AgeKey): Promise<{ header: Uint8Array; fileKey: Uint8Array }> {
  const encrypter = new Encrypter();
  const decrypter = new Decrypter();
  let captured: Uint8Array | undefined;
  if (key.kind === "passphrase") {
    encrypter.setScryptWorkFactor(scryptWorkFactor);
    encrypter.setPassphrase(key.passphrase);
    decrypter.addPassphrase(key.passphrase);
  } else {
    encrypter.addRecipient(key.recipient);
    // Shown the file key like any recipient, and adds nothing to the file.
    encrypter.addRecipient({
      wrapFileKey(fileKey) {
        captured = fileKey.slice();
        return [];
      },
    });
  }
  const empty = await encrypter.encrypt(new Uint8Array(0));
  const header = empty.subarray(0, empty.length - payloadNonceBytes - tagBytes);
  return { header, fileKey: captured ?? (await decrypter.decryptHeader(header)) };
}
