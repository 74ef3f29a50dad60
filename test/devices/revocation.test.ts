import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as tlsConnect } from "node:tls";
import {
  authenticateDevice,
  endRevokedSessions,
  endSession,
  type RevokeDeps,
  revokeDevice,
  writeCrl,
} from "../../src/devices/index.ts";
import { deviceHandlers } from "../../src/devices/jobs.ts";
import { bindHandlers, runTask } from "../../src/tasks/index.ts";
import { freePort } from "../support/ports.ts";
import { waitUntil } from "../support/process.ts";
import { type BrokerStack, closed, refused, startBrokerStack } from "./broker-stack.ts";

describe("devices: revocation on a real Mosquitto", () => {
  let stack: BrokerStack;
  before(async () => {
    stack = await startBrokerStack();
  });
  afterEach(() => stack.closeClients());
  after(() => stack?.stop());

  it("revoking ends the live session within 5 seconds, and keeps it out", async () => {
    const device = await stack.enrolled();
    const client = await stack.asDevice(device);
    const begun = performance.now();
    const ended = closed(client);
    assert.deepEqual(
      await revokeDevice(stack.deps, stack.tenant.principal, { deviceId: device.deviceId, reason: "stolen" }),
      {
        ok: true,
      },
    );
    await ended;
    assert.ok(performance.now() - begun < 5000, `${performance.now() - begun} ms`);
    await refused(stack.asDevice(device), /revoked/i);
    const bystander = await stack.enrolled();
    await stack.asDevice(bystander);
  });

  it("without ending the session, CRL and SIGHUP leave a revoked device connected", async () => {
    const device = await stack.enrolled();
    await stack.unwatch();
    const client = await stack.asDevice(device);
    await stack.database.superuser.query("update device_certificates set revoked_at = now() where device_id = $1", [
      device.deviceId,
    ]);
    await writeCrl(stack.deps);
    await sleep(500);
    await client.publishAsync(`v1/${device.deviceId}/up/events`, "still here", { qos: 1 });
    await stack.hears(`v1/${device.deviceId}/up/events still here`);
    const ended = closed(client);
    await endSession(stack.broker, device.deviceId);
    await ended;
    await stack.watch();
  });

  it("a TLS session kept from before the revocation does not get a device back in", async () => {
    const device = await stack.enrolled();
    const ca = await readFile(stack.pki.caFile, "utf8");
    const tls = {
      host: "127.0.0.1",
      port: stack.ports.devices,
      ca,
      cert: device.cert,
      key: device.key,
      maxVersion: "TLSv1.2" as const,
    };
    let session: Buffer | undefined;
    const shake = () =>
      new Promise<string>((resolve) => {
        const socket = tlsConnect({ ...tls, session }, () => {
          session = socket.getSession();
          resolve(socket.isSessionReused() ? "resumed" : "connected");
          socket.destroy();
        });
        socket.once("error", (error) => resolve(error.message));
      });
    assert.equal(await shake(), "connected");
    assert.equal(await shake(), "resumed", "the attack works as long as the broker keeps its session keys");
    await revokeDevice(stack.deps, stack.tenant.principal, { deviceId: device.deviceId, reason: "stolen" });
    assert.match(await shake(), /revoked/);
  });

  it("a broker that is not there is a problem told, not a wait without end; the database has it revoked", async () => {
    const device = await stack.enrolled();
    const broker = { ...stack.broker, port: await freePort() };
    const begun = performance.now();
    const applied = await revokeDevice({ ...stack.deps, broker, brokerPidFile: undefined }, stack.tenant.principal, {
      deviceId: device.deviceId,
      reason: "stolen",
    });
    assert.equal(applied.ok, false);
    assert.ok(performance.now() - begun < 5000);
    const { raw } = new X509Certificate(device.cert);
    assert.deepEqual(await authenticateDevice(stack.pool, raw), { ok: false, reason: "revoked" });
    const again = await revokeDevice(stack.deps, stack.tenant.principal, {
      deviceId: device.deviceId,
      reason: "stolen",
    });
    assert.deepEqual(again, { ok: true });
    await refused(stack.asDevice(device), /revoked/i);
  });

  it("what the broker could not be told, a task tells it, in whatever process, until it knows", async () => {
    const device = await stack.enrolled();
    const client = await stack.asDevice(device);
    const { deviceId } = device;
    const away = { ...stack.deps, broker: { ...stack.broker, port: await freePort() }, brokerPidFile: undefined };
    const applied = await revokeDevice(away, stack.tenant.principal, { deviceId, reason: "stolen" });
    assert.equal(applied.ok, false);
    const taskOf = async () => {
      const { rows } = await stack.database.superuser.query(
        "update tasks set run_after = now() where key = $1 returning task_id, state, note, attempts",
        [deviceId],
      );
      assert.equal(rows.length, 1);
      return rows[0];
    };
    const { tenantId } = stack.tenant;
    const runWith = async (deps: RevokeDeps) =>
      runTask(
        stack.database.pool("executor"),
        { tenantId, taskId: (await taskOf()).task_id },
        bindHandlers(deps, deviceHandlers),
      );
    for (let attempt = 0; attempt < 3; attempt++) await runWith(away);
    const { state, note, attempts } = await taskOf();
    assert.deepEqual([state, attempts], ["ready", 0]);
    assert.match(note, /broker/);
    assert.ok(client.connected);
    const ended = closed(client);
    await runWith(stack.deps);
    await ended;
    assert.equal((await taskOf()).state, "done");
    await refused(stack.asDevice(device), /revoked/i);
  });

  it("a revocation that is rolled back leaves no task, and one that stands always has one", async () => {
    const { deviceId } = await stack.enrolled();
    const enqueue = async () => {
      throw new Error("no room");
    };
    await assert.rejects(
      revokeDevice({ ...stack.deps, enqueue }, stack.tenant.principal, { deviceId, reason: "stolen" }),
      /no room/,
    );
    const { rows } = await stack.database.superuser.query("select revoked_at from devices where device_id = $1", [
      deviceId,
    ]);
    assert.equal(rows[0].revoked_at, null);
  });

  it("a watch that begins ends the sessions of whoever was revoked while it was away", async () => {
    const [device, bystander] = [await stack.enrolled(), await stack.enrolled()];
    const [client, other] = [await stack.asDevice(device), await stack.asDevice(bystander)];
    await stack.unwatch();
    // By hand on the database: no task.
    await stack.database.superuser.query("update devices set revoked_at = now() where device_id = $1", [
      device.deviceId,
    ]);
    await sleep(300);
    assert.ok(client.connected);
    const ended = closed(client);
    await stack.watch();
    await ended;
    assert.ok(other.connected);
    assert.equal(
      (await endRevokedSessions({ ...stack.deps, broker: { ...stack.broker, port: await freePort() } })) > 0,
      true,
    );
  });

  it("an expired CRL refuses every device, and writing it anew mends that", async () => {
    const device = await stack.enrolled();
    await writeCrl({ ...stack.deps, now: () => Date.now() - 31 * 86_400_000 });
    await sleep(300);
    await refused(stack.asDevice(device), /alert|expired/i);
    await writeCrl(stack.deps);
    const client = await waitUntil("the new CRL", () => stack.asDevice(device));
    assert.ok(client.connected);
  });
});
