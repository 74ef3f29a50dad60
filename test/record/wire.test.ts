import assert from "node:assert/strict";
import fc from "fast-check";
import { parseReceipt, parseStatus } from "../../src/record/receipts.ts";
import { parseWireEvents } from "../../src/record/wire.ts";

const good = {
  id: "018f2f7e-0000-7000-8000-000000000000",
  kind: "gate.passage",
  occurred: "2026-11-21T20:49:50.12Z",
  outbox: "0b9c1c9e-4c1d-4f4e-9a53-6f6e7d1c2b3a",
  seq: 7,
  subjects: ["plate:AB12CDE"],
  images: [{ sha256: "a".repeat(64), bytes: 5, type: "image/jpeg" }],
};
const withBody = (fields: Record<string, unknown>, body: string) =>
  `${JSON.stringify(fields).slice(0, -1)},"body":${body}}`;

describe("events on the wire", () => {
  it("the body is kept exactly as it came", () => {
    const body = '{ "speed" : 3.50,"e":1e3, "s":"\\u00e9\\/" ,"a":[ ]}';
    const [parsed] = parseWireEvents(withBody(good, body));
    assert.ok(parsed?.ok);
    assert.equal(parsed.event.body, body);
    assert.equal(parsed.event.occurred, "2026-11-21T20:49:50.120000Z");
    assert.deepEqual(parsed.event.images, good.images);
  });

  const bad: [string, string, string][] = [
    ["an unknown key", withBody({ ...good, x: 1 }, "1"), "schema"],
    ["a duplicate key", withBody(good, '1,"kind":"x"'), "malformed"],
    ["a duplicate key in the body", withBody(good, '{"a":1,"a":2}'), "malformed"],
    ["NUL in the body", withBody(good, '"\\u0000"'), "malformed"],
    ["a lone surrogate", withBody(good, '"\\udc00"'), "malformed"],
    ["nesting beyond 32", withBody(good, `${"[".repeat(40)}${"]".repeat(40)}`), "malformed"],
    ["no body", JSON.stringify(good), "schema"],
    ["another uuid version", withBody({ ...good, id: good.outbox }, "1"), "id-invalid"],
    ["local time", withBody({ ...good, occurred: "2026-11-21T20:49:50+01:00" }, "1"), "schema"],
    ["a kind with a space", withBody({ ...good, kind: "a b" }, "1"), "schema"],
    [
      "an image of another type",
      withBody({ ...good, images: [{ ...good.images[0], type: "image/gif" }] }, "1"),
      "image-type",
    ],
    ["17 subjects", withBody({ ...good, subjects: Array(17).fill("a") }, "1"), "schema"],
    ["seq without outbox", withBody({ ...good, outbox: undefined }, "1"), "schema"],
    ["seq 0", withBody({ ...good, seq: 0 }, "1"), "schema"],
    ["a fraction as seq", withBody({ ...good, seq: 1.5 }, "1"), "schema"],
    ["a number for an event", "5", "schema"],
  ];

  for (const [name, text, reason] of bad) {
    it(`${name} is refused as ${reason}, and blocks no other event`, () => {
      const ok = withBody(good, '"}],{"');
      const parsed = parseWireEvents(`[${ok}, ${text} ,${ok}]`);
      assert.deepEqual(
        parsed.map((entry) => entry.ok),
        [true, false, true],
      );
      const refused = parsed[1]!;
      assert.ok(!refused.ok);
      assert.equal(refused.reason, reason, refused.detail);
      assert.equal(refused.text, text);
      if (text.includes(`"id":"${good.id}"`)) assert.equal(refused.id, good.id);
    });
  }

  it("what is no JSON, empty or too much is refused as a whole", () => {
    for (const text of [
      "",
      "{",
      "[]",
      "[1",
      '{"id":"\u0001"}',
      "nul",
      `[${Array(201).fill(withBody(good, "1"))}]`,
      `${withBody(good, "1")} x`,
    ]) {
      assert.throws(() => parseWireEvents(text), { name: "FormatError" }, text.slice(0, 40));
    }
  });

  it("arbitrary text gives events, refusals or a FormatError, nothing else", () => {
    const pieces = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"',
      "\\",
      '"id"',
      '"body"',
      "1",
      "null",
      " ",
      "\ud800",
      "é",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        try {
          parseWireEvents(parts.join(""));
        } catch (error) {
          assert.equal((error as Error).name, "FormatError", `${parts.join("")}: ${error}`);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it("plain senders may leave the id out", () => {
    const { id: _, ...plain } = good;
    const [parsed] = parseWireEvents(withBody(plain, "1"), { plain: true });
    assert.ok(parsed?.ok && parsed.event.id === undefined);
  });
});

describe("receipts and status", () => {
  const receipt = {
    outbox: good.outbox,
    through: 5,
    ranges: [[7, 9]],
    rejects: [{ id: good.id, seq: 6, reason: "too-old", detail: "older than 7 days" }],
    backedUp: null,
    tickets: [],
    at: "2026-11-21T20:50:00.000000Z",
  };

  it("are read strictly", () => {
    assert.deepEqual(parseReceipt(JSON.stringify(receipt)), receipt);
    for (const change of [{ through: -1 }, { ranges: [[9, 7]] }, { extra: 1 }, { at: "now" }, { tickets: [{}] }]) {
      assert.throws(() => parseReceipt(JSON.stringify({ ...receipt, ...change })), { name: "FormatError" });
    }
    const status = { outbox: good.outbox, pending: 1, pendingBytes: 2, clock: receipt.at, version: "0.1.0" };
    assert.deepEqual(parseStatus(JSON.stringify(status)), status);
  });
});
