import "reflect-metadata"; // before @peculiar/x509, which refuses to load without it
import { createHash, createPrivateKey, createPublicKey, randomBytes, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { AppError } from "../platform/errors.ts";

export { x509 };

export const ecP256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** A CA that can sign: its certificate (the first of a chain) and private key. */
export type SigningCa = {
  certificate: x509.X509Certificate;
  key: CryptoKey;
  algorithm: EcdsaParams | { name: string; hash: string };
};

export async function newKeys(): Promise<CryptoKeyPair> {
  return (await webcrypto.subtle.generateKey(ecP256, true, ["sign", "verify"])) as CryptoKeyPair;
}

export async function privateKeyPem(keys: CryptoKeyPair): Promise<string> {
  return `${x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY")}\n`;
}

export function certificatePem(certificate: x509.X509Certificate): string {
  return `${certificate.toString("pem")}\n`;
}

/** Positive, 128 bits, never the same twice (CA/Browser Forum asks for 64). */
export function newSerial(): string {
  const serial = randomBytes(16);
  serial.writeUInt8((serial.readUInt8(0) & 0x7f) | 0x40, 0);
  return serial.toString("hex");
}

/** SHA-256 of the DER. */
export function fingerprintOf(raw: ArrayBuffer | Uint8Array): Buffer {
  return createHash("sha256")
    .update(raw instanceof Uint8Array ? raw : new Uint8Array(raw))
    .digest();
}

/** Reads a CA from PEM. P-256, P-384 and RSA from 2048 bits; the certificate must be the key's, and that of a CA. */
export async function readSigningCa(certificatePemText: string, keyPemText: string): Promise<SigningCa> {
  const certificate = new x509.X509Certificate(certificatePemText);
  const key = createPrivateKey(keyPemText);
  const isRsa = key.asymmetricKeyType === "rsa";
  const namedCurve = key.asymmetricKeyDetails?.namedCurve === "secp384r1" ? "P-384" : "P-256";
  const algorithm = isRsa
    ? { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }
    : { name: "ECDSA", namedCurve, hash: "SHA-256" };
  const usable = isRsa || ["prime256v1", "secp384r1"].includes(key.asymmetricKeyDetails?.namedCurve ?? "");
  const basic = certificate.getExtension(x509.BasicConstraintsExtension);
  const der = key.export({ type: "pkcs8", format: "der" });
  const publicDer = Buffer.from(certificate.publicKey.rawData);
  const matches = createPublicKey(key).export({ type: "spki", format: "der" }).equals(publicDer);
  if (!usable || !basic?.ca || !matches) {
    throw new AppError("device-ca", "the device CA cannot sign", {
      found: !usable
        ? `a key of type ${key.asymmetricKeyType}`
        : !basic?.ca
          ? "a certificate that is no CA's"
          : "a key of another certificate",
      expected: "a CA certificate with its own key, P-256, P-384 or RSA",
      remedy: "put the matching files into pki.deviceCaCertFile and pki.deviceCaKeyFile",
    });
  }
  const imported = await webcrypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
  return { certificate, key: imported as CryptoKey, algorithm };
}
