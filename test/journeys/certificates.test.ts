import assert from "node:assert/strict";
import { copyFile, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { replaceCertificateFiles } from "../../src/platform/certificate-files.ts";
import { type CertificateWorld, certificateWorld, type Made } from "../platform/certificate-world.ts";
import { type Appliance, startAppliance } from "../support/appliance.ts";
import { freePort } from "../support/ports.ts";
import { waitUntil } from "../support/process.ts";
import { removeDirectory } from "../support/temporary.ts";
import { connectDevice, type DeviceClient } from "./device-client.ts";
import { createSite, enrolEdge } from "./fleet.ts";

const names = "DNS:localhost,IP:127.0.0.1";

describe("journeys: a certificate is renewed while people and devices are connected", function () {
  this.timeout(120_000);
  let appliance: Appliance;
  let world: CertificateWorld;
  let root: Made;
  let device: DeviceClient;
  let held: TLSSocket;
  let metricsPort: number;
  const pki = (name: string) => join(appliance.directory, "pki", name);
  const files = () => ({ certFile: pki("server.pem"), keyFile: pki("server-key.pem") });

  before(async () => {
    metricsPort = await freePort();
    appliance = await startAppliance({
      configure: (config) => {
        config.metrics = { host: "127.0.0.1", port: metricsPort };
      },
    });
    world = await certificateWorld();
    // Of the appliance's own authority, so that whoever is connected trusts it: what is looked at is which one is shown.
    const [certFile, keyFile] = [pki("ca.pem"), pki("ca-key.pem")];
    root = { certFile, keyFile, cert: await readFile(certFile), key: await readFile(keyFile) };
    const site = await createSite(appliance, await appliance.createTenant("Alder"), "Gate");
    device = await connectDevice((await enrolEdge(appliance, site, "gate")).dir);
    held = await openTls(appliance.ports.api);
  });
  after(async () => {
    held?.destroy();
    await device?.stop();
    await appliance?.stop();
    if (world) await removeDirectory(world.directory);
  });

  const openTls = (port: number) =>
    new Promise<TLSSocket>((resolve, reject) => {
      // Which certificate is shown is what these tests look at.
      const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false }, () => resolve(socket));
      socket.once("error", reject);
    });
  const shownAt = async (port: number): Promise<string> => {
    const socket = await openTls(port);
    socket.on("error", () => {});
    const { subject } = socket.getPeerCertificate();
    socket.destroy();
    return String(subject.CN);
  };
  const everywhere = async () => {
    const { api, device: devicePort, mqtt } = appliance.ports;
    return Promise.all([api, devicePort, mqtt].map(shownAt));
  };
  const askHeld = () =>
    new Promise<string>((resolve, reject) => {
      held.once("data", (bytes) => resolve(bytes.toString().split("\r\n")[0]!));
      held.once("close", () => reject(new Error("the connection was closed")));
      held.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    });
  const isShown = (cn: string) =>
    waitUntil(`${cn} on every port`, async () => (await everywhere()).every((shown) => shown === cn), {
      timeoutMs: 30_000,
    });
  const install = (...args: string[]) => appliance.cli(["certs", "install", ...args]);
  const serverNamed = (cn: string, more: Partial<Parameters<CertificateWorld["make"]>[0]> = {}) =>
    world.make({ cn, by: root, names, ...more });

  it("one that does not pass its checks is refused, said why, and nothing is changed", async () => {
    const before = await readFile(files().certFile);
    const elsewhere = await serverNamed("elsewhere", { names: "DNS:other.example.com" });
    await assert.rejects(install("--cert", elsewhere.certFile, "--key", elsewhere.keyFile), /host-not-covered/);
    const other = await serverNamed("other");
    await assert.rejects(install("--cert", other.certFile, "--key", elsewhere.keyFile), /key-mismatch/);
    assert.ok(before.equals(await readFile(files().certFile)));
  });

  it("HTTPS and MQTT show the new one within seconds; connections that are open go on", async () => {
    assert.match(await askHeld(), /200/);
    const made = await serverNamed("renewed one");
    const said = await install("--cert", made.certFile, "--key", made.keyFile);
    assert.match(said, /nothing wrong with it[\s\S]*installed in/);
    await isShown("renewed one");
    assert.match(await askHeld(), /200/, "the connection from before is still served");
    const { receipt } = await device.send();
    assert.equal(receipt.rejects.length, 0, "the device's session from before still delivers");
    assert.equal(((await stat(files().keyFile)).mode & 0o077).toString(8), "0", "the key is nobody else's");
  });

  it("PKCS#12 with a passphrase will do too", async () => {
    const made = await serverNamed("from pkcs12");
    const [bundle, passphrase] = [world.file("in.p12"), world.file("passphrase")];
    await writeFile(bundle, await world.pkcs12(made, [root]));
    await writeFile(passphrase, "geheim\n");
    await install("--pkcs12", bundle, "--passphrase-file", passphrase);
    await isShown("from pkcs12");
  });

  it("files that do not fit each other stay out of use, and the service goes on", async () => {
    const stranger = await serverNamed("stranger");
    await copyFile(files().keyFile, `${files().keyFile}.kept`);
    await copyFile(stranger.keyFile, files().keyFile);
    const isLogged = () => appliance.app.output().includes("new certificate refused");
    await waitUntil("the refusal", async () => isLogged(), { timeoutMs: 30_000 });
    assert.deepEqual(await everywhere(), ["from pkcs12", "from pkcs12", "from pkcs12"]);
    await rename(`${files().keyFile}.kept`, files().keyFile);
  });

  it("an install that was killed between its two files has put the new pair in place", async () => {
    const made = await serverNamed("half way");
    await replaceCertificateFiles(files(), { certificates: await readFile(made.certFile), key: made.key });
    // As it lies there when the key was renamed and the chain was not.
    const old = await serverNamed("before");
    await rename(files().certFile, `${files().certFile}.next`);
    await writeFile(files().certFile, old.cert);
    await appliance.app.kill();
    await appliance.app.start();
    assert.deepEqual(await Promise.all([appliance.ports.api, appliance.ports.device].map(shownAt)), [
      "half way",
      "half way",
    ]);
    await rm(`${files().certFile}.next`);
  });

  it("monitoring reads until when each counts", async () => {
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    const [, seconds] = /ledgerstone_certificate_not_after_seconds\{use="https"\} (\S+)/.exec(text) ?? [];
    const days = (Number(seconds) * 1000 - Date.now()) / 86_400_000;
    assert.ok(days > 88 && days < 91, `${days}`);
    for (const use of ["device-ca", "worker", "evidence", "revocations"])
      assert.match(text, new RegExp(`use="${use}"`));
  });
});
