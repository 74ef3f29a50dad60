import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createIngestMetrics, startIngest } from "../../src/ingest/index.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { type Broker, startMosquitto } from "../support/mosquitto.ts";
import { run, waitUntil } from "../support/process.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";
import { wireEvent } from "./device.ts";
import { createEstate, type Estate, type Tenant } from "./estate.ts";
import { ingestConfig } from "./settings.ts";

describe("ingest: MQTT 5 alone, but for plain firmware", () => {
  let estate: Estate;
  let broker: Broker;
  let tenant: Tenant;
  let ingest: { stop(): Promise<void> };
  const metrics = createIngestMetrics();
  const count = async (table: "events" | "dead_letters"): Promise<number> => {
    const { rows } = await estate.database.superuser.query(
      `select count(*)::int as n from ${table} where tenant_id = $1`,
      [tenant.tenantId],
    );
    return rows[0].n;
  };

  before(async () => {
    [estate, broker] = await Promise.all([createEstate(), startMosquitto()]);
    tenant = await estate.newTenant();
    ingest = await startIngest({
      ...estate,
      config: ingestConfig(broker),
      log: createLogger("test", "silent"),
      metrics,
    });
  });
  beforeEach(async () => {
    tenant = await estate.newTenant();
  });
  after(async () => {
    await ingest?.stop();
    await broker?.stop();
    await estate?.stop();
  });

  it("what came by MQTT 3.1.1 is dropped without a receipt, however soon, and stored when it comes by MQTT 5", async () => {
    const event = JSON.stringify(wireEvent({ outbox: randomUUID(), seq: 1 }));
    const { cert, key } = await broker.pki.devices.issue({ cn: tenant.deviceId });
    const racing = { deviceId: tenant.deviceId, cert, key, event };
    // No session watch here: nobody else would stop it.
    for (const version of ["mqttv31", "mqttv311", "mqttv311"]) await publishAs(broker, racing, ["-V", version]);
    await publishAs(broker, racing, ["-V", "mqttv5"]);
    await sleep(500);
    assert.equal(await count("events"), 0);
    assert.equal((await metrics.oldProtocol.get()).values[0]?.value, 4);
    assert.equal(await count("dead_letters"), 0);
    await publishAs(broker, racing, ["-V", "mqttv5", "-D", "publish", "payload-format-indicator", "1"]);
    await waitUntil("the event", async () => (await count("events")) === 1);
  });

  it("plain firmware may speak MQTT 3.1.1: the same message is stored", async () => {
    const deviceId = await tenant.newDevice({ access: "plain" });
    const { cert, key } = await broker.pki.devices.issue({ cn: deviceId });
    await publishAs(broker, { deviceId, cert, key, event: JSON.stringify(wireEvent()) }, ["-V", "mqttv311"]);
    await waitUntil("the event", async () => (await count("events")) === 1);
  });
});

type Racing = { deviceId: string; cert: string; key: string; event: string };

/** Connects, publishes and leaves, as fast as can be. */
async function publishAs(broker: Broker, { deviceId, cert, key, event }: Racing, options: string[]): Promise<void> {
  const directory = await temporaryDirectory("racing");
  const [certFile, keyFile] = [join(directory, "cert.pem"), join(directory, "key.pem")];
  await writeFile(certFile, cert);
  await writeFile(keyFile, key);
  const place = ["-h", broker.host, "-p", String(broker.port), "-t", `v1/${deviceId}/up/events`, "-q", "1"];
  const tls = ["--cafile", broker.pki.section.caFile, "--cert", certFile, "--key", keyFile];
  const args = [...place, ...tls, "-m", event, ...options];
  await run({ name: "mosquitto_pub", command: "mosquitto_pub", args }).finally(() => removeDirectory(directory));
}
