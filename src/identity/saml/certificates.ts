import "reflect-metadata";
import { generateKeyPair, randomBytes, webcrypto, X509Certificate } from "node:crypto";
import { promisify } from "node:util";
import * as x509 from "@peculiar/x509";

export type CertificateFacts = {
  subject: string;
  /** SHA-256, lower-case hex, as openssl and providers show it but for the colons. */
  fingerprint: string;
  notBefore: string;
  notAfter: string;
  keyBits: number;
  warnings: string[];
};

const leastKeyBits = 2048;
const soonMs = 30 * 86_400_000;

/**
 * What a certificate is, and what is odd about it. SAML trusts the key and not the certificate: one that has expired still
 * verifies, as providers expect, but is worth a warning. `problem`: it cannot be used.
 */
export function certificateFacts(pem: string, now = Date.now()): CertificateFacts | { problem: string } {
  if (!/^\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*$/.test(pem)) {
    return { problem: "expected one certificate in PEM" };
  }
  try {
    const certificate = new X509Certificate(pem);
    const { asymmetricKeyType: type, asymmetricKeyDetails } = certificate.publicKey;
    const keyBits = asymmetricKeyDetails?.modulusLength ?? 0;
    if (type !== "rsa") return { problem: `found a key of type ${type}, expected RSA: no other can be verified` };
    if (keyBits < leastKeyBits)
      return { problem: `found an RSA key of ${keyBits} bits, expected ${leastKeyBits} or more` };
    const { subject, validFromDate, validToDate, fingerprint256 } = certificate;
    return {
      subject: subject.replaceAll("\n", ", "),
      fingerprint: fingerprint256.replaceAll(":", "").toLowerCase(),
      notBefore: validFromDate.toISOString(),
      notAfter: validToDate.toISOString(),
      keyBits,
      warnings: warningsOf(certificate, now),
    };
  } catch {
    return { problem: "expected an X.509 certificate, found something else in PEM" };
  }
}

function warningsOf({ validFromDate, validToDate, raw }: X509Certificate, now: number): string[] {
  const warnings: string[] = [];
  if (validToDate.getTime() < now) warnings.push("expired");
  else if (validToDate.getTime() < now + soonMs) warnings.push("expires within 30 days");
  if (validFromDate.getTime() > now) warnings.push("not valid yet");
  const { hash } = new x509.X509Certificate(raw).signatureAlgorithm as { hash?: { name: string } };
  if (hash?.name === "SHA-1") warnings.push("signed with SHA-1");
  return warnings;
}

/** Base64 of the DER alone, as KeyInfo carries it. */
export const certificateBody = (pem: string): string => new X509Certificate(pem).raw.toString("base64");

/** From KeyInfo's base64; undefined when it is no certificate. */
export function pemFromBody(body: string): string | undefined {
  const bytes = Buffer.from(body.replace(/\s+/g, ""), "base64");
  try {
    return new X509Certificate(bytes).toString();
  } catch {
    return undefined;
  }
}

export type SpKeyPair = { certificate: string; privateKey: string };

/** An RSA key for signing requests and opening assertions, and its self-signed certificate of three years. */
export async function newSpKey(commonName: string): Promise<SpKeyPair> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 3072 });
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const { subtle } = webcrypto;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: `00${randomBytes(15).toString("hex")}`,
    name: [{ CN: [commonName.slice(0, 64)] }],
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: new Date(Date.now() + 3 * 365 * 86_400_000),
    signingAlgorithm: algorithm,
    keys: {
      privateKey: await subtle.importKey(
        "pkcs8",
        privateKey.export({ type: "pkcs8", format: "der" }),
        algorithm,
        true,
        ["sign"],
      ),
      publicKey: await subtle.importKey("spki", publicKey.export({ type: "spki", format: "der" }), algorithm, true, [
        "verify",
      ]),
    } as CryptoKeyPair,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment | x509.KeyUsageFlags.dataEncipherment,
        true,
      ),
    ],
  });
  return {
    certificate: certificate.toString("pem"),
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}
