import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as tlsConnect } from "node:tls";
import { connect, connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { withTenant } from "../../src/audit/index.ts";
import {
  type BrokerAccess,
  createPki,
  endSession,
  issueEnrolmentCode,
  loadBrokerAccess,
  mapCertificate,
  mayStay,
  type PkiFiles,
  type RevokeDeps,
  readSigningCa,
  redeemEnrolmentCode,
  registerDevice,
  revokeDevice,
  setDevicePassword,
  watchSessions,
  writeBrokerConfig,
  writeCrl,
  writePasswordFile,
} from "../../src/devices/index.ts";
import type { Pool } from "../../src/platform/db.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { certificateAuthority } from "../support/pki.ts";
import { freePort } from "../support/ports.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";
import { portAnswers, type RunningProcess, startProcess, waitUntil } from "../support/process.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";
import { allowPlain, appPool, newRequest, newTenant, type Tenant } from "./fixture.ts";

type Credentials = { cert: string; key: string };
type Enrolled = Credentials & { deviceId: string };
const log = createLogger("test", "silent");

describe("devices: a real Mosquitto under attack", () => {
  let database: TestDatabase;
  let directory: string;
  let pool: Pool;
  let tenant: Tenant;
  let pki: PkiFiles;
  let deps: RevokeDeps;
  let broker: BrokerAccess;
  let mosquitto: RunningProcess;
  let worker: MqttClient;
  let watch: { stop(): Promise<void> };
  const customerCa = certificateAuthority("Customer", "rsa");
  const ports = { devices: 0, worker: 0, plain: 0, customer: 0 };
  const heard: string[] = [];
  const open: MqttClient[] = [];

  before(async () => {
    database = await testDatabase();
    directory = await temporaryDirectory("broker");
    pool = await appPool(database);
    tenant = await newTenant(pool);
    await withTenant(pool, tenant.principal, allowPlain);
    pki = await createPki(join(directory, "pki"), ["localhost", "127.0.0.1"]);
    for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort();
    const passwordFile = join(directory, "passwords");
    const customerCaFile = join(directory, "customer-ca.pem");
    await writeFile(passwordFile, "");
    await writeFile(customerCaFile, (await customerCa).cert);
    const bind = "127.0.0.1";
    const config = await writeBrokerConfig({
      directory,
      user: userInfo().username,
      serverCertFile: pki.serverCertFile,
      serverKeyFile: pki.serverKeyFile,
      deviceCaFile: pki.deviceCaCertFile,
      crlFile: pki.crlFile,
      workerCaFile: pki.caFile,
      devices: { port: ports.devices, bind },
      worker: { port: ports.worker, bind },
      plain: { port: ports.plain, bind, passwordFile },
      customer: { port: ports.customer, bind, caFile: customerCaFile },
    });
    mosquitto = startProcess({ name: "mosquitto", command: "/usr/sbin/mosquitto", args: ["-c", config] });
    await waitUntil("mosquitto", () => portAnswers(ports.worker), { running: mosquitto });
    broker = await loadBrokerAccess({
      host: "127.0.0.1",
      port: ports.worker,
      certFile: pki.workerCertFile,
      keyFile: pki.workerKeyFile,
      caFile: pki.caFile,
    });
    const [cert, key] = [await readFile(pki.deviceCaCertFile, "utf8"), await readFile(pki.deviceCaKeyFile, "utf8")];
    const brokerPidFile = join(directory, "mosquitto.pid");
    deps = { pool, ca: await readSigningCa(cert, key), crlFile: pki.crlFile, brokerPidFile, broker, passwordFile };
    worker = await attach(ports.worker, { cert: broker.cert, key: broker.key, clientId: "ledgerstone-worker" });
    worker.on("message", (topic, payload) => heard.push(`${topic} ${payload}`));
    await worker.subscribeAsync(["v1/+/up/#", "v1x/+/up/#"], { qos: 1 });
    watch = await startWatch();
  });
  afterEach(async () => {
    for (const client of open.splice(0)) if (client !== worker) await client.endAsync(true);
  });
  after(async () => {
    await watch?.stop();
    await worker?.endAsync(true);
    await mosquitto?.stop();
    await pool?.end();
    await database?.stop();
    await removeDirectory(directory);
  });

  const startWatch = () => watchSessions({ broker, allow: (client) => mayStay(pool, client, ports.plain), log });

  const connection = (port: number): IClientOptions => ({
    protocol: "mqtts",
    host: "127.0.0.1",
    port,
    ca: broker.ca,
    protocolVersion: 5,
    reconnectPeriod: 0,
    connectTimeout: 3000,
  });

  async function attach(port: number, options: IClientOptions): Promise<MqttClient> {
    const client = await connectAsync({ ...connection(port), ...options });
    client.on("error", () => {});
    open.push(client);
    return client;
  }
  const asDevice = ({ cert, key }: Credentials, options: IClientOptions = {}) =>
    attach(ports.devices, { cert, key, ...options });
  const refused = async (attempt: Promise<MqttClient>, pattern: RegExp) => {
    await assert.rejects(attempt, (error: Error & { code?: unknown }) => {
      assert.match(`${error.message} ${error.code}`, pattern);
      return true;
    });
  };
  async function enrolled(): Promise<Enrolled> {
    const caPem = await readFile(pki.caFile, "utf8");
    const { deviceId, code } = await withTenant(pool, tenant.principal, async (tx) => {
      const device = await registerDevice(tx, { siteId: tenant.siteId, name: "Gate" });
      return { deviceId: device.deviceId, ...(await issueEnrolmentCode(tx, device.deviceId, caPem)) };
    });
    const { request, key } = await newRequest();
    const secret = code.split(".")[2] ?? "";
    const { pem } = await redeemEnrolmentCode(deps, { deviceId, secret, request, correlation: randomUUID() });
    return { deviceId, cert: pem, key };
  }
  const closed = (client: MqttClient) =>
    new Promise<void>((resolve) => {
      if (!client.connected) return resolve();
      client.once("close", () => resolve());
    });
  const hears = (line: string) => waitUntil(line, async () => heard.includes(line), { timeoutMs: 3000 });

  it("a device speaks and hears under its own name, whatever client id it claims", async () => {
    const device = await enrolled();
    const client = await asDevice(device, { clientId: "ledgerstone-worker" });
    await client.publishAsync(`v1/${device.deviceId}/up/events`, "mine", { qos: 1 });
    await hears(`v1/${device.deviceId}/up/events mine`);
    const received = new Promise<string>((resolve) =>
      client.once("message", (_topic, payload) => resolve(`${payload}`)),
    );
    await client.subscribeAsync(`v1/${device.deviceId}/down/#`, { qos: 1 });
    await worker.publishAsync(`v1/${device.deviceId}/down/receipts`, "receipt", { qos: 1 });
    assert.equal(await received, "receipt");
    assert.ok(worker.connected, "the worker's session was not taken over");
  });

  it("another device's topics, the worker's and the broker's own are refused with a reason", async () => {
    const [device, victim] = [await enrolled(), await enrolled()];
    const client = await asDevice(device);
    const topics = [
      `v1/${victim.deviceId}/up/events`,
      `v1/${victim.deviceId}/down/receipts`,
      `v1/${device.deviceId}/down/receipts`,
      "$SYS/broker/log/N",
      `v1x/${device.deviceId}/up/events`,
    ];
    for (const topic of topics) {
      await assert.rejects(client.publishAsync(topic, "evil", { qos: 1 }), /Not authorized/, topic);
    }
    assert.equal(
      heard.some((line) => line.endsWith("evil")),
      false,
    );
    for (const topic of [`v1/${victim.deviceId}/down/#`, "v1/+/up/#", "#", "$SYS/#", "v1/+/down/#"]) {
      const got: string[] = [];
      client.on("message", (name) => got.push(name));
      await client.subscribeAsync(topic, { qos: 1 }).catch(() => []);
      await worker.publishAsync(`v1/${victim.deviceId}/down/receipts`, "secret", { qos: 1 });
      await sleep(50);
      assert.deepEqual(got, [], topic);
    }
  });

  it("no certificate, a stranger's, the appliance CA's and a retired one do not get in", async () => {
    const stranger = await certificateAuthority("Stranger");
    const device = await enrolled();
    await refused(attach(ports.devices, {}), /certificate/i);
    await refused(asDevice(await stranger.issue({ cn: device.deviceId })), /unknown.ca/i);
    await refused(asDevice(await (await customerCa).issue({ cn: device.deviceId })), /unknown.ca/i);
    const own = { cert: await readFile(pki.workerCertFile, "utf8"), key: await readFile(pki.workerKeyFile, "utf8") };
    await refused(asDevice(own), /unknown.ca/i);
    await refused(attach(ports.worker, { cert: device.cert, key: device.key }), /unknown.ca/i);
    await refused(attach(ports.worker, await (await customerCa).issue({ cn: "worker" })), /unknown.ca/i);
    await refused(attach(ports.worker, {}), /certificate/i);
  });

  it("revoking ends the live session within 5 seconds, and keeps it out", async () => {
    const device = await enrolled();
    const client = await asDevice(device);
    const begun = performance.now();
    const ended = closed(client);
    assert.deepEqual(await revokeDevice(deps, tenant.principal, { deviceId: device.deviceId, reason: "stolen" }), {
      ok: true,
    });
    await ended;
    assert.ok(performance.now() - begun < 5000, `${performance.now() - begun} ms`);
    await refused(asDevice(device), /revoked/i);
    const bystander = await enrolled();
    await asDevice(bystander);
  });

  it("without ending the session, CRL and SIGHUP leave a revoked device connected", async () => {
    const device = await enrolled();
    await watch.stop();
    const client = await asDevice(device);
    await database.superuser.query("update device_certificates set revoked_at = now() where device_id = $1", [
      device.deviceId,
    ]);
    await writeCrl(deps);
    await sleep(500);
    await client.publishAsync(`v1/${device.deviceId}/up/events`, "still here", { qos: 1 });
    await hears(`v1/${device.deviceId}/up/events still here`);
    const ended = closed(client);
    await endSession(broker, device.deviceId);
    await ended;
    watch = await startWatch();
  });

  it("a TLS session kept from before the revocation does not get a device back in", async () => {
    const device = await enrolled();
    const ca = await readFile(pki.caFile, "utf8");
    const tls = {
      host: "127.0.0.1",
      port: ports.devices,
      ca,
      cert: device.cert,
      key: device.key,
      maxVersion: "TLSv1.2" as const,
    };
    let session: Buffer | undefined;
    const shake = () =>
      new Promise<string>((resolve) => {
        const socket = tlsConnect({ ...tls, session }, () => {
          session = socket.getSession();
          resolve(socket.isSessionReused() ? "resumed" : "connected");
          socket.destroy();
        });
        socket.once("error", (error) => resolve(error.message));
      });
    assert.equal(await shake(), "connected");
    assert.equal(await shake(), "resumed", "the attack works as long as the broker keeps its session keys");
    await revokeDevice(deps, tenant.principal, { deviceId: device.deviceId, reason: "stolen" });
    assert.match(await shake(), /revoked/);
  });

  it("MQTT 3.1.1 is ended on the device listener, and stays without the watch", async () => {
    const device = await enrolled();
    const begun = performance.now();
    await closed(await asDevice(device, { protocolVersion: 4 }));
    assert.ok(performance.now() - begun < 2000);
    await watch.stop();
    const unwatched = await asDevice(device, { protocolVersion: 4 });
    await sleep(500);
    assert.ok(unwatched.connected, "Mosquitto 2.0 itself does not refuse it");
    watch = await startWatch();
  });

  it("plain firmware gets in on its own listener with its password, by 3.1.1 and 5, and nowhere else", async () => {
    const { username, password } = await withTenant(pool, tenant.principal, async (tx) => {
      const device = await registerDevice(tx, { siteId: tenant.siteId, name: "Old gate", access: "plain" });
      return setDevicePassword(tx, device.deviceId);
    });
    await refused(attach(ports.plain, { username, password }), /not authorized|bad user/i);
    const { passwordFile = "", brokerPidFile } = deps;
    await writePasswordFile({ pool, passwordFile, brokerPidFile });
    for (const protocolVersion of [4, 5] as const) {
      const client = await waitUntil("password read", () =>
        attach(ports.plain, { username, password, protocolVersion }),
      );
      await client.publishAsync(`v1/${username}/up/events`, `plain ${protocolVersion}`, { qos: 1 });
      await hears(`v1/${username}/up/events plain ${protocolVersion}`);
      await sleep(200);
      assert.ok(client.connected, "the watch lets plain firmware be");
      await client.publishAsync("v1/other/up/events", "evil", { qos: 1 }).catch(() => {});
      await client.endAsync();
    }
    assert.equal(
      heard.some((line) => line.endsWith("evil")),
      false,
    );
    await refused(attach(ports.plain, { username, password: `${password}x` }), /not authorized|bad user/i);
    await refused(attach(ports.plain, {}), /not authorized|bad user/i);
    await refused(attach(ports.devices, { username, password }), /certificate/i);
    const client = await attach(ports.plain, { username, password, protocolVersion: 4 });
    const ended = closed(client);
    await revokeDevice(deps, tenant.principal, { deviceId: username, reason: "replaced" });
    await ended;
    await refused(attach(ports.plain, { username, password }), /not authorized|bad user/i);
  });

  it("a customer's certificate speaks under its common name once mapped, and is ended before", async () => {
    const { deviceId } = await enrolled();
    const issued = await (await customerCa).issue({
      cn: "gate-7.example.com",
      key: "rsa",
      names: ["gate-7.example.com"],
    });
    const identity = { cert: issued.cert, key: issued.key };
    await closed(await attach(ports.customer, identity));
    await withTenant(pool, tenant.principal, (tx) => mapCertificate(tx, { deviceId, pem: issued.cert }));
    const client = await attach(ports.customer, identity);
    await client.publishAsync("v1x/gate-7.example.com/up/events", "hello", { qos: 1 });
    await hears("v1x/gate-7.example.com/up/events hello");
    await assert.rejects(client.publishAsync(`v1/${deviceId}/up/events`, "evil", { qos: 1 }), /Not authorized/);
    const ended = closed(client);
    await revokeDevice(deps, tenant.principal, { deviceId, reason: "sold" });
    await ended;
    await closed(await attach(ports.customer, identity));
  });

  it("messages wait for a worker that is away", async () => {
    const device = await enrolled();
    const session = {
      cert: broker.cert,
      key: broker.key,
      clientId: "worker-away",
      clean: false,
      properties: { sessionExpiryInterval: 60 },
    };
    const before = await attach(ports.worker, session);
    await before.subscribeAsync("v1/+/up/#", { qos: 1 });
    await before.endAsync();
    const client = await asDevice(device);
    for (let n = 0; n < 2000; n++) void client.publishAsync(`v1/${device.deviceId}/up/events`, `away ${n}`, { qos: 1 });
    await hears(`v1/${device.deviceId}/up/events away 1999`);
    const got = new Set<string>();
    // Queued messages come right behind the CONNACK: listen before connecting.
    const again = connect({ ...connection(ports.worker), ...session });
    open.push(again);
    again.on("message", (_topic, payload) => got.add(`${payload}`));
    await waitUntil("2000 messages", async () => got.size === 2000, { timeoutMs: 5000 });
  });

  it("an expired CRL refuses every device, and writing it anew mends that", async () => {
    const device = await enrolled();
    await writeCrl({ ...deps, now: () => Date.now() - 31 * 86_400_000 });
    await sleep(300);
    await refused(asDevice(device), /alert|expired/i);
    await writeCrl(deps);
    const client = await waitUntil("the new CRL", () => asDevice(device));
    assert.ok(client.connected);
  });
});
