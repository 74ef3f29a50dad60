import assert from "node:assert/strict";
import { Backoff } from "../../src/edge/backoff.ts";
import { parseCode } from "../../src/edge/enrol.ts";

const device = "0190a000-0000-7000-8000-000000000001";
const secret = "abcdefghijklmnopqrstuvwxyz";
const caSha256 = "ab".repeat(32);

describe("edge enrolment code", () => {
  it("is read as it is printed, scanned in capitals, or typed with blanks", () => {
    const code = `LSE1.${device}.${secret}.${caSha256}`;
    const expected = { device, secret, caSha256 };
    assert.deepEqual(parseCode(code), expected);
    assert.deepEqual(parseCode(code.toUpperCase()), expected);
    assert.deepEqual(parseCode(` ${code.slice(0, 40)} ${code.slice(40)}\n`), expected);
  });

  it("is refused when a part is missing or too long", () => {
    for (const wrong of [
      "",
      `LSE2.${device}.${secret}.${caSha256}`,
      `LSE1.${device}.${secret}`,
      `LSE1.${device}.${secret}x.${caSha256}`,
      `LSE1.${device}.${secret.slice(1)}1.${caSha256}`,
      `LSE1.${device}.${secret}.${caSha256}.more`,
    ]) {
      assert.throws(() => parseCode(wrong), /not an enrolment code/, wrong);
    }
  });
});

describe("edge backoff", () => {
  it("grows to its limit, is spread by chance, and never runs hot", () => {
    const longest = new Backoff(1_000, 60_000, () => 1);
    const waits = Array.from({ length: 9 }, () => longest.nextMs());
    assert.deepEqual(waits, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    const shortest = new Backoff(1_000, 60_000, () => 0);
    for (let i = 0; i < 9; i++) assert.equal(shortest.nextMs(), 500);
    longest.reset();
    assert.equal(longest.nextMs(), 1_000);
  });
});
