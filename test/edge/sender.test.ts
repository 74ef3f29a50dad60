import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { type Edge, type EdgeOptions, startEdge } from "../../src/edge/edge.ts";
import { readIdentity, writeIdentity } from "../../src/edge/identity.ts";
import { waitUntil } from "../support/process.ts";
import { enrolledDirectory, quiet, testBroker } from "./peer.ts";

const backoff = { firstBackoffMs: 50, longestBackoffMs: 400 };

describe("edge sender on a real broker", () => {
  let net: Awaited<ReturnType<typeof testBroker>>;
  let enrolled: Awaited<ReturnType<typeof enrolledDirectory>>;
  let edge: Edge;
  beforeEach(async () => {
    net = await testBroker();
    enrolled = await enrolledDirectory(net.broker);
  });
  afterEach(async () => {
    await edge.stop();
    await net.stop();
    await enrolled.stop();
  });
  const start = async (options: Partial<EdgeOptions> = {}) => {
    edge = await startEdge({ dir: enrolled.dir, log: quiet, backoff, ...options });
    await waitUntil("connected", async () => edge.stats().connected);
  };
  const append = async (count: number) => {
    for (let i = 0; i < count; i++) await edge.append({ kind: "a", body: i });
  };
  const drained = () => waitUntil("all receipts", async () => edge.stats().pending === 0);
  const ids = () => net.listener.arrivals.map(({ id }) => id);

  it("sends in order, in arrays, and forgets what has a receipt", async () => {
    await start({ sender: { batchSize: 50, lingerMs: 300 } });
    await append(120);
    await drained();
    const { arrivals } = net.listener;
    assert.deepEqual(
      arrivals.map(({ body }) => Number(body)),
      Array.from({ length: 120 }, (_, i) => i),
    );
    assert.ok(arrivals.every(({ of }) => of <= 50));
    assert.ok(arrivals.some(({ of }) => of > 1));
  });

  it("sends single events when told so", async () => {
    await start({ sender: { batchSize: 1, lingerMs: 0 } });
    await append(20);
    await drained();
    assert.ok(net.listener.arrivals.every(({ of }) => of === 1));
  });

  it("takes the broker's acknowledgement for no receipt, and sends again after the wait", async () => {
    net.listener.hold();
    await start({ sender: { resendMs: 1_500, lingerMs: 0 } });
    await append(3);
    await waitUntil("first sending", async () => net.listener.arrivals.length >= 3);
    await sleep(500);
    assert.equal(edge.stats().pending, 3);
    assert.equal(net.listener.arrivals.length, 3, "not before its time");
    await waitUntil("second sending", async () => net.listener.arrivals.length >= 6);
    assert.equal(new Set(ids()).size, 3, "the same ids");
    net.listener.release();
    await drained();
  });

  it("has no more events without receipt under way than its window", async () => {
    net.listener.hold();
    await start({ sender: { windowEvents: 10, batchSize: 4, lingerMs: 0 } });
    await append(25);
    await sleep(600);
    assert.equal(net.listener.arrivals.length, 10);
    net.listener.release();
    await drained();
    assert.equal(new Set(ids()).size, 25);
  });

  it("comes back by itself when the connection is cut, again and again", async () => {
    await start({ sender: { batchSize: 5, lingerMs: 0 } });
    for (let i = 0; i < 60; i++) {
      await append(1);
      if (i % 12 === 5) edge.drop();
      await sleep(15);
    }
    await drained();
    assert.equal(new Set(ids()).size, 60);
  });

  it("keeps everything while the broker is dead, and delivers it once it lives", async () => {
    // What it sends before the listener is back goes nowhere: the broker forgot that session.
    await start({ sender: { resendMs: 1_000 } });
    await net.broker.kill();
    await waitUntil("noticed", async () => !edge.stats().connected);
    await append(30);
    assert.equal(edge.stats().pending, 30);
    await net.broker.start();
    await drained();
    assert.equal(new Set(ids()).size, 30);
  });

  it("gets again what a broker lost that was killed with messages in it", async () => {
    net.listener.hold();
    await start({ sender: { resendMs: 1_000, lingerMs: 0 } });
    await append(40);
    await net.broker.kill();
    await net.broker.start();
    net.listener.release();
    await drained();
    assert.equal(new Set(ids()).size, 40);
  });

  it("goes on after a restart of the edge where it stopped", async () => {
    net.listener.hold();
    await start();
    await append(10);
    await edge.stop();
    net.listener.release();
    await start();
    await drained();
    assert.equal(edge.stats().lastSeq, 10);
  });

  it("reports its state and clock at once, on command, and over a wrong clock says how wrong", async () => {
    const yearMs = 365 * 86_400_000;
    await start({ outbox: { clock: () => Date.now() + yearMs }, sender: { lingerMs: 0 } });
    await waitUntil("status", async () => net.listener.statuses.length > 0);
    const status = JSON.parse(net.listener.statuses[0]!.text);
    assert.deepEqual(Object.keys(status), ["outbox", "pending", "pendingBytes", "clock", "version"]);
    assert.ok(Date.parse(status.clock) > Date.now() + yearMs / 2);
    await append(1);
    await waitUntil("skew", async () => edge.stats().clockSkewMs !== null);
    assert.ok(Math.abs(edge.stats().clockSkewMs! - yearMs) < 5_000);
    await net.listener.command(enrolled.device, "ping");
    await waitUntil("answer", async () => net.listener.statuses.length > 1);
  });

  it("survives receipts that are no receipts", async () => {
    net.listener.hold();
    await start({ sender: { lingerMs: 0 } });
    await append(2);
    await waitUntil("sent", async () => net.listener.arrivals.length === 2);
    const { outbox } = net.listener.arrivals[0]!;
    net.listener.send(enrolled.device, { outbox: outbox!, through: -1, ranges: [] });
    net.listener.send(enrolled.device, { outbox: outbox!, through: 1, ranges: [[2, Number.NaN]] });
    await sleep(300);
    assert.equal(edge.stats().pending, 2);
    net.listener.release();
    await drained();
  });

  it("speaks to no broker whose certificate a stranger signed", async () => {
    await start();
    await edge.stop();
    const identity = await readIdentity(enrolled.dir);
    await writeIdentity(enrolled.dir, { ...identity, trust: net.broker.pki.stranger.cert });
    edge = await startEdge({ dir: enrolled.dir, log: quiet, backoff });
    await sleep(700);
    assert.equal(edge.stats().connected, false);
  });
});
