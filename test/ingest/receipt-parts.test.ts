import assert from "node:assert/strict";
import { cutReceipt, mergeReceipts } from "../../src/ingest/receipt-parts.ts";
import type { Receipt, Reject } from "../../src/record/receipts.ts";

const reject = (seq: number | null): Reject => ({ id: `id ${seq}`, seq, reason: "schema", detail: "" });
const seqs = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, n) => from + n);
const receipt = (more: Partial<Receipt>): Receipt => ({
  outbox: "00000000-0000-4000-8000-000000000001",
  through: 0,
  ranges: [],
  rejects: [],
  backedUp: null,
  tickets: [],
  at: "2026-11-21T20:50:00.000000Z",
  ...more,
});
const covers = ({ through, ranges }: Receipt, seq: number): boolean =>
  seq <= through || ranges.some(([from, to]) => seq >= from && seq <= to);

function partsOf(whole: Receipt): Receipt[] {
  const parts: Receipt[] = [];
  for (let rest: Receipt | undefined = whole; rest; ) {
    const { now, later }: { now: Receipt; later?: Receipt } = cutReceipt(rest);
    parts.push(now);
    rest = later;
  }
  return parts;
}

describe("ingest: receipts in parts", () => {
  const shuffled = seqs(1, 3500).sort(() => Math.random() - 0.5);
  const wholes: Record<string, Receipt> = {
    "one run of numbers": receipt({ through: 5000, rejects: shuffled.map(reject) }),
    "ranges alone": receipt({ ranges: [[2, 4000]], rejects: shuffled.filter((seq) => seq > 1).map(reject) }),
    "both, and some without a number": receipt({
      through: 1200,
      ranges: [
        [1300, 2000],
        [2500, 9000],
      ],
      rejects: [...seqs(1, 1200), ...seqs(1300, 1900), ...seqs(2600, 4000)].map(reject).concat(reject(null)),
    }),
  };
  for (const [name, whole] of Object.entries(wholes)) {
    it(`no part covers a reject that is not told yet: ${name}`, () => {
      const parts = partsOf(whole);
      assert.ok(parts.length > 1);
      const told = new Set<number | null>();
      for (const part of parts) {
        assert.ok(part.rejects.length <= 1000);
        for (const each of part.rejects) told.add(each.seq);
        const silent = whole.rejects.filter(({ seq }) => seq !== null && !told.has(seq) && covers(part, seq));
        assert.deepEqual(silent, []);
      }
      assert.equal(told.size, whole.rejects.length);
      const last = parts.at(-1)!;
      assert.deepEqual([last.through, last.ranges], [whole.through, whole.ranges]);
    });
  }

  it("a receipt that fits goes as it is", () => {
    const whole = receipt({ through: 9, ranges: [[11, 12]], rejects: [reject(3), reject(12)] });
    assert.deepEqual(cutReceipt(whole), { now: whole });
  });

  it("however many wait, each is told, the later ones without words", () => {
    const worded = (seq: number): Reject => ({ ...reject(seq), detail: "kind: expected a token" });
    const older = receipt({ through: 15_000, rejects: seqs(1, 15_000).map(worded) });
    const newer = receipt({ through: 30_000, rejects: seqs(15_001, 30_000).map(worded) });
    const parts = partsOf(mergeReceipts(older, newer));
    assert.deepEqual(
      parts.flatMap(({ rejects }) => rejects.map(({ seq }) => seq)),
      seqs(1, 30_000),
    );
    assert.equal(parts.flatMap(({ rejects }) => rejects).filter(({ detail }) => detail !== "").length, 20_000);
  });
});
