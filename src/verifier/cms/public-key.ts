import { p256 } from "@noble/curves/nist.js";
import { equalBytes } from "../../record/bytes.ts";
import { sha256 } from "../../record/sha256.ts";
import { DerError, type DerValue, derSingle, expectTag, members, oidOf, tags, unsignedOf } from "./der.ts";

const rsaOid = "1.2.840.113549.1.1.1";
const rsaSha256Oid = "1.2.840.113549.1.1.11";
const ecOid = "1.2.840.10045.2.1";
const p256Oid = "1.2.840.10045.3.1.7";
const ecdsaSha256Oid = "1.2.840.10045.4.3.2";

/** DER of DigestInfo for SHA-256, up to the hash (RFC 8017 section 9.2). */
const sha256Prefix = Uint8Array.of(
  0x30,
  0x31,
  0x30,
  0x0d,
  0x06,
  0x09,
  0x60,
  0x86,
  0x48,
  0x01,
  0x65,
  0x03,
  0x04,
  0x02,
  0x01,
  0x05,
  0x00,
  0x04,
  0x20,
);

export type PublicKey =
  | { kind: "RSA"; modulus: Uint8Array; exponent: Uint8Array; bits: number }
  | { kind: "P-256"; point: Uint8Array };

function bitStringBytes(value: DerValue | undefined): Uint8Array {
  const bytes = expectTag(value, tags.bitString).content;
  if (bytes[0] !== 0) throw new DerError("found a bit string that is not whole bytes");
  return bytes.subarray(1);
}

/** SubjectPublicKeyInfo (RFC 5280) of an RSA key of 2048 to 8192 bits or a P-256 key. */
export function readPublicKey(info: DerValue | undefined): PublicKey {
  const [algorithm, key] = members(info, tags.sequence);
  const [oidValue, parameters] = members(algorithm, tags.sequence);
  const oid = oidOf(oidValue);
  const bytes = bitStringBytes(key);
  if (oid === ecOid && oidOf(parameters) === p256Oid) return { kind: "P-256", point: bytes };
  if (oid !== rsaOid) throw new DerError(`found key type ${oid}, expected RSA or P-256`);
  const [modulusValue, exponentValue] = derSingleMembers(bytes);
  const modulus = unsignedOf(modulusValue);
  const exponent = unsignedOf(exponentValue);
  const bits = modulus.length * 8 - Math.clz32(modulus[0]!) + 24;
  if (bits < 2048 || bits > 8192 || exponent.length > 4)
    throw new DerError(`found RSA with ${bits} bits, expected 2048 to 8192`);
  return { kind: "RSA", modulus, exponent, bits };
}

function derSingleMembers(bytes: Uint8Array): DerValue[] {
  return members(derSingle(bytes, tags.sequence), tags.sequence);
}

function toBigInt(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}

function modPow(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/** RSASSA-PKCS1-v1_5 by encoding and comparing (RFC 8017 section 8.2.2): nothing of the padding is parsed. */
function verifyRsa(key: Extract<PublicKey, { kind: "RSA" }>, message: Uint8Array, signature: Uint8Array): boolean {
  const length = key.modulus.length;
  const modulus = toBigInt(key.modulus);
  const value = toBigInt(signature);
  if (signature.length !== length || value >= modulus) return false;
  const expected = new Uint8Array(length).fill(0xff);
  expected.set([0, 1]);
  expected[length - 52] = 0;
  expected.set(sha256Prefix, length - 51);
  expected.set(sha256(message), length - 32);
  const found = new Uint8Array(length);
  let rest = modPow(value, toBigInt(key.exponent), modulus);
  for (let i = length - 1; i >= 0; i--, rest >>= 8n) found[i] = Number(rest & 0xffn);
  return equalBytes(found, expected);
}

function verifyP256(point: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const [r, s, ...rest] = members(derSingle(signature, tags.sequence), tags.sequence);
  const compact = new Uint8Array(64);
  for (const [i, part] of [unsignedOf(r), unsignedOf(s)].entries()) {
    if (part.length > 32 || rest.length > 0) return false;
    compact.set(part, 32 * (i + 1) - part.length);
  }
  try {
    return p256.verify(compact, sha256(message), point, { prehash: false, lowS: false, format: "compact" });
  } catch {
    return false;
  }
}

/** Algorithm (AlgorithmIdentifier) must be SHA-256 with the key's own kind. */
export function verifySignature(
  key: PublicKey,
  algorithm: DerValue | undefined,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const [oidValue, parameters, ...rest] = members(algorithm, tags.sequence);
  const oid = oidOf(oidValue);
  if (rest.length > 0) throw new DerError("found an algorithm with unknown parameters");
  if (key.kind === "RSA") {
    // RFC 5652 writers say either "RSA" or "SHA-256 with RSA"; both with NULL parameters.
    if (oid !== rsaSha256Oid && oid !== rsaOid)
      throw new DerError(`found signature algorithm ${oid}, expected RSA PKCS#1 v1.5`);
    if (expectTag(parameters, tags.null).content.length > 0) throw new DerError("found parameters, expected NULL");
    return verifyRsa(key, message, signature);
  }
  if (oid !== ecdsaSha256Oid || parameters)
    throw new DerError(`found signature algorithm ${oid}, expected ECDSA with SHA-256`);
  return verifyP256(key.point, message, signature);
}
