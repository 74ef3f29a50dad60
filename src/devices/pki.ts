import { mkdir, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import { renderCrl } from "./crl.ts";
import { certificatePem, ecP256, newKeys, newSerial, privateKeyPem, type SigningCa, x509 } from "./x509.ts";

const dayMs = 86_400_000;

/** Paths of what `createPki` wrote. */
export type PkiFiles = {
  /** Signs our servers and the worker: what devices trust. */
  caFile: string;
  caKeyFile: string;
  deviceCaCertFile: string;
  deviceCaKeyFile: string;
  crlFile: string;
  serverCertFile: string;
  serverKeyFile: string;
  workerCertFile: string;
  workerKeyFile: string;
};

/**
 * Makes the appliance's own authorities and certificates in `directory`: the appliance CA (servers and worker), the device
 * CA (devices alone, with an empty CRL), a server certificate for `names` (DNS names and addresses), the worker's client
 * certificate. Two authorities, so that no device certificate is ever taken for the appliance, nor for the worker.
 */
export async function createPki(directory: string, names: string[]): Promise<PkiFiles> {
  await mkdir(directory, { recursive: true, mode: 0o750 });
  const put = async (name: string, text: string, mode = 0o644) => {
    const path = join(directory, name);
    await writeFile(path, text, { mode });
    return path;
  };
  const appliance = await createCa("Ledgerstone appliance CA");
  const devices = await createCa("Ledgerstone device CA");
  const server = await issueOwn(appliance.ca, { commonName: names[0] ?? "localhost", names, usage: "server" });
  const worker = await issueOwn(appliance.ca, { commonName: "worker", names: [], usage: "client" });
  return {
    caFile: await put("ca.pem", certificatePem(appliance.ca.certificate)),
    caKeyFile: await put("ca-key.pem", appliance.keyPem, 0o600),
    deviceCaCertFile: await put("device-ca.pem", certificatePem(devices.ca.certificate)),
    deviceCaKeyFile: await put("device-ca-key.pem", devices.keyPem, 0o600),
    crlFile: await put("device-ca.crl", await renderCrl(devices.ca, [], Date.now())),
    serverCertFile: await put("server.pem", server.certPem),
    serverKeyFile: await put("server-key.pem", server.keyPem, 0o600),
    workerCertFile: await put("worker.pem", worker.certPem),
    workerKeyFile: await put("worker-key.pem", worker.keyPem, 0o600),
  };
}

/** A self-signed CA, P-256, ten years, that may sign leaves only. */
async function createCa(commonName: string): Promise<{ ca: SigningCa; keyPem: string }> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    // Two appliances' authorities must not share a name: path building goes by it.
    name: [{ CN: [`${commonName} ${newSerial().slice(0, 12)}`] }],
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + 3650 * dayMs),
    signingAlgorithm: ecP256,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { ca: { certificate, key: keys.privateKey, algorithm: ecP256 }, keyPem: await privateKeyPem(keys) };
}

type OwnCertificate = { commonName: string; names: string[]; usage: "server" | "client" };

async function issueOwn(
  ca: SigningCa,
  { commonName, names, usage }: OwnCertificate,
): Promise<{ certPem: string; keyPem: string }> {
  const keys = await newKeys();
  const purpose = usage === "server" ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth;
  const alternatives = names.map((value) => ({ type: isIP(value) ? ("ip" as const) : ("dns" as const), value }));
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: [{ CN: [commonName.slice(0, 64)] }],
    issuer: ca.certificate.subjectName,
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: new Date(Date.now() + 825 * dayMs),
    signingAlgorithm: ca.algorithm,
    publicKey: keys.publicKey,
    signingKey: ca.key,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([purpose]),
      await x509.AuthorityKeyIdentifierExtension.create(ca.certificate),
      ...(alternatives.length > 0 ? [new x509.SubjectAlternativeNameExtension(alternatives)] : []),
    ],
  });
  return { certPem: certificatePem(certificate), keyPem: await privateKeyPem(keys) };
}
