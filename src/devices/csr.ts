import { createPublicKey } from "node:crypto";
import { AppError } from "../platform/errors.ts";
import { newSerial, type SigningCa, x509 } from "./x509.ts";

const dayMs = 86_400_000;
const maxRequestBytes = 16_384;

/** What is taken from a request: its key, proven to be the sender's. Its subject and extensions are ignored. */
export type CertificateRequest = { publicKey: x509.PublicKey };

/**
 * Reads a PKCS#10 request: PEM, or base64 of the DER as RFC 7030 sends it. Checks its signature (proof of possession) and
 * its key: P-256, or RSA of 2048 bits and more.
 */
export async function readRequest(text: string): Promise<CertificateRequest> {
  const request = parseRequest(text);
  const kind = describeKey(request.publicKey);
  if (!kind.accepted) {
    throw requestError("the request's key is not accepted", kind.found, "P-256, or RSA of at least 2048 bits");
  }
  if (!(await request.verify().catch(() => false))) {
    throw requestError(
      "the request is not signed by its own key",
      "a signature that does not verify",
      "proof that the sender holds the private key",
    );
  }
  return { publicKey: request.publicKey };
}

function parseRequest(text: string): x509.Pkcs10CertificateRequest {
  const base64 = text.replace(/-----(BEGIN|END) (NEW )?CERTIFICATE REQUEST-----/g, "").replace(/\s/g, "");
  if (text.length > maxRequestBytes || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) {
    throw requestError(
      "this is not a certificate request",
      `${text.length} characters`,
      "base64 or PEM of a PKCS#10 request below 16 KiB",
    );
  }
  try {
    return new x509.Pkcs10CertificateRequest(Buffer.from(base64, "base64"));
  } catch (cause) {
    throw requestError(
      "this is not a certificate request",
      "bytes that are no PKCS#10",
      "base64 or PEM of a PKCS#10 request",
      cause,
    );
  }
}

function describeKey(publicKey: x509.PublicKey): { accepted: boolean; found: string } {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey.rawData), type: "spki", format: "der" });
    const { modulusLength = 0, namedCurve, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
    if (key.asymmetricKeyType === "rsa") {
      const accepted = modulusLength >= 2048 && modulusLength <= 8192 && publicExponent >= 65_537n;
      return { accepted, found: `RSA of ${modulusLength} bits, exponent ${publicExponent}` };
    }
    return { accepted: namedCurve === "prime256v1", found: `${key.asymmetricKeyType} ${namedCurve ?? ""}`.trim() };
  } catch {
    return { accepted: false, found: "a key that cannot be read" };
  }
}

function requestError(message: string, found: string, expected: string, cause?: unknown): AppError {
  return new AppError("invalid", message, {
    found,
    expected,
    remedy:
      "make a new request, for example with 'openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'",
    cause,
  });
}

/** A client certificate whose only name is the device's uuid as CN. */
export async function issueCertificate(
  ca: SigningCa,
  request: CertificateRequest,
  { deviceId, days, nowMs }: { deviceId: string; days: number; nowMs: number },
): Promise<x509.X509Certificate> {
  const notAfter = Math.min(nowMs + days * dayMs, ca.certificate.notAfter.getTime());
  return x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: `CN=${deviceId}`,
    issuer: ca.certificate.subjectName,
    // Boxes with a slow clock take it too.
    notBefore: new Date(nowMs - 3_600_000),
    notAfter: new Date(notAfter),
    signingAlgorithm: ca.algorithm,
    publicKey: request.publicKey,
    signingKey: ca.key,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      await x509.AuthorityKeyIdentifierExtension.create(ca.certificate),
      await x509.SubjectKeyIdentifierExtension.create(request.publicKey),
    ],
  });
}
