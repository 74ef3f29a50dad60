import assert from "node:assert/strict";
import { join } from "node:path";
import { readIdentity, startEdge } from "../../src/edge/index.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { raw } from "../http/raw.ts";
import { type Appliance, startAppliance } from "../support/appliance.ts";
import { run, waitUntil } from "../support/process.ts";
import { connectDevice, wireEvent } from "./device-client.ts";
import { countEvents, createSite, enrolEdge, type Site, succeed } from "./fleet.ts";

type PlainDevice = { deviceId: string; username: string; password: string; brokerTold: boolean };

describe("journeys: who may come in", function () {
  this.timeout(120_000);
  let appliance: Appliance;
  let site: Site;

  before(async () => {
    appliance = await startAppliance();
    site = await createSite(appliance, await appliance.createTenant("Alder"), "Gate");
  });
  after(() => appliance?.stop());

  const call = (method: string, path: string, body?: unknown) =>
    appliance.call(site.apiKey, method, `/api/v1${path}`, body);
  const registerPlain = () => call("POST", `/sites/${site.siteId}/devices`, { name: "sensor", access: "plain" });
  /** The broker's own client, as firmware would use it. Rejects with its words when it is refused. */
  const publish = (device: PlainDevice, event: object, version = "mqttv311", topic = device.deviceId) =>
    run({
      name: "mosquitto_pub",
      command: "mosquitto_pub",
      args: [
        ...[
          "-h",
          "localhost",
          "-p",
          String(appliance.ports.plainMqtt),
          "--cafile",
          join(appliance.directory, "pki/ca.pem"),
        ],
        ...["-V", version, "-i", device.username, "-u", device.username, "-P", device.password, "-q", "1"],
        ...["-t", `v1/${topic}/up/events`, "-m", JSON.stringify(event)],
      ],
    });

  describe("plain firmware", () => {
    let device: PlainDevice;
    const event = () => ({ kind: "temperature.reading", occurred: new Date().toISOString(), body: { celsius: 4.5 } });

    it("is off by default", async () => {
      const answer = await registerPlain();
      assert.equal(answer.status, 409, answer.body);
    });

    it("sends by MQTT 3.1.1 with a password once the tenant allows it, and is marked best effort", async () => {
      succeed(await call("PATCH", "/tenant", { plainMqtt: true }));
      device = succeed<PlainDevice>(await registerPlain());
      assert.equal(device.brokerTold, true);
      await waitUntil("the broker to know the password", () => publish(device, event()).then(() => true));
      await publish(device, event(), "mqttv5");
      await waitUntil("both events", async () => (await countEvents(appliance, device.deviceId)) >= 2);
      const { rows } = await appliance.superuser.query(
        "select distinct best_effort as marked from events where source_id = $1",
        [device.deviceId],
      );
      assert.deepEqual(rows, [{ marked: true }]);
    });

    it("sent twice it is stored once, although the firmware gives no id", async () => {
      const same = event();
      const before = await countEvents(appliance, device.deviceId);
      await publish(device, same);
      await publish(device, same);
      await publish(device, event());
      await waitUntil("the last", async () => (await countEvents(appliance, device.deviceId)) >= before + 2);
      assert.equal(await countEvents(appliance, device.deviceId), before + 2);
    });

    it("cannot speak for another device, nor come in with another password", async () => {
      const other = await enrolEdge(appliance, site, "edge");
      await publish(device, wireEvent(), "mqttv311", other.deviceId).catch(() => {});
      await assert.rejects(publish({ ...device, password: "guess" }, event()), /not authori[sz]ed|refused/i);
      await assert.rejects(publish({ ...device, username: other.deviceId }, event()), /not authori[sz]ed|refused/i);
      assert.equal(await countEvents(appliance, other.deviceId), 0);
    });

    it("a password made while the broker is down is shown, and holds when the broker is back", async () => {
      await appliance.broker.kill();
      const made = succeed<PlainDevice>(await registerPlain());
      assert.equal(made.brokerTold, false);
      await appliance.broker.start();
      await waitUntil("the password to hold", () => publish(made, event()).then(() => true));
    });

    it("is out again when the tenant forbids it", async () => {
      succeed(await call("PATCH", "/tenant", { plainMqtt: false }));
      const refused = () =>
        publish(device, event()).then(
          () => false,
          () => true,
        );
      await waitUntil("the broker to refuse it", refused, { timeoutMs: 5000 });
    });
  });

  it("a revoked device's live session ends within 5 seconds, it cannot come back, and HTTPS refuses it at once", async () => {
    const edge = await enrolEdge(appliance, site, "stolen");
    const identity = await readIdentity(edge.dir);
    const info = () =>
      raw(`${appliance.deviceUrl}/device/v1/info`, { ca: appliance.ca, cert: identity.certificate, key: identity.key });
    const session = await connectDevice(edge.dir);
    await session.send();
    assert.equal((await info()).status, 200);
    const ended = new Promise<number>((resolve) => session.client.once("close", () => resolve(performance.now())));
    const began = performance.now();
    succeed(await call("POST", `/devices/${edge.deviceId}/revoke`, { reason: "stolen" }));
    assert.equal((await info()).status, 401);
    const tookMs = (await ended) - began;
    assert.ok(tookMs < 5000, `the session lived on for ${Math.round(tookMs)} ms`);
    await assert.rejects(connectDevice(edge.dir, { connectTimeout: 3000 }));
    assert.equal(await countEvents(appliance, edge.deviceId), 1);
  });

  it("revoked while the broker is down, it does not come back with the broker", async () => {
    const edge = await enrolEdge(appliance, site, "lost");
    const running = await startEdge({
      dir: edge.dir,
      log: createLogger("edge", "silent"),
      backoff: { firstBackoffMs: 100, longestBackoffMs: 500 },
    });
    try {
      await waitUntil("a connection", async () => running.stats().connected);
      await appliance.broker.kill();
      const answer = await call("POST", `/devices/${edge.deviceId}/revoke`, { reason: "lost" });
      assert.equal(succeed<{ brokerTold: boolean }>(answer).brokerTold, false);
      await appliance.broker.start();
      await running.append({ kind: "gate.passage", body: {} });
      await new Promise((resolve) => setTimeout(resolve, 4000));
      assert.equal(running.stats().connected, false);
      assert.equal(await countEvents(appliance, edge.deviceId), 0);
    } finally {
      await running.stop();
    }
  });
});
