import "reflect-metadata"; // before @peculiar/x509, which refuses to load without it
import { randomBytes, webcrypto } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";

const day = 86_400_000;
const algorithms = {
  p256: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  rsa: {
    name: "RSASSA-PKCS1-v1_5",
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: "SHA-256",
  },
} as const;
export type KeyKind = keyof typeof algorithms;

export type Issued = { cert: string; key: string; certificate: x509.X509Certificate; keys: CryptoKeyPair };
type Usage = "server" | "client";
type Subject = {
  cn: string;
  key?: KeyKind;
  usage?: Usage;
  /** DNS names and addresses of a server. */
  names?: string[];
  notBefore?: Date;
  notAfter?: Date;
};

export type CertificateAuthority = Issued & {
  /** A certificate of this CA, PEM, with its PKCS#8 key. Usage is client unless told. */
  issue(subject: Subject): Promise<Issued>;
  /** A CRL of this CA, PEM, good for 30 days. */
  crl(revokedSerials?: string[], nextUpdate?: Date): Promise<string>;
};

async function newKeys(kind: KeyKind): Promise<CryptoKeyPair> {
  return (await webcrypto.subtle.generateKey(algorithms[kind], true, ["sign", "verify"])) as CryptoKeyPair;
}

async function toPem(keys: CryptoKeyPair): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
}

const serialNumber = () => `4${randomBytes(15).toString("hex").slice(1)}`;
const isAddress = (name: string) => /^[0-9.]+$|:/.test(name);

export async function certificateAuthority(cn: string, kind: KeyKind = "p256"): Promise<CertificateAuthority> {
  x509.cryptoProvider.set(webcrypto as Crypto);
  const keys = await newKeys(kind);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=${cn}`,
    notBefore: new Date(Date.now() - day),
    notAfter: new Date(Date.now() + 3650 * day),
    signingAlgorithm: algorithms[kind],
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const signer = { name: certificate.subject, keys, algorithm: algorithms[kind] };
  return {
    certificate,
    keys,
    cert: `${certificate.toString("pem")}\n`,
    key: await toPem(keys),
    issue: (subject) => issue(signer, subject),
    async crl(revokedSerials = [], nextUpdate = new Date(Date.now() + 30 * day)) {
      const list = await x509.X509CrlGenerator.create({
        issuer: certificate.subject,
        thisUpdate: new Date(Math.min(Date.now(), nextUpdate.getTime()) - day),
        nextUpdate,
        signingAlgorithm: algorithms[kind],
        signingKey: keys.privateKey,
        entries: revokedSerials.map((serial) => ({ serialNumber: serial, revocationDate: new Date() })),
      });
      return `${x509.PemConverter.encode(list.rawData, "X509 CRL")}\n`;
    },
  };
}

type Signer = { name: string; keys: CryptoKeyPair; algorithm: (typeof algorithms)[KeyKind] };

async function issue(signer: Signer, subject: Subject): Promise<Issued> {
  const keys = await newKeys(subject.key ?? "p256");
  const purpose = subject.usage === "server" ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth;
  const names = (subject.names ?? []).map((value) => ({ type: isAddress(value) ? "ip" : "dns", value }) as const);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: `CN=${subject.cn}`,
    issuer: signer.name,
    notBefore: subject.notBefore ?? new Date(Date.now() - 60_000),
    notAfter: subject.notAfter ?? new Date(Date.now() + 30 * day),
    signingAlgorithm: signer.algorithm,
    publicKey: keys.publicKey,
    signingKey: signer.keys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([purpose]),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    ],
  });
  return { certificate, keys, cert: `${certificate.toString("pem")}\n`, key: await toPem(keys) };
}

export type TestPki = {
  /** Signs our servers: what devices trust. */
  readonly servers: CertificateAuthority;
  /** Signs devices, and the worker's client certificate. */
  readonly devices: CertificateAuthority;
  /** Nobody trusts it. */
  readonly stranger: CertificateAuthority;
  /** The section `pki` of an appliance's configuration. */
  readonly section: { caFile: string; deviceCaCertFile: string; deviceCaKeyFile: string; crlFile: string };
  readonly serverCertFile: string;
  readonly serverKeyFile: string;
  readonly workerCertFile: string;
  readonly workerKeyFile: string;
};

/** The two authorities of an appliance and its own certificates, as files in `directory`. */
export async function createPki(directory: string): Promise<TestPki> {
  const servers = await certificateAuthority("Ledgerstone test servers");
  const devices = await certificateAuthority("Ledgerstone test devices");
  const stranger = await certificateAuthority("Stranger");
  const server = await servers.issue({ cn: "localhost", usage: "server", names: ["localhost", "127.0.0.1"] });
  const worker = await devices.issue({ cn: "worker" });
  const put = async (name: string, text: string) => {
    const path = join(directory, name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };
  return {
    servers,
    devices,
    stranger,
    section: {
      caFile: await put("ca.pem", servers.cert),
      deviceCaCertFile: await put("device-ca.pem", devices.cert),
      deviceCaKeyFile: await put("device-ca-key.pem", devices.key),
      crlFile: await put("device-ca.crl", await devices.crl()),
    },
    serverCertFile: await put("server.pem", server.cert),
    serverKeyFile: await put("server-key.pem", server.key),
    workerCertFile: await put("worker.pem", worker.cert),
    workerKeyFile: await put("worker-key.pem", worker.key),
  };
}
