import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { jpeg, receiptFor, testBox, ticket } from "./box.ts";

const sha256 = (data: Buffer) => createHash("sha256").update(data).digest("hex");

describe("edge outbox quota", () => {
  let test: Awaited<ReturnType<typeof testBox>>;
  afterEach(() => test.stop());
  const gaps = () =>
    test.box
      .pendingAfter(0, 10_000)
      .map(({ wire }) => JSON.parse(wire))
      .filter(({ kind }) => kind === "edge.gap")
      .map(({ body }) => body);

  it("drops the oldest images first, keeps every event, and says which images", async () => {
    test = await testBox({ quotaBytes: 100_000 });
    const images = Array.from({ length: 12 }, (_, i) => jpeg(10_000, i));
    for (const data of images) await test.box.append({ kind: "gate.passage", body: {}, images: [{ data }] });
    const events = test.box.pendingAfter(0, 100).map(({ wire }) => JSON.parse(wire));
    assert.equal(events.filter(({ kind }) => kind === "gate.passage").length, 12);
    const dropped = gaps().flatMap((body) => body.images);
    assert.deepEqual(dropped, images.slice(0, dropped.length).map(sha256));
    assert.equal((await test.files()).length, 12 - dropped.length);
    assert.ok(dropped.length >= 3 && dropped.length <= 5, `${dropped.length} dropped`);
    assert.ok(test.box.state().heldBytes <= 100_000);
  });

  it("then drops the oldest events, and every number is either held or in a gap record", async () => {
    test = await testBox({ quotaBytes: 40_000 });
    for (let i = 0; i < 200; i++) await test.box.append({ kind: "a", body: "x".repeat(500) });
    const held = new Set(test.box.pendingAfter(0, 10_000).map(({ seq }) => seq));
    const missing = new Set<number>();
    for (const { from, to, reason } of gaps()) {
      assert.equal(reason, "quota");
      for (let seq = from; seq <= to; seq++) {
        assert.ok(!missing.has(seq) && !held.has(seq), `${seq} twice`);
        missing.add(seq);
      }
    }
    const { lastSeq, heldBytes } = test.box.state();
    assert.equal(held.size + missing.size, lastSeq);
    assert.ok(heldBytes <= 40_000);
    assert.ok(held.has(lastSeq), "the newest is held");
    assert.ok(gaps().length < 60, "frees in steps, not one by one");
  });

  it("lets go first of what the appliance already has", async () => {
    test = await testBox({ quotaBytes: 40_000, keepBytes: 40_000 });
    for (let i = 0; i < 30; i++) await test.box.append({ kind: "a", body: "x".repeat(500) });
    test.box.applyReceipt(receiptFor(test.box, { through: 30, backedUp: 0 }));
    const full = test.box.state().heldBytes;
    assert.ok(full > 20_000, "kept for a restore");
    for (let i = 0; i < 40; i++) await test.box.append({ kind: "a", body: "x".repeat(500) });
    assert.deepEqual(gaps(), []);
    assert.equal(test.box.state().pending, 40);
  });

  it("refuses an event that is larger than the quota, and takes nothing of it", async () => {
    test = await testBox({ quotaBytes: 5_000 });
    await test.box.append({ kind: "a", body: 1 });
    await assert.rejects(test.box.append({ kind: "a", body: 2, images: [{ data: jpeg(6_000) }] }), /raise its quota/);
    assert.equal(test.box.state().lastSeq, 1);
    assert.deepEqual(await test.files(), []);
  });
});

describe("edge outbox and the appliance's backups", () => {
  let test: Awaited<ReturnType<typeof testBox>>;
  afterEach(() => test.stop());

  it("keeps stored events until they are backed up", async () => {
    test = await testBox();
    for (let i = 0; i < 4; i++) await test.box.append({ kind: "a", body: i });
    test.box.applyReceipt(receiptFor(test.box, { through: 4, backedUp: 1 }));
    assert.equal(test.box.state().pending, 0);
    const kept = test.box.state().heldBytes;
    assert.ok(kept > 0);
    test.box.applyReceipt(receiptFor(test.box, { through: 4, backedUp: 3 }));
    assert.ok(test.box.state().heldBytes < kept);
    test.box.applyReceipt(receiptFor(test.box, { through: 4, backedUp: null }));
    assert.equal(test.box.state().heldBytes, 0);
  });

  it("keeps no more of them than its room", async () => {
    test = await testBox({ keepBytes: 5_000 });
    for (let i = 0; i < 20; i++) await test.box.append({ kind: "a", body: "x".repeat(500) });
    test.box.applyReceipt(receiptFor(test.box, { through: 20, backedUp: 0 }));
    assert.ok(test.box.state().heldBytes <= 5_000);
  });

  it("sends again what a restored appliance lost, images too, and declares a gap for what it no longer holds", async () => {
    test = await testBox({ keepBytes: 2_500 });
    const data = jpeg(500);
    for (let i = 0; i < 9; i++) await test.box.append({ kind: "a", body: "x".repeat(500) });
    const id = await test.box.append({ kind: "a", body: 10, images: [{ data }] });
    const tickets = [ticket(id, 0, sha256(data))];
    test.box.applyReceipt(receiptFor(test.box, { through: 10, backedUp: 2, tickets }));
    test.box.imageUploaded(id, 0);
    assert.equal((await test.files()).length, 1, "the image is kept with its event");
    const at = "2026-11-21T21:00:00.000000Z";
    const { result } = test.box.applyReceipt(receiptFor(test.box, { through: 2, backedUp: 2, at }));
    assert.equal(result, "rewound");
    const sent = test.box.pendingAfter(0, 100).map(({ wire }) => JSON.parse(wire));
    const again = sent.filter(({ kind }) => kind === "a").map(({ seq }) => seq);
    assert.equal(again.at(-1), 10);
    const [gap] = sent.filter(({ kind }) => kind === "edge.gap");
    assert.deepEqual(gap.body, { from: 3, to: again[0] - 1, reason: "quota" });
    test.box.applyReceipt(
      receiptFor(test.box, { through: 11, backedUp: 2, tickets, at: "2026-11-21T21:00:01.000000Z" }),
    );
    assert.equal(test.box.ticketedImages(5).length, 1);
  });

  it("is not rewound by an older receipt that comes late, nor by one of the same moment", async () => {
    test = await testBox();
    for (let i = 0; i < 4; i++) await test.box.append({ kind: "a", body: i });
    const late = receiptFor(test.box, { through: 1, backedUp: 0 });
    test.box.applyReceipt(receiptFor(test.box, { through: 4, backedUp: 0 }));
    assert.equal(test.box.applyReceipt(late).result, "applied");
    assert.equal(test.box.applyReceipt(receiptFor(test.box, { through: 1, backedUp: 0 })).result, "applied");
    assert.equal(test.box.state().pending, 0);
    assert.equal(test.box.state().through, 4);
  });
});
