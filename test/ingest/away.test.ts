import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { startIngest } from "../../src/ingest/index.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { type Broker, startMosquitto } from "../support/mosquitto.ts";
import { waitUntil } from "../support/process.ts";
import { connectDevice, type Device, wireEvent } from "./device.ts";
import { createEstate, type Estate, type Tenant } from "./estate.ts";
import { ingestConfig } from "./settings.ts";

describe("ingest: a device that went away", () => {
  let estate: Estate;
  let broker: Broker;
  let tenant: Tenant;
  let ingest: { stop(): Promise<void> };
  const letters = async (): Promise<number> =>
    (
      await estate.database.superuser.query("select count(*)::int as n from dead_letters where tenant_id = $1", [
        tenant.tenantId,
      ])
    ).rows[0].n;

  before(async () => {
    [estate, broker] = await Promise.all([createEstate(), startMosquitto()]);
    tenant = await estate.newTenant();
    ingest = await startIngest({
      ...estate,
      config: ingestConfig(broker, { flushMs: 300 }),
      log: createLogger("test", "silent"),
    });
  });
  after(async () => {
    await ingest?.stop();
    await broker?.stop();
    await estate?.stop();
  });

  /** Its session at the broker ends with the connection. */
  const connect = (): Promise<Device> => connectDevice(broker, tenant.deviceId, { sessionExpirySeconds: 0 });

  it("hears with its next receipt what was refused meanwhile", async () => {
    let device = await connect();
    const { outbox } = device;
    const first = JSON.stringify(wireEvent({ outbox, seq: 1 }));
    await waitUntil("the subscription", async () => {
      await device.publish(first);
      return device.receipts.some((receipt) => receipt.through === 1);
    });
    const refused = wireEvent({ outbox, seq: 2, occurred: "2001-01-01T00:00:00Z" });
    await device.publish(JSON.stringify(refused));
    await device.stop();
    await waitUntil("the dead letter", async () => (await letters()) === 1);
    // The receipt follows the commit, and meets nobody.
    await sleep(500);
    device = await connect();
    await device.publish(JSON.stringify(wireEvent({ outbox, seq: 3 })));
    const receipt = await device.receipt(({ through }) => through === 3);
    assert.deepEqual(
      receipt.rejects.map(({ id, seq }) => [id, seq]),
      [[refused.id, 2]],
    );
    device.receipts.length = 0;
    await device.publish(JSON.stringify(wireEvent({ outbox, seq: 4 })));
    const later = await device.receipt(({ through }) => through === 4);
    assert.deepEqual(later.rejects, [], "told once");
    await device.stop();
  });
});
