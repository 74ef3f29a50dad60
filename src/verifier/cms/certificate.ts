import { toHex } from "../../record/bytes.ts";
import { sha256Hex } from "../../record/sha256.ts";
import { type DerValue, derList, expectTag, members, oidOf, tags, timeOf, unsignedOf } from "./der.ts";

export type SignerCertificate = {
  /** hex, of the DER */
  sha256: string;
  issuer: Uint8Array;
  serial: Uint8Array;
  subjectKeyId: Uint8Array | undefined;
  subject: string;
  issuerName: string;
  notBefore: number;
  notAfter: number;
  /** SubjectPublicKeyInfo, read only of the one that signs: a chain may hold keys of other kinds */
  keyInfo: DerValue;
};

const attributeNames: Record<string, string> = {
  "2.5.4.3": "CN",
  "2.5.4.5": "serialNumber",
  "2.5.4.6": "C",
  "2.5.4.7": "L",
  "2.5.4.8": "ST",
  "2.5.4.10": "O",
  "2.5.4.11": "OU",
  "0.9.2342.19200300.100.1.25": "DC",
};
const subjectKeyIdOid = "2.5.29.14";

/** Strings of a name as people read them: anything that could confuse a terminal or page is shown as its code. */
function printable(value: DerValue | undefined): string {
  const bytes = value?.content ?? new Uint8Array(0);
  const text = value?.tag === 0x1e ? new TextDecoder("utf-16be").decode(bytes) : new TextDecoder().decode(bytes);
  return text.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

function nameText(name: DerValue | undefined): string {
  const parts: string[] = [];
  for (const relative of members(name, tags.sequence)) {
    for (const attribute of members(relative, tags.set)) {
      const [oid, value] = members(attribute, tags.sequence);
      const type = oidOf(oid);
      parts.push(`${attributeNames[type] ?? type}=${printable(value)}`);
    }
  }
  return parts.join(", ");
}

function readSubjectKeyId(extensions: DerValue | undefined): Uint8Array | undefined {
  if (!extensions) return undefined;
  const [list] = derList(extensions.content);
  for (const extension of members(list, tags.sequence)) {
    const fields = members(extension, tags.sequence);
    if (oidOf(fields[0]) !== subjectKeyIdOid) continue;
    const [id] = derList(expectTag(fields.at(-1), tags.octetString).content);
    return expectTag(id, tags.octetString).content;
  }
  return undefined;
}

/** X.509 v3 (RFC 5280), as far as a signature needs it. Trust comes from the pinned hash, not from a path to a root. */
export function readCertificate(certificate: DerValue): SignerCertificate {
  const [tbs] = members(certificate, tags.sequence);
  const fields = members(tbs, tags.sequence);
  if (fields[0]?.tag === tags.context0) fields.shift();
  const [serial, , issuer, validity, subject, keyInfo] = fields;
  const [notBefore, notAfter] = members(validity, tags.sequence);
  return {
    sha256: sha256Hex(certificate.whole),
    issuer: expectTag(issuer, tags.sequence).whole,
    serial: expectTag(serial, tags.integer).content,
    subjectKeyId: readSubjectKeyId(fields.find((field) => field.tag === tags.context3)),
    subject: nameText(subject) || `serial ${toHex(unsignedOf(serial))}`,
    issuerName: nameText(issuer),
    notBefore: timeOf(notBefore),
    notAfter: timeOf(notAfter),
    keyInfo: expectTag(keyInfo, tags.sequence),
  };
}
