import assert from "node:assert/strict";
import { randomBytes, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import type { MqttClient } from "mqtt";
import { Agent, request } from "undici";
import { withTenant } from "../../src/audit/index.ts";
import { mapCertificate, revokeDevice } from "../../src/devices/index.ts";
import { createDeviceApp } from "../../src/http/device-app.ts";
import { startHttps } from "../../src/http/serve.ts";
import { startIngest } from "../../src/ingest/index.ts";
import { createKeyring, createMasterKey } from "../../src/keys/index.ts";
import { createDirectoryStore } from "../../src/objects/index.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { parseReceipt, type Receipt } from "../../src/record/receipts.ts";
import { properties, wireEvent } from "../ingest/device.ts";
import { ingestConfig } from "../ingest/settings.ts";
import { type BrokerStack, type Credentials, closed, startBrokerStack } from "./broker-stack.ts";

const log = createLogger("test", "silent");

describe("devices: certificates of the customer's own CA, from HTTPS and MQTT to the ledger", () => {
  let stack: BrokerStack;
  let ingest: { stop(): Promise<void> };
  let plane: { port: number; stop(): Promise<void> };

  before(async () => {
    stack = await startBrokerStack();
    const { pki, ports, pool, deps, customerCa } = stack;
    const keyring = createKeyring(createMasterKey(randomBytes(32)));
    const { workerCertFile, workerKeyFile, caFile } = pki;
    const config = ingestConfig({
      host: "127.0.0.1",
      port: ports.worker,
      pki: { workerCertFile, workerKeyFile, section: { caFile } },
    });
    config.mqtt.clientId = "ledgerstone-ingest";
    ingest = await startIngest({ config, pool, keyring, log });
    const deviceCaPem = deps.ca.certificate.toString("pem");
    const app = createDeviceApp({
      pool,
      enrol: deps,
      images: { pool, keyring, objects: createDirectoryStore(tmpdir()), minFreeBytes: 0 },
      limiter: { take: async () => ({}) },
      log,
      caPem: stack.broker.ca,
      deviceCaPem,
      mqtt: { host: "127.0.0.1", port: ports.devices },
      customerPort: ports.customer,
    });
    const clientCas = [deviceCaPem, customerCa.cert];
    const [cert, key] = [await readFile(pki.serverCertFile), await readFile(pki.serverKeyFile)];
    plane = await startHttps(app, { host: "127.0.0.1", port: 0, cert, key, clientCas });
  });
  afterEach(() => stack.closeClients());
  after(async () => {
    await ingest?.stop();
    await plane?.stop();
    await stack?.stop();
  });

  const issue = (cn: string) => stack.customerCa.issue({ cn, key: "rsa", names: [`${cn}.example.com`] });
  const map = (deviceId: string, pem: string, san?: string) =>
    withTenant(stack.pool, stack.tenant.principal, (tx) =>
      mapCertificate(tx, { deviceId, pem, ...(san && { san }) }, [stack.customerCa.cert]),
    );
  async function info({ cert, key }: Credentials) {
    const agent = new Agent({ connect: { ca: stack.broker.ca, cert, key } });
    const answer = await request(`https://127.0.0.1:${plane.port}/device/v1/info`, { dispatcher: agent });
    const body = (await answer.body.json()) as { device?: string; topics?: string; mqtt?: { port: number } };
    await agent.close();
    return { status: answer.statusCode, ...body };
  }
  async function send(client: MqttClient, topics: string): Promise<Receipt> {
    const receipt = new Promise<Receipt>((resolve) =>
      client.once("message", (_topic, payload) => resolve(parseReceipt(payload.toString()))),
    );
    await client.subscribeAsync(`${topics}/down/#`, { qos: 1 });
    const event = JSON.stringify(wireEvent({ outbox: randomUUID(), seq: 1 }));
    await client.publishAsync(`${topics}/up/events`, event, { qos: 1, properties });
    return receipt;
  }
  const stored = async (deviceId: string): Promise<number> => {
    const { rows } = await stack.database.superuser.query(
      "select count(*)::int as n from events where source_id = $1",
      [deviceId],
    );
    return rows[0].n;
  };

  it("one mapped by its fingerprint is the device on both, and another of the same name is not on HTTPS", async () => {
    const { deviceId } = await stack.enrolled();
    const mine = await issue("gate-fp");
    assert.equal((await info(mine)).status, 401);
    await map(deviceId, mine.cert);
    const { device, topics, mqtt } = await info(mine);
    assert.deepEqual([device, topics, mqtt?.port], [deviceId, "v1x/gate-fp", stack.ports.customer]);
    const receipt = await send(await stack.attach(stack.ports.customer, mine), "v1x/gate-fp");
    assert.equal(receipt.through, 1);
    assert.equal(await stored(deviceId), 1);
    assert.equal((await info(await issue("gate-fp"))).status, 401);
  });

  it("one mapped by its alternative name lets in the next one with that name", async () => {
    const { deviceId } = await stack.enrolled();
    await map(deviceId, (await issue("gate-san")).cert, "dns:gate-san.example.com");
    const next = await issue("gate-san");
    assert.deepEqual([(await info(next)).device, (await info(next)).topics], [deviceId, "v1x/gate-san"]);
    assert.equal((await send(await stack.attach(stack.ports.customer, next), "v1x/gate-san")).through, 1);
    assert.equal(await stored(deviceId), 1);
  });

  it("an own device is told its own port and topics", async () => {
    const device = await stack.enrolled();
    const { topics, mqtt } = await info(device);
    assert.deepEqual([topics, mqtt?.port], [`v1/${device.deviceId}`, stack.ports.devices]);
  });

  it("one with another device's uuid as its name speaks for nobody", async () => {
    const victim = await stack.enrolled();
    const posing = await stack.customerCa.issue({ cn: victim.deviceId, key: "rsa" });
    assert.equal((await info(posing)).status, 401);
    // Without the session watch, which ends it: ingest itself tells the roots apart.
    await stack.unwatch();
    const client = await stack.attach(stack.ports.customer, posing);
    const topics = `v1x/${victim.deviceId}`;
    const event = JSON.stringify(wireEvent());
    await client.publishAsync(`${topics}/up/events`, event, { qos: 1, properties });
    await stack.hears(`${topics}/up/events ${event}`);
    const own = await stack.enrolled();
    await send(await stack.asDevice(own), `v1/${own.deviceId}`);
    assert.equal(await stored(victim.deviceId), 0);
    await stack.watch();
    await closed(await stack.attach(stack.ports.customer, posing));
  });

  it("revoking the device ends both", async () => {
    const { deviceId } = await stack.enrolled();
    const mine = await issue("gate-gone");
    await map(deviceId, mine.cert, "dns:gate-gone.example.com");
    const client = await stack.attach(stack.ports.customer, mine);
    const ended = closed(client);
    await revokeDevice(stack.deps, stack.tenant.principal, { deviceId, reason: "sold" });
    await ended;
    assert.equal((await info(mine)).status, 401);
    await closed(await stack.attach(stack.ports.customer, mine));
  });
});
