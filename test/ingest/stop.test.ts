import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { startIngest } from "../../src/ingest/index.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { type Broker, startMosquitto } from "../support/mosquitto.ts";
import { waitUntil } from "../support/process.ts";
import { connectDevice, type Device, wireEvent } from "./device.ts";
import { createEstate, type Estate, type Tenant } from "./estate.ts";
import { recomputeTenant } from "./recompute.ts";
import { ingestConfig } from "./settings.ts";

const log = createLogger("test", process.env.TEST_LOG ?? "silent");

describe("ingest: stopping", () => {
  let estate: Estate;
  let broker: Broker;
  let tenant: Tenant;
  let device: Device;
  let freeBytes = 1e12;
  const start = () =>
    startIngest({
      ...estate,
      config: ingestConfig(broker, { minFreeBytes: 1000, flushMs: 500 }),
      log,
      freeBytes: async () => freeBytes,
    });
  const stored = async (): Promise<number> =>
    (
      await estate.database.superuser.query("select count(*)::int as n from events where tenant_id = $1", [
        tenant.tenantId,
      ])
    ).rows[0].n;
  const stopMs = async (ingest: { stop(): Promise<void> }): Promise<number> => {
    const began = performance.now();
    await ingest.stop();
    return performance.now() - began;
  };

  before(async () => {
    [estate, broker] = await Promise.all([createEstate(), startMosquitto()]);
    tenant = await estate.newTenant();
    device = await connectDevice(broker, tenant.deviceId);
  });
  after(async () => {
    await device?.stop();
    await broker?.stop();
    await estate?.stop();
  });

  it("ends within seconds under load, with a receipt for what it stored; the next one takes the rest", async () => {
    const { outbox } = device;
    let ingest = await start();
    const most = 3000;
    const first = JSON.stringify(wireEvent({ outbox, seq: 1 }));
    await waitUntil("the subscription", async () => {
      await device.publish(first);
      return (await stored()) === 1;
    });
    let sent = 1;
    const sending = (async () => {
      while (sent < most) {
        const some = Array.from({ length: Math.min(20, most - sent) }, (_, n) =>
          wireEvent({ outbox, seq: sent + n + 1 }),
        );
        sent += some.length;
        await Promise.all(some.map((event) => device.publish(JSON.stringify(event))));
        await sleep(5);
      }
    })();
    await device.receipt((receipt) => receipt.through >= 200);
    const tookMs = await stopMs(ingest);
    assert.ok(tookMs < 1800, `took ${Math.round(tookMs)} ms`);
    // The broker has the receipt when stop ends; nobody else sends one before the next start, so it is on its way or lost.
    const kept = await stored();
    await device.receipt((receipt) => receipt.through === kept);
    await sending;
    ingest = await start();
    await waitUntil("all of them", async () => (await stored()) === most);
    await device.receipt((receipt) => receipt.through === most);
    await stopMs(ingest);
    await recomputeTenant(estate.database.superuser, tenant.tenantId);
  });

  it("does not wait for room on a full disk", async () => {
    freeBytes = 10;
    const before = await stored();
    const ingest = await start();
    await device.publish(JSON.stringify(wireEvent({ outbox: device.outbox, seq: 9001 })));
    await sleep(300);
    const tookMs = await stopMs(ingest);
    assert.ok(tookMs < 5000, `took ${Math.round(tookMs)} ms`);
    assert.equal(await stored(), before);
  });
});
