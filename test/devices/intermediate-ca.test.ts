import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { renderCrl } from "../../src/devices/crl.ts";
import { issueCertificate } from "../../src/devices/csr.ts";
import { createPki, type PkiFiles, readRequest, readSigningCa } from "../../src/devices/index.ts";
import {
  certificatePem,
  ecP256,
  newKeys,
  newSerial,
  privateKeyPem,
  type SigningCa,
  x509,
} from "../../src/devices/x509.ts";
import { freePort } from "../support/ports.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";
import { clientsOf, refused, runMosquitto } from "./broker-stack.ts";
import { newRequest } from "./fixture.ts";

const day = 86_400_000;
const deviceId = "0f0e0d0c-1111-4222-8333-444455556666";

/** A CA below `issuer`, or a root. */
async function authority(commonName: string, issuer?: SigningCa): Promise<SigningCa & { keyPem: string }> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: [{ O: ["Customer, Inc."] }, { CN: [commonName] }],
    issuer: issuer?.certificate.subjectName ?? [{ O: ["Customer, Inc."] }, { CN: [commonName] }],
    notBefore: new Date(Date.now() - day),
    notAfter: new Date(Date.now() + 1000 * day),
    signingAlgorithm: ecP256,
    publicKey: keys.publicKey,
    signingKey: issuer?.key ?? keys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate, key: keys.privateKey, algorithm: ecP256, keyPem: await privateKeyPem(keys) };
}

async function deviceOf(ca: SigningCa): Promise<{ cert: string; key: string }> {
  const { request, key } = await newRequest();
  const certificate = await issueCertificate(ca, await readRequest(request), { deviceId, days: 30, nowMs: Date.now() });
  return { cert: certificatePem(certificate) + certificatePem(ca.certificate), key };
}

describe("devices: an intermediate of the customer's as device CA", () => {
  let directory: string;
  let pki: PkiFiles;
  before(async () => {
    directory = await temporaryDirectory("intermediate");
    pki = await createPki(join(directory, "pki"), ["127.0.0.1"]);
  });
  after(() => removeDirectory(directory));

  it("its devices get in; others below the same root do not, as long as there is a CRL", async () => {
    const root = await authority("Root");
    const ours = await authority("Devices", root);
    const foreign = await authority("Staff", root);
    const chain = certificatePem(ours.certificate) + certificatePem(root.certificate);
    await writeFile(pki.deviceCaCertFile, chain);
    const signing = await readSigningCa(chain, ours.keyPem);
    await writeFile(pki.crlFile, await renderCrl(signing, [], Date.now()));
    const { attach, closeClients } = clientsOf(await readFile(pki.caFile, "utf8"));
    const ports = { devices: await freePort(), worker: await freePort() };
    const options = {
      directory,
      serverCertFile: pki.serverCertFile,
      serverKeyFile: pki.serverKeyFile,
      deviceCaFile: pki.deviceCaCertFile,
      crlFile: pki.crlFile,
      workerCaFile: pki.caFile,
      devices: { port: ports.devices, bind: "127.0.0.1" },
      worker: { port: ports.worker, bind: "127.0.0.1" },
    };
    const broker = await runMosquitto(options);
    try {
      assert.ok((await attach(ports.devices, await deviceOf(signing))).connected);
      await refused(attach(ports.devices, await deviceOf(foreign)), /alert|unknown/i);
      await refused(attach(ports.devices, await deviceOf(root)), /alert|unknown/i);
    } finally {
      await closeClients();
      await broker.stop();
    }

    const config = join(directory, "mosquitto.conf");
    const unguarded = await runMosquitto(options, (text) => text.replace(/^crlfile .*\n/m, ""));
    try {
      assert.doesNotMatch(await readFile(config, "utf8"), /crlfile/);
      assert.ok((await attach(ports.devices, await deviceOf(foreign))).connected, "without a CRL the root lets all in");
    } finally {
      await closeClients();
      await unguarded.stop();
    }
  });
});
