import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { withTenant } from "../../src/audit/index.ts";
import {
  type BrokerAccess,
  type BrokerOptions,
  createPki,
  endRevokedSessions,
  issueEnrolmentCode,
  loadBrokerAccess,
  mayStay,
  type PkiFiles,
  type RevokeDeps,
  readSigningCa,
  redeemEnrolmentCode,
  registerDevice,
  watchSessions,
  writeBrokerConfig,
} from "../../src/devices/index.ts";
import type { Pool } from "../../src/platform/db.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { enqueueTask } from "../../src/tasks/index.ts";
import { type CertificateAuthority, certificateAuthority } from "../support/pki.ts";
import { freePort } from "../support/ports.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";
import { portAnswers, type RunningProcess, startProcess, waitUntil } from "../support/process.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";
import { allowPlain, appPool, newRequest, newTenant, type Tenant } from "./fixture.ts";

export type Credentials = { cert: string; key: string };
export type Enrolled = Credentials & { deviceId: string };
type Ports = { devices: number; worker: number; plain: number; customer: number };

/** Postgres, a real Mosquitto with our own configuration, the worker's connection and the session watch. */
export type BrokerStack = {
  database: TestDatabase;
  pool: Pool;
  /** Allows plain firmware. */
  tenant: Tenant;
  pki: PkiFiles;
  deps: RevokeDeps;
  broker: BrokerAccess;
  ports: Ports;
  worker: MqttClient;
  customerCa: CertificateAuthority;
  /** `<topic> <payload>` of everything that the worker received. */
  heard: string[];
  /** Clients to be closed by `closeClients`. */
  opened: MqttClient[];
  connection(port: number): IClientOptions;
  attach(port: number, options: IClientOptions): Promise<MqttClient>;
  asDevice(device: Credentials, options?: IClientOptions): Promise<MqttClient>;
  enrolled(): Promise<Enrolled>;
  hears(line: string): Promise<unknown>;
  watch(): Promise<void>;
  unwatch(): Promise<void>;
  closeClients(): Promise<void>;
  stop(): Promise<void>;
};

export async function startBrokerStack(): Promise<BrokerStack> {
  const database = await testDatabase();
  const directory = await temporaryDirectory("broker");
  const pool = await appPool(database);
  const tenant = await newTenant(pool);
  await withTenant(pool, tenant.principal, allowPlain);
  const pki = await createPki(join(directory, "pki"), ["localhost", "127.0.0.1"]);
  const customerCa = await certificateAuthority("Customer", "rsa");
  const passwordFile = join(directory, "passwords");
  const customerCaFile = join(directory, "customer-ca.pem");
  await writeFile(passwordFile, "");
  await writeFile(customerCaFile, customerCa.cert);
  const ports = {
    devices: await freePort(),
    worker: await freePort(),
    plain: await freePort(),
    customer: await freePort(),
  };
  const bind = "127.0.0.1";
  const mosquitto = await runMosquitto({
    directory,
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
  const [certFile, keyFile, caFile] = [pki.workerCertFile, pki.workerKeyFile, pki.caFile];
  const broker = await loadBrokerAccess({ host: bind, port: ports.worker, certFile, keyFile, caFile });
  const ca = await readSigningCa(
    await readFile(pki.deviceCaCertFile, "utf8"),
    await readFile(pki.deviceCaKeyFile, "utf8"),
  );
  const brokerPidFile = join(directory, "mosquitto.pid");
  const deps = { pool, ca, crlFile: pki.crlFile, brokerPidFile, broker, passwordFile, enqueue: enqueueTask };

  const clients = clientsOf(broker.ca);
  const { cert, key } = broker;
  const worker = await connectAsync({ ...clients.connection(ports.worker), cert, key, clientId: "ledgerstone-worker" });
  const heard: string[] = [];
  worker.on("message", (topic, payload) => heard.push(`${topic} ${payload}`));
  await worker.subscribeAsync(["v1/+/up/#", "v1x/+/up/#"], { qos: 1 });

  let watching: { stop(): Promise<void> } | undefined;
  const stack: BrokerStack = {
    ...clients,
    ...{ database, pool, tenant, pki, deps, broker, ports, worker, customerCa, heard },
    asDevice: (device, options = {}) =>
      clients.attach(ports.devices, { cert: device.cert, key: device.key, ...options }),
    enrolled: () => enrolDevice(deps, tenant, broker.ca),
    hears: (line) => waitUntil(line, async () => heard.includes(line), { timeoutMs: 3000 }),
    async watch() {
      const log = createLogger("test", "silent");
      const onBegun = () => void endRevokedSessions(deps);
      const others = { plain: { port: ports.plain }, customer: { port: ports.customer } };
      const watch = await watchSessions({ broker, allow: (client) => mayStay(pool, client, others), onBegun, log });
      watching = watch;
      await watch.ready;
    },
    async unwatch() {
      await watching?.stop();
    },
    async stop() {
      await watching?.stop();
      await clients.closeClients();
      await worker.endAsync(true);
      await mosquitto.stop();
      await pool.end();
      await database.stop();
      await removeDirectory(directory);
    },
  };
  await stack.watch();
  return stack;
}

/** Under our own account, so that it can read our files. `weaken` takes a guard out of the configuration. */
export async function runMosquitto(
  options: BrokerOptions,
  weaken: (config: string) => string = (config) => config,
): Promise<RunningProcess> {
  const config = await writeBrokerConfig({ ...options, user: userInfo().username });
  await writeFile(config, weaken(await readFile(config, "utf8")));
  const running = startProcess({ name: "mosquitto", command: "/usr/sbin/mosquitto", args: ["-c", config] });
  await waitUntil("mosquitto", () => portAnswers(options.devices.port), { running });
  return running;
}

export function clientsOf(ca: string) {
  const opened: MqttClient[] = [];
  const connection = (port: number): IClientOptions => ({
    protocol: "mqtts",
    host: "127.0.0.1",
    port,
    ca,
    protocolVersion: 5,
    reconnectPeriod: 0,
    connectTimeout: 3000,
  });
  return {
    opened,
    connection,
    async attach(port: number, options: IClientOptions): Promise<MqttClient> {
      const client = await connectAsync({ ...connection(port), ...options });
      client.on("error", () => {});
      opened.push(client);
      return client;
    },
    async closeClients() {
      for (const client of opened.splice(0)) await client.endAsync(true);
    },
  };
}

async function enrolDevice(deps: RevokeDeps, tenant: Tenant, caPem: string): Promise<Enrolled> {
  const { deviceId, code } = await withTenant(deps.pool, tenant.principal, async (tx) => {
    const device = await registerDevice(tx, { siteId: tenant.siteId, name: "Gate" });
    return { deviceId: device.deviceId, ...(await issueEnrolmentCode(tx, device.deviceId, caPem)) };
  });
  const { request, key } = await newRequest();
  const secret = code.split(".")[2] ?? "";
  const { pem } = await redeemEnrolmentCode(deps, { deviceId, secret, request, correlation: randomUUID() });
  return { deviceId, cert: pem, key };
}

/** The connection is refused, and the reason is the expected one. */
export async function refused(attempt: Promise<MqttClient>, pattern: RegExp): Promise<void> {
  await assert.rejects(attempt, (error: Error & { code?: unknown }) => {
    assert.match(`${error.message} ${error.code}`, pattern);
    return true;
  });
}

export function closed(client: MqttClient): Promise<void> {
  return new Promise((resolve) => {
    if (!client.connected) return resolve();
    client.once("close", () => resolve());
  });
}
