import { randomBytes } from "node:crypto";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

const P256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const YEARS = 10;

/**
 * A self-signed P-256 certificate for evidence bundles: digital signatures alone, no TLS usage. Auditors pin its SHA-256.
 * P-256, since OpenSSL 3.0 makes no CMS with Ed25519.
 */
export async function createSigningCertificate(name: string): Promise<{ keyPem: string; certificatePem: string }> {
  const keys = (await crypto.subtle.generateKey(P256, true, ["sign", "verify"])) as CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: `01${randomBytes(15).toString("hex")}`,
    name: `CN=${name}`,
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: new Date(Date.now() + YEARS * 365.25 * 86_400_000),
    signingAlgorithm: P256,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.nonRepudiation, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.emailProtection]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const key = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { keyPem: x509.PemConverter.encode(key, "PRIVATE KEY"), certificatePem: certificate.toString("pem") };
}
