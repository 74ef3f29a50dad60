import { constants, createDecipheriv, privateDecrypt } from "node:crypto";
import { cbcCiphers, gcmCiphers, keyCipher, ns, oaepDigest } from "./names.ts";
import { SamlRefusal } from "./reasons.ts";
import { attributeOf, childrenOf, everyElement, textOf, type XmlElement } from "./xml-tree.ts";

/** What an encrypted assertion holds, and which of our keys opens it (PEM). */
export type Opened = { xml: string; key: string };

export type OpenOptions = {
  keys: readonly string[];
  /**
   * Whether the ciphertext is covered by a signature that was already checked. Without one only GCM is opened: what CBC answers
   * to a changed ciphertext would tell its content, a byte at a time.
   */
  authenticated: boolean;
};

/** Opens an `EncryptedAssertion` (XML Encryption 1.1): one EncryptedData, one EncryptedKey, RSA-OAEP. */
export function openAssertion(encrypted: XmlElement, { keys, authenticated }: OpenOptions): Opened {
  const data = only(encrypted, "EncryptedData");
  const wrapped = only(encrypted, "EncryptedKey");
  const cipher = methodOf(data);
  if (!ciphers.has(cipher) || (!authenticated && !(gcmCiphers as readonly string[]).includes(cipher))) {
    throw new SamlRefusal("algorithm", `${cipher}${authenticated ? "" : " under no signature"}`);
  }
  const keyMethod = childrenOf(wrapped, ns.encryption, "EncryptionMethod")[0];
  const digest = keyMethod && childrenOf(keyMethod, ns.signature, "DigestMethod")[0];
  if (methodOf(wrapped) !== keyCipher || (digest && attributeOf(digest, "Algorithm") !== oaepDigest)) {
    throw new SamlRefusal("algorithm", methodOf(wrapped));
  }
  const [content, wrappedKey] = [cipherValueOf(data), cipherValueOf(wrapped)];
  for (const key of keys) {
    const contentKey = unwrapKey(key, wrappedKey);
    if (contentKey) return { xml: decryptContent(cipher, contentKey, content), key };
  }
  throw new SamlRefusal("decryption", keys.length === 0 ? "no key" : "none of our keys opens it");
}

const ciphers = new Map<string, { name: string; keyBytes: number; ivBytes: number }>([
  [gcmCiphers[0], { name: "aes-128-gcm", keyBytes: 16, ivBytes: 12 }],
  [gcmCiphers[1], { name: "aes-256-gcm", keyBytes: 32, ivBytes: 12 }],
  [cbcCiphers[0], { name: "aes-128-cbc", keyBytes: 16, ivBytes: 16 }],
  [cbcCiphers[1], { name: "aes-256-cbc", keyBytes: 32, ivBytes: 16 }],
]);
const tagBytes = 16;
const blockBytes = 16;

function only(within: XmlElement, name: string): XmlElement {
  const found = [...everyElement(within)].filter((one) => one.namespace === ns.encryption && one.name === name);
  if (found.length !== 1) throw new SamlRefusal("decryption", `${found.length} elements ${name}`);
  return found[0]!;
}

function methodOf(element: XmlElement): string {
  const [method, another] = childrenOf(element, ns.encryption, "EncryptionMethod");
  const algorithm = method && !another ? attributeOf(method, "Algorithm") : undefined;
  if (!algorithm) throw new SamlRefusal("decryption", `${element.name} names no method`);
  return algorithm;
}

function cipherValueOf(element: XmlElement): Buffer {
  const data = childrenOf(element, ns.encryption, "CipherData")[0];
  const value = data && childrenOf(data, ns.encryption, "CipherValue")[0];
  const text = (value && textOf(value))?.replace(/\s+/g, "");
  if (!text) throw new SamlRefusal("decryption", `${element.name} holds no value`);
  return Buffer.from(text, "base64");
}

function unwrapKey(key: string, wrapped: Buffer): Buffer | undefined {
  try {
    return privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha1" }, wrapped);
  } catch {
    return undefined;
  }
}

function decryptContent(cipher: string, key: Buffer, content: Buffer): string {
  const { name, keyBytes, ivBytes } = ciphers.get(cipher)!;
  try {
    if (key.length !== keyBytes) throw new Error("a key of another length");
    const gcm = name.endsWith("gcm");
    const decipher = createDecipheriv(
      name as "aes-128-gcm",
      key,
      content.subarray(0, ivBytes),
      gcm ? { authTagLength: tagBytes } : {},
    );
    if (!gcm) decipher.setAutoPadding(false);
    else decipher.setAuthTag(content.subarray(-tagBytes));
    const body = content.subarray(ivBytes, gcm ? -tagBytes : undefined);
    const plain = Buffer.concat([decipher.update(body), decipher.final()]);
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(gcm ? plain : withoutPadding(plain));
  } catch {
    throw new SamlRefusal("decryption", "the content does not open");
  }
}

// XML Encryption 5.2.1: the last byte says how many there are; the others may be anything.
function withoutPadding(plain: Buffer): Buffer {
  const padding = plain.at(-1) ?? 0;
  if (padding < 1 || padding > blockBytes) throw new Error("no padding");
  return plain.subarray(0, -padding);
}
