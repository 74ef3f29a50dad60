import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Outbox } from "../../src/edge/outbox.ts";
import { parseWireEvents } from "../../src/record/wire.ts";
import { jpeg, receiptFor, testBox, ticket } from "./box.ts";

describe("edge outbox", () => {
  let test: Awaited<ReturnType<typeof testBox>>;
  beforeEach(async () => {
    test = await testBox();
  });
  afterEach(() => test.stop());

  it("gives out what it took, in order, in the form that the appliance reads", async () => {
    const image = jpeg(2000);
    await test.box.append({ kind: "temperature.reading", body: { celsius: 21.5 } });
    const id = await test.box.append({
      kind: "gate.passage",
      body: {},
      subjects: ["plate:AB12CDE"],
      images: [{ data: image }],
    });
    const sent = test.box.pendingAfter(0, 10);
    assert.deepEqual(
      sent.map(({ seq }) => seq),
      [1, 2],
    );
    const [, parsed] = parseWireEvents(`[${sent.map(({ wire }) => wire).join(",")}]`);
    assert.ok(parsed?.ok);
    assert.equal(parsed.event.id, id);
    assert.deepEqual(parsed.event.subjects, ["plate:AB12CDE"]);
    const sha256 = createHash("sha256").update(image).digest("hex");
    assert.deepEqual(parsed.event.images, [{ sha256, bytes: 2000, type: "image/jpeg" }]);
  });

  it("refuses on the spot what the appliance would reject", async () => {
    const deep = JSON.parse(`${"[".repeat(31)}${"]".repeat(31)}`);
    await assert.rejects(test.box.append({ kind: "a b", body: 1 }), /would reject/);
    await assert.rejects(test.box.append({ kind: "a", body: "\u0000" }), /would reject/);
    await assert.rejects(test.box.append({ kind: "a", body: "\ud800" }), /would reject/);
    await assert.rejects(test.box.append({ kind: "a", body: deep }), /would reject/);
    await assert.rejects(test.box.append({ kind: "a", body: 1, subjects: ["x".repeat(129)] }), /would reject/);
    await assert.rejects(test.box.append({ kind: "a", body: "x".repeat(70_000) }), /too large/);
    await assert.rejects(test.box.append({ kind: "a", body: 1, images: [{ data: Buffer.from("GIF89a") }] }), /JPEG/);
    assert.equal(test.box.state().lastSeq, 0);
    assert.deepEqual(await test.files(), []);
  });

  it("keeps incarnation, numbers and events over a restart", async () => {
    await test.box.append({ kind: "a", body: 1 });
    const before = test.box.state();
    test.close();
    assert.deepEqual(test.box.state(), before);
    await test.box.append({ kind: "a", body: 2 });
    assert.deepEqual(
      test.box.pendingAfter(0, 10).map(({ seq }) => seq),
      [1, 2],
    );
  });

  it("lets only one process in", () => {
    assert.throws(() => new Outbox(test.dir), /in use by another process/);
  });

  it("deletes by cumulative number and by range, and nothing else", async () => {
    for (let i = 0; i < 6; i++) await test.box.append({ kind: "a", body: i });
    test.box.applyReceipt(receiptFor(test.box, { through: 2, ranges: [[4, 5]] }));
    assert.deepEqual(
      test.box.pendingAfter(0, 10).map(({ seq }) => seq),
      [3, 6],
    );
    assert.equal(test.box.state().pending, 2);
  });

  it("believes no receipt of another incarnation", async () => {
    await test.box.append({ kind: "a", body: 1 });
    const { result } = test.box.applyReceipt(
      receiptFor(test.box, { outbox: "0190a000-0000-7000-8000-00000000000f", through: 1 }),
    );
    assert.equal(result, "other-incarnation");
    assert.equal(test.box.state().pending, 1);
  });

  it("begins a new incarnation when a receipt covers numbers that it never gave out", async () => {
    for (let i = 0; i < 3; i++) await test.box.append({ kind: "a", body: i });
    test.box.applyReceipt(receiptFor(test.box, { through: 1 }));
    const old = test.box.state();
    const ids = test.box.pendingAfter(0, 10).map(({ id }) => id);
    const { result } = test.box.applyReceipt(receiptFor(test.box, { through: 50 }));
    assert.equal(result, "new-incarnation");
    assert.notEqual(test.box.state().incarnation, old.incarnation);
    assert.deepEqual(
      test.box.pendingAfter(0, 10).map(({ seq, id }) => [seq, id]),
      [
        [1, ids[0]],
        [2, ids[1]],
      ],
    );
    assert.equal(test.box.state().lastSeq, 2);
  });

  it("drops a rejected event and keeps a local record without its content", async () => {
    const id = await test.box.append({ kind: "a", body: "secret", images: [{ data: jpeg(100) }] });
    const rejects = [{ id, seq: 1, reason: "too-old", detail: "8 days" }];
    const { rejected } = test.box.applyReceipt(receiptFor(test.box, { through: 1, rejects }));
    assert.deepEqual(rejected, rejects);
    const [loss] = test.box.losses(10);
    assert.deepEqual({ ...loss, at: "" }, { at: "", event: id, what: "event", reason: "too-old", detail: "8 days" });
    assert.deepEqual([test.box.state().pending, test.box.state().heldBytes], [0, 0]);
    assert.deepEqual(await test.files(), []);
  });

  it("keeps an event until its image has a ticket and is uploaded", async () => {
    const image = jpeg(500);
    const sha256 = createHash("sha256").update(image).digest("hex");
    const id = await test.box.append({ kind: "a", body: 1, images: [{ data: image }] });
    test.box.applyReceipt(receiptFor(test.box, { through: 1, tickets: [ticket(id, 0, "0".repeat(64))] }));
    assert.equal(test.box.ticketedImages(9).length, 0, "a ticket for other bytes is none");
    test.box.applyReceipt(receiptFor(test.box, { through: 1, tickets: [ticket(id, 0, sha256)] }));
    assert.equal(test.box.ticketedImages(9).length, 1);
    test.close();
    assert.equal(test.box.ticketedImages(9).length, 1, "a ticket outlives a restart");
    test.box.imageUploaded(id, 0);
    assert.deepEqual([test.box.state().heldBytes, await test.files()], [0, []]);
  });

  it("sets a damaged file aside and goes on in a new incarnation", async () => {
    await test.box.append({ kind: "a", body: 1 });
    const { incarnation } = test.box.state();
    test.close();
    await writeFile(join(test.dir, "outbox.db"), Buffer.alloc(8192, 7));
    assert.match(test.box.setAside ?? "", /damaged/);
    assert.notEqual(test.box.state().incarnation, incarnation);
    await test.box.append({ kind: "a", body: 2 });
    assert.equal(test.box.losses(1)[0]?.reason, "corrupt");
  });

  it("declares a gap for a row whose body is no JSON any more", async () => {
    for (let i = 0; i < 3; i++) await test.box.append({ kind: "a", body: { i } });
    const raw = new DatabaseSync(join(test.dir, "outbox.db"));
    raw.exec(`update events set body = '{"i' where seq = 2`);
    raw.close();
    assert.deepEqual(
      test.box.pendingAfter(0, 10).map(({ seq }) => seq),
      [1, 3],
    );
    const [gap] = test.box.pendingAfter(3, 10);
    assert.deepEqual(JSON.parse(gap!.wire).body, { from: 2, to: 2, reason: "corrupt" });
  });

  it("tells of an image whose file was cut short", async () => {
    const image = jpeg(500);
    const sha256 = createHash("sha256").update(image).digest("hex");
    const id = await test.box.append({ kind: "a", body: 1, images: [{ data: image }] });
    test.box.applyReceipt(receiptFor(test.box, { through: 1, tickets: [ticket(id, 0, sha256)] }));
    await truncate(join(test.dir, "images", `${id}.0`), 100);
    test.box.imageLost(test.box.ticketedImages(1)[0]!, "found 100 bytes");
    const [gap] = test.box.pendingAfter(0, 10);
    assert.deepEqual(JSON.parse(gap!.wire).body, { images: [sha256], reason: "corrupt" });
    assert.deepEqual(await test.files(), []);
  });
});
