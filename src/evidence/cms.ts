import { createHash, createPrivateKey, type KeyObject, sign, type X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import {
  Attribute,
  CertificateChoices,
  CertificateSet,
  ContentInfo,
  DigestAlgorithmIdentifiers,
  EncapsulatedContentInfo,
  IssuerAndSerialNumber,
  id_contentType,
  id_data,
  id_messageDigest,
  id_signedData,
  id_signingTime,
  SignedData,
  SignerIdentifier,
  SignerInfo,
  SignerInfos,
  SigningTime,
} from "@peculiar/asn1-cms";
import { AsnConvert, AsnObjectIdentifierConverter, OctetString } from "@peculiar/asn1-schema";
import { AlgorithmIdentifier, Certificate } from "@peculiar/asn1-x509";
import { AppError } from "../platform/errors.ts";
import { readCertificates } from "../platform/pem.ts";

const sha256Oid = "2.16.840.1.101.3.4.2.1";
const rsaSha256Oid = "1.2.840.113549.1.1.11";
const ecdsaSha256Oid = "1.2.840.10045.4.3.2";
const asn1Null = Uint8Array.of(5, 0).buffer;

/** Whose name stands under a bundle: the key, its certificate, and the chain that the auditor's software needs. */
export type CmsSigner = {
  key: KeyObject;
  /** Leaf first. */
  chain: X509Certificate[];
  /** SHA-256 of the leaf's DER, hex. */
  fingerprint: string;
};

/** Reads a P-256 or RSA key (PEM) and a PEM file with its certificate first, then any chain. Refuses a pair that does not match. */
export async function loadCmsSigner(keyFile: string, certFile: string): Promise<CmsSigner> {
  const key = createPrivateKey(await readFile(keyFile));
  const chain = await readCertificates(certFile);
  const [leaf] = chain;
  if (!leaf?.checkPrivateKey(key)) {
    throw new AppError("cms-key", "the key that signs bundles does not belong to its certificate", {
      found: leaf ? `a certificate of ${leaf.subject.replaceAll("\n", ", ")}` : `no certificate in ${certFile}`,
      expected: `the certificate of the key in ${keyFile} first, then its chain`,
      remedy: "mend keys.cmsKeyFile and keys.cmsCertFile",
    });
  }
  signatureAlgorithm(key);
  for (const { raw, subject } of chain) {
    // The message carries the certificates re-encoded: one that is no strict DER would come out broken.
    if (Buffer.compare(Buffer.from(AsnConvert.serialize(AsnConvert.parse(raw, Certificate))), raw) === 0) continue;
    throw new AppError("cms-key", "a certificate for signing bundles is not in its only encoding", {
      found: subject.replaceAll("\n", ", "),
      expected: "a DER certificate",
      remedy: "have the CA issue it again",
    });
  }
  return { key, chain, fingerprint: fingerprintOf(leaf) };
}

/** SHA-256 of the DER, hex. */
export const fingerprintOf = ({ raw }: X509Certificate): string => createHash("sha256").update(raw).digest("hex");

/**
 * A detached CMS SignedData (RFC 5652) over `content`, DER: one signer, SHA-256, signed attributes contentType, signingTime
 * and messageDigest.
 */
export function signDetached(content: Uint8Array, signer: CmsSigner, signedAt: Date): Buffer {
  const leaf = AsnConvert.parse(signer.chain[0]!.raw, Certificate);
  const digest = createHash("sha256").update(content).digest();
  const attributes = signedAttributes(digest, signedAt);
  const sha256 = new AlgorithmIdentifier({ algorithm: sha256Oid });
  const info = new SignerInfo({
    version: 1,
    sid: new SignerIdentifier({
      issuerAndSerialNumber: new IssuerAndSerialNumber({
        issuer: leaf.tbsCertificate.issuer,
        serialNumber: leaf.tbsCertificate.serialNumber,
      }),
    }),
    digestAlgorithm: sha256,
    signedAttrs: attributes,
    signatureAlgorithm: signatureAlgorithm(signer.key),
    signature: new OctetString(sign("sha256", attributeSet(attributes), signer.key)),
  });
  const signed = new SignedData({
    version: 1,
    digestAlgorithms: new DigestAlgorithmIdentifiers([sha256]),
    encapContentInfo: new EncapsulatedContentInfo({ eContentType: id_data }),
    certificates: new CertificateSet(
      signer.chain.map(({ raw }) => new CertificateChoices({ certificate: AsnConvert.parse(raw, Certificate) })),
    ),
    signerInfos: new SignerInfos([info]),
  });
  const contentInfo = new ContentInfo({ contentType: id_signedData, content: AsnConvert.serialize(signed) });
  return Buffer.from(AsnConvert.serialize(contentInfo));
}

function signatureAlgorithm(key: KeyObject): AlgorithmIdentifier {
  const { asymmetricKeyType, asymmetricKeyDetails } = key;
  if (asymmetricKeyType === "rsa") return new AlgorithmIdentifier({ algorithm: rsaSha256Oid, parameters: asn1Null });
  if (asymmetricKeyType === "ec" && asymmetricKeyDetails?.namedCurve === "prime256v1") {
    return new AlgorithmIdentifier({ algorithm: ecdsaSha256Oid });
  }
  throw new AppError("cms-key", "bundles cannot be signed with this kind of key", {
    found: `a key of type ${asymmetricKeyType} ${asymmetricKeyDetails?.namedCurve ?? ""}`.trimEnd(),
    expected: "an RSA key or an EC key on P-256",
    remedy: "OpenSSL 3.0 verifies no other kind in CMS: put an RSA or P-256 key into keys.cmsKeyFile",
  });
}

function signedAttributes(digest: Buffer, signedAt: Date): Attribute[] {
  const whole = new Date(Math.floor(signedAt.getTime() / 1000) * 1000);
  const values: [string, ArrayBuffer][] = [
    [id_contentType, AsnObjectIdentifierConverter.toASN(id_data).toBER()],
    [id_signingTime, AsnConvert.serialize(new SigningTime(whole))],
    [id_messageDigest, AsnConvert.serialize(new OctetString(digest))],
  ];
  const attributes = values.map(([attrType, value]) => new Attribute({ attrType, attrValues: [value] }));
  // DER sorts a SET OF by its members' encodings; a verifier that re-encodes would otherwise hash other bytes.
  return attributes.sort((a, b) =>
    Buffer.compare(Buffer.from(AsnConvert.serialize(a)), Buffer.from(AsnConvert.serialize(b))),
  );
}

/** What is signed: the attributes as an explicit SET OF (tag 0x31), though they stand in the message under [0]. RFC 5652 5.4. */
function attributeSet(attributes: Attribute[]): Buffer {
  const body = Buffer.concat(attributes.map((attribute) => Buffer.from(AsnConvert.serialize(attribute))));
  if (body.length > 0xffff)
    throw new Error(`found signed attributes of ${body.length} bytes, expected less than 64 KiB`);
  const length =
    body.length < 128
      ? [body.length]
      : body.length < 256
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.of(0x31, ...length), body]);
}
