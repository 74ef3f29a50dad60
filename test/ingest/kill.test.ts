import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Broker, startMosquitto } from "../support/mosquitto.ts";
import { type RunningProcess, startProcess, waitUntil } from "../support/process.ts";
import { connectDevice, type Device, wireEvent } from "./device.ts";
import { createEstate, type Estate, type Tenant } from "./estate.ts";
import { recomputeTenant } from "./recompute.ts";
import { ingestConfig } from "./settings.ts";

const total = 12_000;
const perMessage = 20;

describe("ingest: killed at any moment", () => {
  let estate: Estate;
  let broker: Broker;
  let tenant: Tenant;
  let device: Device;
  let worker: RunningProcess | undefined;

  before(async () => {
    [estate, broker] = await Promise.all([createEstate(), startMosquitto()]);
    tenant = await estate.newTenant();
    device = await connectDevice(broker, tenant.deviceId);
  });
  after(async () => {
    await worker?.stop("SIGKILL");
    await device?.stop();
    await broker?.stop();
    await estate?.stop();
  });

  async function startWorker(): Promise<RunningProcess> {
    const order = { section: estate.database.section, masterKey: estate.masterKey, config: ingestConfig(broker) };
    const script = join(import.meta.dirname, "worker-process.ts");
    const running = startProcess({ name: "worker", command: process.execPath, args: [script, JSON.stringify(order)] });
    await waitUntil("the worker", async () => running.output().includes("ready"), { running });
    return running;
  }

  it("12,000 events are stored once each through six kills, and no receipt speaks of what is absent", async function () {
    this.timeout(180_000);
    const outbox = randomUUID();
    const messages = Array.from({ length: total / perMessage }, (_, n) => {
      const seqs = Array.from({ length: perMessage }, (_, i) => n * perMessage + i + 1);
      return { to: seqs.at(-1)!, payload: JSON.stringify(seqs.map((seq) => wireEvent({ outbox, seq }))) };
    });
    const isCovered = (seq: number): boolean =>
      device.receipts.some(
        ({ through, ranges }) => seq <= through || ranges.some(([from, to]) => seq >= from && seq <= to),
      );
    const sendUncovered = async (): Promise<number> => {
      const left = messages.filter(({ to }) => !isCovered(to));
      await Promise.all(left.slice(0, 400).map(({ payload }) => device.publish(payload)));
      return left.length;
    };
    for (let kill = 0; kill < 6; kill++) {
      worker = await startWorker();
      const sending = sendUncovered();
      await sleep(100 + kill * 60);
      await worker.stop("SIGKILL");
      await sending;
    }
    worker = await startWorker();
    // What a receipt covers is never sent again: were one false, its events would be missing at the end.
    for (let round = 0; round < 40 && (await sendUncovered()) > 0; round++) await sleep(500);
    await worker.stop("SIGTERM");
    assert.equal(worker.output().includes("left unacknowledged"), false);
    const { rows } = await estate.database.superuser.query(
      "select count(*)::int as n, count(distinct event_id)::int as ids from events",
    );
    assert.deepEqual(rows[0], { n: total, ids: total });
    assert.equal((await recomputeTenant(estate.database.superuser, tenant.tenantId)).events, total);
  });

  it("SIGTERM stores and confirms what was taken, and ends by itself", async () => {
    worker = await startWorker();
    const outbox = randomUUID();
    await device.publish(JSON.stringify(wireEvent({ outbox, seq: 1 })));
    worker.signal("SIGTERM");
    const { code } = await worker.exited;
    assert.equal(code, 0);
    worker = await startWorker();
    await device.receipt((receipt) => receipt.outbox === outbox && receipt.through === 1);
    await worker.stop("SIGTERM");
  });

  it("a database that goes away and comes back delays, and loses nothing", async function () {
    this.timeout(120_000);
    worker = await startWorker();
    const outbox = randomUUID();
    const { superuser, name } = estate.database;
    const cut = () =>
      superuser.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and usename = 'ledgerstone_app' and pid <> pg_backend_pid()",
        [name],
      );
    let seq = 0;
    for (let n = 0; n < 30; n++) {
      const events = Array.from({ length: 100 }, () => wireEvent({ outbox, seq: ++seq }));
      await device.publish(JSON.stringify(events));
      if (n % 5 === 0) await cut();
    }
    await device.receipt((receipt) => receipt.outbox === outbox && receipt.through === seq, 60_000);
    await worker.stop("SIGTERM");
    const { rows } = await superuser.query(
      "select count(*)::int as n from events where tenant_id = $1 and source_id = $2",
      [tenant.tenantId, tenant.deviceId],
    );
    assert.equal(rows[0].n, total + 1 + seq);
    await recomputeTenant(superuser, tenant.tenantId);
  });
});
