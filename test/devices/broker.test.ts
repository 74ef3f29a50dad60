import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "mqtt";
import { withTenant } from "../../src/audit/index.ts";
import {
  mapCertificate,
  registerDevice,
  revokeDevice,
  setDevicePassword,
  writePasswordFile,
} from "../../src/devices/index.ts";
import { certificateAuthority } from "../support/pki.ts";
import { waitUntil } from "../support/process.ts";
import { type BrokerStack, closed, refused, startBrokerStack } from "./broker-stack.ts";

describe("devices: a real Mosquitto under attack", () => {
  let stack: BrokerStack;
  before(async () => {
    stack = await startBrokerStack();
  });
  afterEach(() => stack.closeClients());
  after(() => stack?.stop());

  it("a device speaks and hears under its own name, whatever client id it claims", async () => {
    const device = await stack.enrolled();
    const client = await stack.asDevice(device, { clientId: "ledgerstone-worker" });
    await client.publishAsync(`v1/${device.deviceId}/up/events`, "mine", { qos: 1 });
    await stack.hears(`v1/${device.deviceId}/up/events mine`);
    const received = new Promise<string>((resolve) =>
      client.once("message", (_topic, payload) => resolve(`${payload}`)),
    );
    await client.subscribeAsync(`v1/${device.deviceId}/down/#`, { qos: 1 });
    await stack.worker.publishAsync(`v1/${device.deviceId}/down/receipts`, "receipt", { qos: 1 });
    assert.equal(await received, "receipt");
    assert.ok(stack.worker.connected, "the worker's session was not taken over");
  });

  it("another device's topics, the worker's and the broker's own are refused with a reason", async () => {
    const [device, victim] = [await stack.enrolled(), await stack.enrolled()];
    const client = await stack.asDevice(device);
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
      stack.heard.some((line) => line.endsWith("evil")),
      false,
    );
    for (const topic of [`v1/${victim.deviceId}/down/#`, "v1/+/up/#", "#", "$SYS/#", "v1/+/down/#"]) {
      const got: string[] = [];
      client.on("message", (name) => got.push(name));
      await client.subscribeAsync(topic, { qos: 1 }).catch(() => []);
      await stack.worker.publishAsync(`v1/${victim.deviceId}/down/receipts`, "secret", { qos: 1 });
      await sleep(50);
      assert.deepEqual(got, [], topic);
    }
  });

  it("no certificate, a stranger's, the appliance CA's and a retired one do not get in", async () => {
    const stranger = await certificateAuthority("Stranger");
    const device = await stack.enrolled();
    await refused(stack.attach(stack.ports.devices, {}), /certificate/i);
    await refused(stack.asDevice(await stranger.issue({ cn: device.deviceId })), /unknown.ca/i);
    await refused(stack.asDevice(await (await stack.customerCa).issue({ cn: device.deviceId })), /unknown.ca/i);
    const own = {
      cert: await readFile(stack.pki.workerCertFile, "utf8"),
      key: await readFile(stack.pki.workerKeyFile, "utf8"),
    };
    await refused(stack.asDevice(own), /unknown.ca/i);
    await refused(stack.attach(stack.ports.worker, { cert: device.cert, key: device.key }), /unknown.ca/i);
    await refused(
      stack.attach(stack.ports.worker, await (await stack.customerCa).issue({ cn: "worker" })),
      /unknown.ca/i,
    );
    await refused(stack.attach(stack.ports.worker, {}), /certificate/i);
  });

  it("MQTT 3.1.1 is ended on the device listener, and stays without the watch", async () => {
    const device = await stack.enrolled();
    const begun = performance.now();
    await closed(await stack.asDevice(device, { protocolVersion: 4 }));
    assert.ok(performance.now() - begun < 2000);
    await stack.unwatch();
    const unwatched = await stack.asDevice(device, { protocolVersion: 4 });
    await sleep(500);
    assert.ok(unwatched.connected, "Mosquitto 2.0 itself does not refuse it");
    await stack.watch();
  });

  it("plain firmware gets in on its own listener with its password, by 3.1.1 and 5, and nowhere else", async () => {
    const { username, password } = await withTenant(stack.pool, stack.tenant.principal, async (tx) => {
      const device = await registerDevice(tx, { siteId: stack.tenant.siteId, name: "Old gate", access: "plain" });
      return setDevicePassword(tx, device.deviceId);
    });
    await refused(stack.attach(stack.ports.plain, { username, password }), /not authorized|bad user/i);
    const { passwordFile = "", brokerPidFile } = stack.deps;
    await writePasswordFile({ pool: stack.pool, passwordFile, brokerPidFile });
    for (const protocolVersion of [4, 5] as const) {
      const client = await waitUntil("password read", () =>
        stack.attach(stack.ports.plain, { username, password, protocolVersion }),
      );
      await client.publishAsync(`v1/${username}/up/events`, `plain ${protocolVersion}`, { qos: 1 });
      await stack.hears(`v1/${username}/up/events plain ${protocolVersion}`);
      await sleep(200);
      assert.ok(client.connected, "the watch lets plain firmware be");
      await client.publishAsync("v1/other/up/events", "evil", { qos: 1 }).catch(() => {});
      await client.endAsync();
    }
    assert.equal(
      stack.heard.some((line) => line.endsWith("evil")),
      false,
    );
    await refused(stack.attach(stack.ports.plain, { username, password: `${password}x` }), /not authorized|bad user/i);
    await refused(stack.attach(stack.ports.plain, {}), /not authorized|bad user/i);
    await refused(stack.attach(stack.ports.devices, { username, password }), /certificate/i);
    const client = await stack.attach(stack.ports.plain, { username, password, protocolVersion: 4 });
    const ended = closed(client);
    await revokeDevice(stack.deps, stack.tenant.principal, { deviceId: username, reason: "replaced" });
    await ended;
    await refused(stack.attach(stack.ports.plain, { username, password }), /not authorized|bad user/i);
  });

  it("a customer's certificate speaks under its common name once mapped, and is ended before", async () => {
    const { deviceId } = await stack.enrolled();
    const issued = await (await stack.customerCa).issue({
      cn: "gate-7.example.com",
      key: "rsa",
      names: ["gate-7.example.com"],
    });
    const identity = { cert: issued.cert, key: issued.key };
    await closed(await stack.attach(stack.ports.customer, identity));
    await withTenant(stack.pool, stack.tenant.principal, (tx) =>
      mapCertificate(tx, { deviceId, pem: issued.cert }, [stack.customerCa.cert]),
    );
    const client = await stack.attach(stack.ports.customer, identity);
    await client.publishAsync("v1x/gate-7.example.com/up/events", "hello", { qos: 1 });
    await stack.hears("v1x/gate-7.example.com/up/events hello");
    await assert.rejects(client.publishAsync(`v1/${deviceId}/up/events`, "evil", { qos: 1 }), /Not authorized/);
    const ended = closed(client);
    await revokeDevice(stack.deps, stack.tenant.principal, { deviceId, reason: "sold" });
    await ended;
    await closed(await stack.attach(stack.ports.customer, identity));
  });

  it("messages wait for a worker that is away", async () => {
    const device = await stack.enrolled();
    const session = {
      cert: stack.broker.cert,
      key: stack.broker.key,
      clientId: "worker-away",
      clean: false,
      properties: { sessionExpiryInterval: 60 },
    };
    const before = await stack.attach(stack.ports.worker, session);
    await before.subscribeAsync("v1/+/up/#", { qos: 1 });
    await before.endAsync();
    const client = await stack.asDevice(device);
    for (let n = 0; n < 2000; n++) void client.publishAsync(`v1/${device.deviceId}/up/events`, `away ${n}`, { qos: 1 });
    await stack.hears(`v1/${device.deviceId}/up/events away 1999`);
    const got = new Set<string>();
    // Queued messages come right behind the CONNACK: listen before connecting.
    const again = connect({ ...stack.connection(stack.ports.worker), ...session });
    stack.opened.push(again);
    again.on("message", (_topic, payload) => got.add(`${payload}`));
    await waitUntil("2000 messages", async () => got.size === 2000, { timeoutMs: 5000 });
  });
});
