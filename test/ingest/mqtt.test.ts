import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { createIngestMetrics, startIngest } from "../../src/ingest/index.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { type Broker, startMosquitto } from "../support/mosquitto.ts";
import { waitUntil } from "../support/process.ts";
import { connectDevice, type Device, properties, wireEvent } from "./device.ts";
import { createEstate, type Estate, newId, type Tenant } from "./estate.ts";
import { recomputeTenant } from "./recompute.ts";
import { ingestConfig } from "./settings.ts";

const log = createLogger("test", process.env.TEST_LOG ?? "silent");

describe("ingest: from the broker to the receipt", () => {
  let estate: Estate;
  let broker: Broker;
  let tenant: Tenant;
  let device: Device;
  let ingest: { stop(): Promise<void> };
  let freeBytes = 1e12;
  const metrics = createIngestMetrics();
  const count = async (table: "events" | "dead_letters"): Promise<number> =>
    (
      await estate.database.superuser.query(`select count(*)::int as n from ${table} where tenant_id = $1`, [
        tenant.tenantId,
      ])
    ).rows[0].n;

  before(async () => {
    [estate, broker] = await Promise.all([createEstate(), startMosquitto()]);
    ingest = await startIngest({
      ...estate,
      config: ingestConfig(broker, { minFreeBytes: 1000 }),
      log,
      metrics,
      freeBytes: async () => freeBytes,
    });
  });
  beforeEach(async () => {
    tenant = await estate.newTenant();
    device = await connectDevice(broker, tenant.deviceId);
  });
  afterEach(async () => {
    await device.stop();
    await recomputeTenant(estate.database.superuser, tenant.tenantId);
  });
  after(async () => {
    await ingest?.stop();
    await broker?.stop();
    await estate?.stop();
  });

  it("one event is stored and its receipt names the outbox and the number", async () => {
    await device.publish(JSON.stringify(wireEvent({ outbox: device.outbox, seq: 1 })));
    const receipt = await device.receipt(() => true);
    assert.equal(receipt.outbox, device.outbox);
    assert.equal(receipt.through, 1);
    assert.deepEqual([receipt.ranges, receipt.rejects, receipt.tickets], [[], [], []]);
    assert.equal(await count("events"), 1);
  });

  it("an array is stored, a hole in the numbers shows as a range, and filling it closes the range", async () => {
    const { outbox } = device;
    const events = [1, 2, 4, 5].map((seq) => wireEvent({ outbox, seq }));
    await device.publish(JSON.stringify(events));
    const first = await device.receipt(() => true);
    assert.deepEqual([first.through, first.ranges], [2, [[4, 5]]]);
    await device.publish(JSON.stringify(wireEvent({ outbox, seq: 3 })));
    await device.receipt((receipt) => receipt.through === 5);
    assert.equal(await count("events"), 5);
  });

  it("images bring tickets, again on every re-send", async () => {
    const sha256 = createHash("sha256").update("a photograph").digest("hex");
    const event = wireEvent({ outbox: device.outbox, seq: 1, images: [{ sha256, bytes: 12, type: "image/jpeg" }] });
    await device.publish(JSON.stringify(event));
    const [ticket] = (await device.receipt((receipt) => receipt.tickets.length === 1)).tickets;
    device.receipts.length = 0;
    await device.publish(JSON.stringify(event));
    const [again] = (await device.receipt((receipt) => receipt.tickets.length === 1)).tickets;
    assert.deepEqual(again, ticket);
    assert.equal(await count("events"), 1);
  });

  it("bad events come back with a reason, and block no good one in the same message", async () => {
    const { outbox } = device;
    const deep = `${"[".repeat(2000)}${"]".repeat(2000)}`;
    const good = (seq: number) => JSON.stringify(wireEvent({ outbox, seq }));
    const bad = (seq: number, fields: Record<string, unknown>) => JSON.stringify(wireEvent({ outbox, seq, ...fields }));
    const parts = [
      good(1),
      bad(2, { kind: "no token!" }),
      good(3),
      good(4).replace('"body":{"open":true}', `"body":${deep}`),
      good(5).replace('"open":true', '"open":true,"open":false'),
      good(6).replace('"open":true', '"open":"\\ud800"'),
      good(7).replace('"open":true', '"open":"\\u0000"'),
      bad(8, { id: "../../../etc/passwd" }),
      bad(9, { id: `${newId()}\n` }),
      good(10).replace('"open":true', `"open":${"9".repeat(400)}e999`),
      bad(11, { occurred: "2026-11-21T20:50:60Z" }),
      bad(12, { body: "x".repeat(70_000) }),
      bad(13, { subjects: Array.from({ length: 17 }, () => "badge:1") }),
      bad(14, { images: [{ sha256: "00", bytes: 1, type: "image/jpeg" }] }),
      bad(15, { images: [{ sha256: "0".repeat(64), bytes: 1, type: "image/svg+xml" }] }),
      '"not an object"',
      "null",
      good(16),
    ];
    await device.publish(`[${parts.join(",")}]`);
    const receipt = await device.receipt(({ outbox: of }) => of === outbox);
    assert.equal(receipt.through, 16);
    assert.deepEqual(
      receipt.rejects.map(({ seq, reason }) => `${seq} ${reason}`),
      [
        "2 schema",
        ...[4, 5, 6, 7].map((seq) => `${seq} malformed`),
        "8 id-invalid",
        "9 id-invalid",
        "11 schema",
        "12 oversize",
        "13 schema",
        "14 schema",
        "15 image-type",
      ],
    );
    // Those that named no outbox come by themselves.
    const nameless = await device.receipt(({ outbox: of }) => of === null);
    assert.deepEqual(
      nameless.rejects.map(({ reason }) => reason),
      ["schema", "schema"],
    );
    assert.equal(await count("events"), 4);
    assert.equal(await count("dead_letters"), 14);
  });

  it("a message that is no JSON becomes a dead letter, and the next one is stored", async () => {
    const messages = [
      "{",
      "",
      "[]",
      "\ufeff{}",
      "NaN",
      "[1,2",
      '{"id":',
      Buffer.from([0xff, 0xfe, 0]),
      "[".repeat(100_000),
      `"${"x".repeat(1_050_000)}"`,
    ];
    for (const message of messages) await device.publish(message);
    await device.publish(JSON.stringify(wireEvent({ outbox: device.outbox, seq: 1 })));
    await device.receipt((receipt) => receipt.through === 1);
    assert.equal(await count("dead_letters"), messages.length);
    assert.equal(await count("events"), 1);
  });

  it("the device is that of the topic, whatever the message says", async () => {
    const stranger = await estate.newTenant();
    const foreign = { ...wireEvent({ outbox: device.outbox, seq: 1 }), tenant: stranger.tenantId };
    await device.publish(JSON.stringify(foreign));
    const receipt = await device.receipt(() => true);
    assert.equal(receipt.rejects[0]?.reason, "schema");
    // The broker's ACL: nothing arrives on another's topic.
    await device.client
      .publishAsync(`v1/${stranger.deviceId}/up/events`, JSON.stringify(wireEvent()), { qos: 1 })
      .catch(() => {});
    await sleep(300);
    const { rows } = await estate.database.superuser.query(
      "select count(*)::int as n from events where tenant_id = $1",
      [stranger.tenantId],
    );
    assert.equal(rows[0].n, 0);
  });

  it("a status that is not as the schema says is counted, and warned of once", async () => {
    const before = (await metrics.statusesUnreadable.get()).values[0]?.value ?? 0;
    for (const status of ["{", "{}", "x".repeat(5000)]) {
      await device.client.publishAsync(`v1/${device.deviceId}/up/status`, status, { qos: 1, properties });
    }
    const counted = async () => (await metrics.statusesUnreadable.get()).values[0]?.value === before + 3;
    await waitUntil("the count", counted);
  });

  it("a status is kept with the clock's skew", async () => {
    const clock = new Date(Date.now() - 3_600_000).toISOString().replace("Z", "000Z");
    const status = { outbox: device.outbox, pending: 3, pendingBytes: 99, clock, version: "1.2.3" };
    await device.client.publishAsync(`v1/${device.deviceId}/up/status`, JSON.stringify(status), { qos: 1, properties });
    for (let i = 0; i < 50; i++) {
      const { rows } = await estate.database.superuser.query(
        "select status, clock_skew_ms::int as skew from device_status where tenant_id = $1",
        [tenant.tenantId],
      );
      if (rows[0]?.status) {
        assert.equal(rows[0].status.pending, 3);
        assert.ok(Math.abs(rows[0].skew + 3_600_000) < 5000);
        return;
      }
      await sleep(100);
    }
    assert.fail("no status within 5 s");
  });

  it("while the disk is nearly full nothing is stored nor confirmed, and afterwards everything is", async () => {
    freeBytes = 10;
    await sleep(2200);
    await device.publish(JSON.stringify(wireEvent({ outbox: device.outbox, seq: 1 })));
    await sleep(700);
    assert.equal(await count("events"), 0);
    assert.equal(device.receipts.length, 0);
    freeBytes = 1e12;
    await device.receipt((receipt) => receipt.through === 1);
  });

  it("5,000 events, single and in arrays, are stored once each through three kills of the broker", async () => {
    const outbox = randomUUID();
    let next = 0;
    const messages = Array.from({ length: 100 }, (_, n) => {
      const from = next + 1;
      const events = Array.from({ length: n % 2 ? 1 : 99 }, () => wireEvent({ outbox, seq: ++next }));
      return { from, to: next, payload: JSON.stringify(events) };
    });
    // What a killed broker had in memory is gone, so send as an edge does: again, until a receipt covers it.
    for (let round = 0; round < 20; round++) {
      const behind = device.receipts.at(-1);
      const covered = (to: number) =>
        behind !== undefined && (to <= behind.through || behind.ranges.some(([from, end]) => to >= from && to <= end));
      const left = messages.filter(({ to }) => !covered(to));
      if (left.length === 0) break;
      const sending = left.map(({ payload }) => device.publish(payload));
      if (round < 3) {
        await sleep(30);
        await broker.kill();
        await broker.start();
      }
      await Promise.all(sending);
      await sleep(500);
    }
    await device.receipt((receipt) => receipt.through === next);
    assert.equal(await count("events"), next);
  });
});
