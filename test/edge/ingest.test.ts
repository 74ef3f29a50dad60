import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { type Edge, startEdge } from "../../src/edge/edge.ts";
import { writeIdentity, writeSettings } from "../../src/edge/identity.ts";
import { startIngest } from "../../src/ingest/index.ts";
import { createEstate, type Estate, type Tenant } from "../ingest/estate.ts";
import { recomputeTenant } from "../ingest/recompute.ts";
import { ingestConfig } from "../ingest/settings.ts";
import { type Broker, startMosquitto } from "../support/mosquitto.ts";
import { waitUntil } from "../support/process.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";
import { jpeg } from "./box.ts";
import { quiet } from "./peer.ts";

const backoff = { firstBackoffMs: 50, longestBackoffMs: 400 };

// The edge against the appliance's own ingest and database.
describe("edge and ingest", () => {
  let estate: Estate;
  let broker: Broker;
  let ingest: Awaited<ReturnType<typeof startIngest>>;
  let tenant: Tenant;
  let edge: Edge;
  let dir: string;
  const startWorker = async () => {
    ingest = await startIngest({ ...estate, config: ingestConfig(broker), log: quiet });
  };
  const query = async (sql: string) =>
    (await estate.database.superuser.query(sql, [tenant.tenantId])).rows as Record<string, number | string>[];
  const drained = () => waitUntil("all receipts", async () => edge.stats().pending === 0, { timeoutMs: 40_000 });

  before(async () => {
    [estate, broker] = await Promise.all([createEstate(), startMosquitto()]);
    await startWorker();
  });
  beforeEach(async () => {
    tenant = await estate.newTenant();
    dir = await temporaryDirectory("edge");
    const { cert, key } = await broker.pki.devices.issue({ cn: tenant.deviceId });
    const mqtt = { host: broker.host, port: broker.port };
    const identity = { key, certificate: cert, trust: broker.pki.servers.cert };
    await writeIdentity(dir, identity);
    await writeSettings(dir, { device: tenant.deviceId, server: "https://localhost:1", mqtt });
    edge = await startEdge({ dir, log: quiet, backoff, sender: { resendMs: 1_000, lingerMs: 5, batchSize: 7 } });
  });
  afterEach(async () => {
    await edge.stop();
    await removeDirectory(dir);
    await recomputeTenant(estate.database.superuser, tenant.tenantId);
  });
  after(async () => {
    await ingest.stop();
    await broker.stop();
    await estate.stop();
  });

  it("every event is stored once although broker, worker and line fail while it is sent", async () => {
    const faults = [edge.drop, () => broker.kill().then(broker.start), () => ingest.stop().then(startWorker)];
    for (let i = 0; i < 300; i++) {
      await edge.append({ kind: "badge.read", body: { i }, subjects: [`badge:${i % 9}`] });
      if (i % 50 === 25) await faults[Math.floor(i / 50) % 3]!();
      await sleep(4);
    }
    await drained();
    const [row] = await query(
      "select count(*)::int as n, count(distinct event_id)::int as d from events where tenant_id = $1",
    );
    assert.deepEqual(row, { n: 300, d: 300 });
  }).timeout(90_000);

  it("the receipt of an event with an image brings its ticket", async () => {
    const id = await edge.append({ kind: "gate.passage", body: {}, images: [{ data: jpeg(4_000) }] });
    await drained();
    const stats = edge.stats();
    assert.equal(stats.openImages, 1);
    const [image] = await query("select event_id, bytes::int from images where tenant_id = $1");
    assert.deepEqual(image, { event_id: id, bytes: 4_000 });
  });

  it("a gap record closes the hole in the numbers", async () => {
    await edge.stop();
    edge = await startEdge({ dir, log: quiet, backoff, outbox: { quotaBytes: 30_000 }, sender: { lingerMs: 5 } });
    await ingest.stop();
    await broker.kill();
    await waitUntil("cut off", async () => !edge.stats().connected);
    for (let i = 0; i < 80; i++) await edge.append({ kind: "a", body: "x".repeat(500) });
    await broker.start();
    await startWorker();
    await drained();
    const { lastSeq, through } = edge.stats();
    assert.equal(through, lastSeq);
    const [row] = await query("select gaps::int from device_status where tenant_id = $1");
    assert.ok(Number(row?.gaps) > 20, `${row?.gaps} gaps`);
  });

  it("a device's wrong clock shows in its status, and its events come back rejected", async () => {
    await edge.stop();
    const clock = () => Date.now() + 365 * 86_400_000;
    edge = await startEdge({ dir, log: quiet, backoff, outbox: { clock }, sender: { lingerMs: 5 } });
    await edge.append({ kind: "a", body: 1 });
    await drained();
    assert.equal(edge.losses(1)[0]?.reason, "future");
    const status = () => query("select clock_skew_ms::float8 as skew from device_status where tenant_id = $1");
    await waitUntil("skew", async () => Math.abs(Number((await status())[0]?.skew) - 365 * 86_400_000) < 60_000);
  });
});
