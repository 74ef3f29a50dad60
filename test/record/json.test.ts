import assert from "node:assert/strict";
import fc from "fast-check";
import { parseStrictJson, topLevelTexts } from "../../src/record/json.ts";

describe("strict JSON", () => {
  it("reads what JSON.parse reads, where nothing is ambiguous", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        if (/\\u0000|\\ud[89a-f]/i.test(text)) return;
        assert.deepEqual(JSON.parse(JSON.stringify(parseStrictJson(text))), JSON.parse(text));
      }),
    );
  });

  it("takes nothing that JSON.parse refuses", () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.string({ maxLength: 2 }), (text, at, put) => {
        const mutated = text.slice(0, at % text.length) + put + text.slice((at % text.length) + 1);
        let taken = true;
        try {
          parseStrictJson(mutated);
        } catch {
          taken = false;
        }
        if (taken) assert.doesNotThrow(() => JSON.parse(mutated), mutated);
      }),
      { numRuns: 500 },
    );
  });

  for (const [name, text] of [
    ["duplicate keys", '{"a":1,"a":2}'],
    ["duplicate keys by escape", '{"a":1,"\\u0061":2}'],
    ["duplicate keys deep inside", '[{"x":{"a":1,"b":2,"a":3}}]'],
    ["a lone surrogate", '"\\ud800"'],
    ["surrogates in the wrong order", '"\\ude00\\ud83d"'],
    ["NUL", '"\\u0000"'],
    ["a raw control character", '"\u0001"'],
    ["a byte order mark", '\ufeff{"a":1}'],
    ["nesting beyond 32", `${"[".repeat(33)}${"]".repeat(33)}`],
    ["a trailing comma", "[1,]"],
    ["a leading zero", "[01]"],
    ["two values", "1 2"],
    ["nothing", ""],
  ] as const) {
    it(`refuses ${name}`, () => assert.throws(() => parseStrictJson(text)));
  }

  it("refuses fractions and large integers where only integers are taken", () => {
    for (const text of ["1.0", "1e3", "-0", "9007199254740992", "0.5"]) {
      assert.throws(() => parseStrictJson(text, { integersOnly: true }), text);
      assert.doesNotThrow(() => parseStrictJson(text));
    }
  });

  it("a key __proto__ is a key like any other", () => {
    const value = parseStrictJson('{"__proto__":{"polluted":1}}') as Record<string, unknown>;
    assert.deepEqual(Object.keys(value), ["__proto__"]);
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
  });

  it("gives the exact text of each field", () => {
    const fields = topLevelTexts('{ "a" : {"x": 1.50, "y":[ ]} , "b":"\\u00e9" }');
    assert.deepEqual(
      [...fields],
      [
        ["a", '{"x": 1.50, "y":[ ]}'],
        ["b", '"\\u00e9"'],
      ],
    );
  });

  it("many keys cost linear time", () => {
    const text = `{${Array.from({ length: 100_000 }, (_, i) => `"k${i}":0`).join(",")}}`;
    const from = performance.now();
    parseStrictJson(text);
    assert.ok(performance.now() - from < 5000);
  });
});
