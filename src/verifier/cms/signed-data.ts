import { concatBytes, equalBytes } from "../../record/bytes.ts";
import { sha256 } from "../../record/sha256.ts";
import { readCertificate, type SignerCertificate } from "./certificate.ts";
import {
  DerError,
  type DerValue,
  derList,
  derSingle,
  expectTag,
  members,
  oidOf,
  smallInteger,
  tags,
  timeOf,
} from "./der.ts";
import { readPublicKey, verifySignature } from "./public-key.ts";

// CMS SignedData (RFC 5652), detached, one signer, SHA-256.

const signedDataOid = "1.2.840.113549.1.7.2";
const dataOid = "1.2.840.113549.1.7.1";
const contentTypeOid = "1.2.840.113549.1.9.3";
const messageDigestOid = "1.2.840.113549.1.9.4";
const signingTimeOid = "1.2.840.113549.1.9.5";
const sha256Oid = "2.16.840.1.101.3.4.2.1";

export type CmsSignature = { certificate: SignerCertificate; signedAt: number };

function requireSha256(algorithm: DerValue | undefined): void {
  const [oid, parameters, ...rest] = members(algorithm, tags.sequence);
  const empty = parameters === undefined || (parameters.tag === tags.null && parameters.content.length === 0);
  if (oidOf(oid) !== sha256Oid || !empty || rest.length > 0) throw new DerError("found a digest other than SHA-256");
}

/** Signed attributes by OID, each with exactly one value; the three that are needed must be there once. */
function readAttributes(field: DerValue): Map<string, DerValue> {
  const attributes = new Map<string, DerValue>();
  for (const attribute of derList(expectTag(field, tags.context0).content)) {
    const [oidValue, values, ...rest] = members(attribute, tags.sequence);
    const oid = oidOf(oidValue);
    const [value, ...more] = members(values, tags.set);
    if (!value || more.length > 0 || rest.length > 0 || attributes.has(oid)) {
      throw new DerError(`found signed attribute ${oid} twice or without a single value`);
    }
    attributes.set(oid, value);
  }
  return attributes;
}

function chooseCertificate(sid: DerValue | undefined, certificates: SignerCertificate[]): SignerCertificate {
  let chosen: SignerCertificate[];
  if (sid?.tag === tags.context0Primitive) {
    chosen = certificates.filter(({ subjectKeyId }) => subjectKeyId && equalBytes(subjectKeyId, sid.content));
  } else {
    const [issuer, serial] = members(sid, tags.sequence);
    const serialBytes = expectTag(serial, tags.integer).content;
    chosen = certificates.filter(
      (certificate) =>
        equalBytes(certificate.issuer, expectTag(issuer, tags.sequence).whole) &&
        equalBytes(certificate.serial, serialBytes),
    );
  }
  const [certificate, ...rest] = chosen;
  if (!certificate || rest.length > 0)
    throw new DerError(`found ${chosen.length} certificates for the signer, expected one`);
  return certificate;
}

type Parts = { certificates: SignerCertificate[]; signer: DerValue[] };

function readSignedData(bytes: Uint8Array): Parts {
  const [typeOid, wrapped, ...outside] = members(derSingle(bytes, tags.sequence), tags.sequence);
  if (oidOf(typeOid) !== signedDataOid || outside.length > 0) throw new DerError("found no CMS SignedData");
  const [signedData, ...more] = members(wrapped, tags.context0);
  const [version, digests, encapsulated, certificateSet, signerInfos, ...rest] = members(signedData, tags.sequence);
  if (more.length > 0 || rest.length > 0) throw new DerError("found more fields than a SignedData without CRLs has");
  const number = smallInteger(version);
  const digestList = members(digests, tags.set);
  if (digestList.length !== 1) throw new DerError(`found ${digestList.length} digest algorithms, expected one`);
  requireSha256(digestList[0]);
  const [contentOid, content] = members(encapsulated, tags.sequence);
  if (oidOf(contentOid) !== dataOid || content)
    throw new DerError("found content inside, expected a detached signature over data");
  const certificates = members(certificateSet, tags.context0).map(readCertificate);
  const signers = members(signerInfos, tags.set);
  if (signers.length !== 1) throw new DerError(`found ${signers.length} signers, expected exactly one`);
  const signer = members(signers[0], tags.sequence);
  const byKeyId = signer[1]?.tag === tags.context0Primitive;
  if (number !== (byKeyId ? 3 : 1) || smallInteger(signer[0]) !== number)
    throw new DerError("found a wrong CMS version");
  return { certificates, signer };
}

/**
 * Checks a detached signature over `content`. Throws DerError with what was found. It says that the certificate's key signed;
 * whose certificate is believed is the caller's question.
 */
export function verifyDetached(bytes: Uint8Array, content: Uint8Array): CmsSignature {
  const { certificates, signer } = readSignedData(bytes);
  const [, sid, digestAlgorithm, attributesField, signatureAlgorithm, signatureValue, ...unsigned] = signer;
  if (unsigned.length > 0) throw new DerError("found unsigned attributes, expected none");
  requireSha256(digestAlgorithm);
  if (!attributesField) throw new DerError("found no signed attributes");
  const attributes = readAttributes(attributesField);
  if (oidOf(attributes.get(contentTypeOid)) !== dataOid) throw new DerError("found a content type other than data");
  const digest = expectTag(attributes.get(messageDigestOid), tags.octetString).content;
  if (!equalBytes(digest, sha256(content))) throw new DerError("found the digest of other content in the signature");
  const signedAt = timeOf(attributes.get(signingTimeOid));
  const certificate = chooseCertificate(sid, certificates);
  // The signature is over the attributes as SET OF: tag 0x31 in place of [0], RFC 5652 section 5.4.
  const message = concatBytes(Uint8Array.of(tags.set), attributesField.whole.subarray(1));
  const signature = expectTag(signatureValue, tags.octetString).content;
  if (!verifySignature(readPublicKey(certificate.keyInfo), signatureAlgorithm, message, signature)) {
    throw new DerError("found a signature that its certificate's key did not make");
  }
  return { certificate, signedAt };
}
