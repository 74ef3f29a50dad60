import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Link } from "../../src/edge/connection.ts";
import { Sender } from "../../src/edge/sender.ts";
import { testBox } from "./box.ts";
import { quiet } from "./peer.ts";

// The broker's side of the link, down to when it acknowledges.
function slowBroker(receiveMaximum: number, maximumPacketSize = 1_048_576) {
  const open: (() => void)[] = [];
  const payloads: string[] = [];
  const link: Link = {
    receiveMaximum,
    maximumPacketSize,
    publish(_topic, payload) {
      payloads.push(payload);
      return new Promise((resolve) => open.push(resolve));
    },
  };
  return { link, payloads, acknowledge: () => open.shift()?.(), open };
}

describe("edge sender and the broker's limits", () => {
  let test: Awaited<ReturnType<typeof testBox>>;
  beforeEach(async () => {
    test = await testBox();
  });
  afterEach(() => test.stop());
  const start = (batchSize: number) =>
    new Sender({ outbox: test.box, device: "d", log: quiet, batchSize, windowEvents: 1_000 });

  it("has no more publishes unacknowledged than Receive Maximum", async () => {
    for (let i = 0; i < 20; i++) await test.box.append({ kind: "a", body: i });
    const { link, payloads, acknowledge, open } = slowBroker(3);
    const sender = start(1);
    sender.link(link);
    assert.equal(payloads.length, 3);
    for (let i = 0; i < 40; i++) {
      acknowledge();
      await sleep(0);
      assert.ok(open.length <= 3);
    }
    assert.equal(payloads.length, 20);
    sender.stop();
  });

  it("makes no message larger than the broker takes, and loses nothing by it", async () => {
    for (let i = 0; i < 30; i++) await test.box.append({ kind: "a", body: "x".repeat(3_000) });
    const { link, payloads, open } = slowBroker(100, 10_000);
    const sender = start(200);
    sender.link(link);
    for (const payload of payloads) assert.ok(payload.length < 10_000);
    const seqs = payloads.flatMap((payload) => JSON.parse(payload)).map(({ seq }) => seq);
    assert.deepEqual(
      seqs,
      Array.from({ length: 30 }, (_, i) => i + 1),
    );
    assert.equal(open.length, payloads.length);
    sender.stop();
  });

  it("sends what was not acknowledged over the next link, before anything newer", async () => {
    for (let i = 0; i < 6; i++) await test.box.append({ kind: "a", body: i });
    const first = slowBroker(2);
    const sender = start(1);
    sender.link(first.link);
    first.acknowledge();
    await sleep(0);
    sender.unlink();
    const second = slowBroker(10);
    sender.link(second.link);
    assert.deepEqual(
      second.payloads.map((payload) => JSON.parse(payload).seq),
      [2, 3, 4, 5, 6],
    );
    sender.stop();
  });
});
