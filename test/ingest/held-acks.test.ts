import assert from "node:assert/strict";
import { createHeldAcks } from "../../src/ingest/held-acks.ts";
import { createGate, createLanes } from "../../src/ingest/lanes.ts";
import { createOutbound } from "../../src/ingest/outbound.ts";
import { createReceiptPublisher } from "../../src/ingest/receipts.ts";
import { createLogger } from "../../src/platform/logger.ts";
import type { Receipt } from "../../src/record/receipts.ts";

describe("ingest: acknowledgements", () => {
  it("leave in order of arrival, whatever order the work ends in", () => {
    const sent: number[] = [];
    const acks = createHeldAcks((ids) => sent.push(...ids));
    const held = Array.from({ length: 5000 }, (_, n) => acks.hold(n + 1, 10));
    const order = held.map((_, n) => n).sort(() => Math.random() - 0.5);
    for (const n of order) {
      held[n]?.done();
      held[n]?.done();
      assert.deepEqual(sent.at(-1) ?? 0, sent.length);
      assert.equal(acks.messages, 5000 - sent.length);
    }
    assert.equal(sent.length, 5000);
    assert.equal(acks.bytes, 0);
  });
});

describe("ingest: lanes and gate", () => {
  it("whoever leaves a lane wakes all that wait for it, and an empty lane is forgotten", async () => {
    const lanes = createLanes();
    const first = lanes.enter("a");
    const second = lanes.enter("a");
    const third = lanes.enter("a");
    assert.equal(first.before, undefined);
    assert.equal(second.before, first.place);
    assert.deepEqual([third.before, third.beforeThat], [second.place, first.place]);
    assert.equal(lanes.enter("b").before, undefined);
    first.leave();
    assert.equal(await second.before?.closed.promise, false);
    await second.before?.settled.promise;
    for (const each of [second, third]) each.leave();
    assert.equal(lanes.enter("a").before, undefined);
  });

  it("a gate lets in so many at a time, in order", async () => {
    const gate = createGate(2);
    const order: number[] = [];
    let inside = 0;
    await Promise.all(
      Array.from({ length: 10 }, async (_, n) => {
        const leave = await gate.enter();
        order.push(n);
        inside += 1;
        assert.ok(inside <= 2);
        await new Promise((resolve) => setTimeout(resolve, 2));
        inside -= 1;
        leave();
        leave();
      }),
    );
    assert.deepEqual(order, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

describe("ingest: receipts on their way out", () => {
  const receipt = (through: number, more: Partial<Receipt> = {}): Receipt => ({
    outbox: "00000000-0000-4000-8000-000000000001",
    through,
    ranges: [],
    rejects: [],
    backedUp: null,
    tickets: [],
    at: "2026-11-21T20:50:00.000000Z",
    ...more,
  });
  type Sent = { topic: string; body: Receipt; packetId: number; again: boolean };
  function link(sent: Sent[]) {
    return {
      publish: (topic: string, payload: Buffer, packetId: number, again: boolean) =>
        void sent.push({ topic, body: JSON.parse(payload.toString()), packetId, again }),
      held: () => 0,
      stopTaking: () => {},
      end: async () => {},
      destroy: () => {},
    };
  }

  it("wait for the broker's window, and a newer one takes up what the older one says", () => {
    const sent: Sent[] = [];
    const publisher = createReceiptPublisher(createLogger("test", "silent"));
    publisher.attach(link(sent), 1, false);
    const reject = { id: "x", seq: 2, reason: "schema", detail: "" };
    publisher.push("device", receipt(1));
    publisher.push("device", receipt(2, { rejects: [reject] }));
    publisher.push("device", receipt(3));
    assert.deepEqual(
      sent.map(({ body }) => body.through),
      [1],
    );
    publisher.onPuback(sent[0]!.packetId, 0);
    assert.deepEqual(
      sent.map(({ body }) => body.through),
      [1, 3],
    );
    assert.deepEqual(sent[1]?.body.rejects, [reject]);
    publisher.onPuback(sent[1]!.packetId, 0);
    assert.equal(sent.length, 2);
  });

  it("what a lost connection left unacknowledged goes out again under its own packet id", async () => {
    const sent: Sent[] = [];
    const publisher = createReceiptPublisher(createLogger("test", "silent"));
    publisher.attach(link(sent), 10, false);
    publisher.push("device", receipt(1));
    publisher.detach();
    publisher.push("other", receipt(7));
    publisher.attach(link(sent), 10, true);
    assert.deepEqual(
      sent.map(({ packetId, again, body }) => [packetId, again, body.through]),
      [
        [1, false, 1],
        [1, true, 1],
        [2, false, 7],
      ],
    );
    const drained = publisher.drained();
    publisher.onPuback(1, 0);
    publisher.onPuback(2, 0x10);
    await drained;
  });

  it("thousands of tickets are cut into messages that a broker takes", () => {
    const sent: Sent[] = [];
    const publisher = createReceiptPublisher(createLogger("test", "silent"));
    const tickets = Array.from({ length: 2500 }, (_, n) => ({
      event: "00000000-0000-4000-8000-000000000002",
      n,
      sha256: "0".repeat(64),
      image: `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`,
      path: "/device/v1/images/00000000-0000-4000-8000-000000000003",
      expires: "2026-11-21T20:50:00.000000Z",
    }));
    publisher.attach(link(sent), 10, false);
    publisher.push("device", receipt(1, { tickets }));
    assert.deepEqual(
      sent.map(({ body }) => body.tickets.length),
      [1000, 1000, 500],
    );
  });

  it("a queue keeps one entry a key", () => {
    const queue = createOutbound<number>((older, newer) => older + newer);
    for (const [key, n] of [
      ["a", 1],
      ["b", 2],
      ["a", 3],
    ] as const)
      queue.push(key, n);
    assert.equal(queue.size, 2);
    assert.deepEqual([queue.shift(), queue.shift(), queue.shift()], [4, 2, undefined]);
  });
});
