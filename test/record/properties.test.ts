import assert from "node:assert/strict";
import fc from "fast-check";
import { batchContent, parseBatchContent } from "../../src/record/batch.ts";
import { fromBase64, fromHex, toBase64, toHex } from "../../src/record/bytes.ts";
import { parseCheckpoint, signCheckpoint } from "../../src/record/checkpoint.ts";
import { parseReason, reasonContent } from "../../src/record/control.ts";
import { isDayDue, lastDueDay, receivedBefore } from "../../src/record/due.ts";
import { ed25519Signer } from "../../src/record/ed25519.ts";
import { eventLines, parseEvent } from "../../src/record/event.ts";
import { actorTypes, channels, parseRow, type Row, rowLines } from "../../src/record/row.ts";
import { csvLine } from "../../src/record/tables.ts";
import { isTimestamp, timestampFromMicros, timestampFromRfc3339, timestampMicros } from "../../src/record/time.ts";
import { parseTombstoneList, type TombstoneLine, tombstoneList } from "../../src/record/tombstone.ts";

/** fast-check makes objects without prototype now and then, which deepEqual tells apart. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record<T>(model, { noNullPrototype: true });

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex);
const uuid = fc.uuid().map((id) => id.toLowerCase());
const token = fc.stringMatching(/^[A-Za-z0-9._:@/+-]{1,128}$/);
const micros = fc.integer({ min: 0, max: 9_000_000_000_000_000 });
const timestamp = micros.map(timestampFromMicros);
const number = fc.integer({ min: 1, max: 2 ** 53 - 1 });
const named = fc
  .uniqueArray(record({ name: token, hash }), { selector: ({ name }) => name, maxLength: 4 })
  .map((list) => list.sort((a, b) => (a.name < b.name ? -1 : 1)));

const row: fc.Arbitrary<Row> = record({
  tenant: uuid,
  epoch: number,
  seq: number,
  prev: hash,
  at: timestamp,
  actor: record({ type: fc.constantFrom(...actorTypes), id: token }),
  via: fc.constantFrom(...channels),
  action: token,
  entity: record({ type: token, id: token }),
  correlation: uuid,
  control: fc.nat(),
  commits: named,
  units: named,
}).map((fields) => ({ ...fields, control: Math.min(fields.control, fields.seq - 1) }));

describe("text forms", () => {
  it("rows are read back as they were written", () => {
    fc.assert(fc.property(row, (fields) => assert.deepEqual(parseRow(rowLines(fields)), fields)));
  });

  it("a row's text has one spelling: what is read is written again the same", () => {
    const edit = fc.tuple(fc.nat(), fc.nat(4), fc.string({ maxLength: 3 }));
    fc.assert(
      fc.property(row, edit, (fields, [at, cut, put]) => {
        const lines = rowLines(fields);
        const from = at % lines.length;
        const mutated = lines.slice(0, from) + put + lines.slice(from + cut);
        let read: Row;
        try {
          read = parseRow(mutated);
        } catch {
          return;
        }
        assert.equal(rowLines(read), mutated);
      }),
      { numRuns: 500 },
    );
  });

  it("no field lets a line break, a space or text beyond ASCII in", () => {
    const bad = fc.constantFrom("a b", "a\nb", "a\r", "é", "", "a".repeat(129), "a\u0000");
    fc.assert(
      fc.property(row, bad, (fields, id) => assert.throws(() => rowLines({ ...fields, actor: { type: "user", id } }))),
    );
  });

  it("events are read back as they were written", () => {
    const units = fc
      .tuple(hash, fc.uniqueArray(fc.nat(50), { maxLength: 5 }), hash)
      .map(([body, ns, image]) => [
        { name: "body", hash: body },
        ...ns.sort((a, b) => a - b).map((n) => ({ name: `image.${n}`, hash: image })),
      ]);
    const source = record({ type: fc.constantFrom("device" as const, "api-key" as const), id: uuid });
    const event = record({
      tenant: uuid,
      site: uuid,
      source,
      event: uuid,
      kind: token,
      occurred: timestamp,
      received: timestamp,
      units,
    });
    fc.assert(fc.property(event, (fields) => assert.deepEqual(parseEvent(eventLines(fields)), fields)));
  });

  it("batches, tombstone lists and reasons are read back as they were written", () => {
    const site = record({ site: uuid, count: number, root: hash });
    const sites = fc
      .uniqueArray(site, { selector: (entry) => entry.site, minLength: 1, maxLength: 5 })
      .map((list) => list.sort((a, b) => (a.site < b.site ? -1 : 1)));
    fc.assert(
      fc.property(timestamp, sites, (received, list) => {
        assert.deepEqual(parseBatchContent(batchContent({ received, sites: list })), { received, sites: list });
      }),
    );
    const day = timestamp.map((at) => at.slice(0, 10));
    const line: fc.Arbitrary<TombstoneLine> = fc.oneof(
      record({
        kind: fc.constant("opening" as const),
        seq: number,
        unit: fc.constantFrom("change", "context"),
        hash,
      }),
      record({
        kind: fc.constant("site-day" as const),
        site: uuid,
        day,
        batches: number,
        events: number,
        root: hash,
      }),
      record({ kind: fc.constant("image-day" as const), site: uuid, day, images: number, root: hash }),
      record({ kind: fc.constant("event" as const), batch: number, site: uuid, index: fc.nat(), leaf: hash }),
    );
    const list = fc.uniqueArray(line, { selector: (entry) => JSON.stringify(entry), minLength: 1, maxLength: 6 });
    fc.assert(fc.property(list, (entries) => assert.deepEqual(parseTombstoneList(tombstoneList(entries)), entries)));
    fc.assert(
      fc.property(uuid, number, uuid, (siteId, version, request) => {
        const reason = { basis: "request" as const, policies: [{ site: siteId, version }], request };
        assert.deepEqual(parseReason(reasonContent(reason)), reason);
      }),
    );
  });

  it("structural units are never listed, and no line twice", () => {
    const line: TombstoneLine = { kind: "opening", seq: 1, unit: "policy", hash: "0".repeat(64) };
    assert.throws(() => tombstoneList([line]), /structural/);
    assert.throws(
      () =>
        tombstoneList([
          { ...line, unit: "change" },
          { ...line, unit: "change" },
        ]),
      /twice/,
    );
  });

  it("timestamps go to microseconds and back; impossible ones are refused", () => {
    fc.assert(fc.property(micros, (value) => assert.equal(timestampMicros(timestampFromMicros(value)), value)));
    for (const text of [
      "2026-02-29T00:00:00.000000Z",
      "2026-01-01T24:00:00.000000Z",
      "2026-01-01T00:00:60.000000Z",
      "2026-01-01T00:00:00Z",
    ]) {
      assert.equal(isTimestamp(text), false, text);
    }
    assert.equal(timestampFromRfc3339("2026-11-21T20:49:50Z"), "2026-11-21T20:49:50.000000Z");
    assert.equal(timestampFromRfc3339("2026-11-21T20:49:50.12Z"), "2026-11-21T20:49:50.120000Z");
    for (const text of ["2026-11-21T20:49:50+01:00", "2026-11-21T20:49:50.1234567Z", "2026-11-21 20:49:50Z"]) {
      assert.equal(timestampFromRfc3339(text), undefined, text);
    }
  });

  it("base64 and hex have one spelling", () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => assert.deepEqual([...fromBase64(toBase64(bytes))], [...bytes])));
    for (const text of ["QQ", "QR==", "QQ==\n", "Q Q=", "-_=="]) assert.throws(() => fromBase64(text));
    for (const text of ["AB", "abc", "zz"]) assert.throws(() => fromHex(text));
  });

  it("a checkpoint is read back, and by one spelling alone", () => {
    const signer = ed25519Signer(new Uint8Array(32).fill(3));
    fc.assert(
      fc.property(uuid, uuid, number, number, (appliance, tenant, epoch, size) => {
        const checkpoint = {
          appliance,
          tenant,
          epoch,
          size,
          root: new Uint8Array(32),
          sealed: "2026-11-21T20:50:00.000000Z",
        };
        const text = signCheckpoint(checkpoint, signer);
        assert.deepEqual(parseCheckpoint(text).checkpoint, checkpoint);
        assert.throws(() => parseCheckpoint(text.replace("\nsealed", "\n\nsealed")));
        assert.throws(() => parseCheckpoint(`${text}\n`));
      }),
      { numRuns: 20 },
    );
  });

  it("a cell never begins a formula, and quotes stay inside", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const line = csvLine([text]).slice(0, -2);
        assert.ok(!/^"?[=+\-@\t\r\n＝＋－＠ ]/u.test(line), line);
        if (line.startsWith('"')) assert.match(line, /^"(?:[^"]|"")*"$/);
      }),
    );
  });
});

describe("due days", () => {
  it("a policy of N days keeps at most N × 24 h and at least N-1 days", () => {
    fc.assert(
      fc.property(timestamp, fc.integer({ min: 1, max: 400 }), (at, days) => {
        const before = receivedBefore(at, days);
        const age = timestampMicros(at) - timestampMicros(before);
        const day = 86_400_000_000;
        assert.ok(age >= (days - 1) * day && age < days * day);
        assert.equal(isDayDue(lastDueDay(at, days), at, days), true);
        assert.equal(isDayDue(before.slice(0, 10), at, days), false);
      }),
    );
  });
});
