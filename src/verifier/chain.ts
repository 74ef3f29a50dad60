import { names } from "../record/bag.ts";
import { fromHex } from "../record/bytes.ts";
import { parseRowOpening, type RowOpening } from "../record/carried.ts";
import { isControlAction, maxRowBytes, parseRow, type Row, rowHash } from "../record/row.ts";
import { endOfDay, startOfDay, type Timestamp } from "../record/time.ts";
import { isStructuralUnit } from "../record/unit.ts";
import { Cursor } from "./lines.ts";
import { Linker } from "./link.ts";
import { CheckFailure } from "./report.ts";
import { openFile, type Run } from "./run.ts";

export type HashedRow = { row: Row; hash: string };

/** A row `ledger.…` with the contents of its structural units, as the bundle gives them (check 7 says whether they match). */
export type ControlRow = HashedRow & { contents: Map<string, string> };

/** What the first walk over the rows keeps: 40 bytes a row, and all control rows. */
export class Chain {
  readonly control: ControlRow[] = [];
  /** uuid of each carried `erasure.requested` with its seq */
  readonly requests = new Map<string, number>();
  readonly seqs: number[] = [];
  #hashes = new Uint8Array(32 * 1024);
  /** `at` of the range's ends */
  rangeFrom: { seq: number; at: Timestamp } | undefined;
  rangeTo: { seq: number; at: Timestamp } | undefined;

  add({ row, hash }: HashedRow): void {
    const at = this.seqs.length * 32;
    if (at === this.#hashes.length) {
      const larger = new Uint8Array(2 * at);
      larger.set(this.#hashes);
      this.#hashes = larger;
    }
    this.#hashes.set(fromHex(hash), at);
    this.seqs.push(row.seq);
  }

  /** Raw row hash of the i-th carried row. */
  rowHashAt(i: number): Uint8Array {
    return this.#hashes.subarray(32 * i, 32 * i + 32);
  }

  /** All rows from..to are carried. */
  covers(from: number, to: number): boolean {
    return (
      this.rangeFrom !== undefined && this.rangeTo !== undefined && this.rangeFrom.seq <= from && to <= this.rangeTo.seq
    );
  }

  /** All rows of the UTC day below the seq are carried. */
  coversDay(day: string, belowSeq: number): boolean {
    const { rangeFrom: first, rangeTo: last } = this;
    if (!first || !last) return false;
    const fromStart = first.seq === 1 || first.at < startOfDay(day);
    return fromStart && (last.seq >= belowSeq - 1 || last.at >= endOfDay(day));
  }
}

export function openRows(run: Run): Promise<Cursor<HashedRow>> {
  return Cursor.open(openFile(run, names.rows), {
    check: 3,
    file: names.rows,
    separator: "\n\n",
    encoding: "ascii",
    maxLength: maxRowBytes,
    parse: (piece) => {
      const lines = `${piece}\n`;
      return { row: parseRow(lines), hash: rowHash(lines) };
    },
  });
}

/** Longest line of the JSON files: an opening of 1 MiB, every byte escaped. */
export const maxJsonLine = 8 * 1024 * 1024;

export function openRowOpenings(run: Run): Promise<Cursor<RowOpening>> {
  return Cursor.open(openFile(run, names.openings), {
    check: 7,
    file: names.openings,
    separator: "\n",
    encoding: "utf-8",
    maxLength: maxJsonLine,
    parse: parseRowOpening,
  });
}

/** Contents of the structural units of control rows, walked beside the rows. Faults of the file wait for check 7. */
class ControlContents {
  #openings: Cursor<RowOpening> | undefined;

  static async open(run: Run): Promise<ControlContents> {
    const contents = new ControlContents();
    await contents.#guarded(run, async () => {
      contents.#openings = await openRowOpenings(run);
    });
    return contents;
  }

  async #guarded(run: Run, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof CheckFailure)) throw error;
      run.report.caught(error);
      this.#openings = undefined;
    }
  }

  async of(run: Run, row: Row): Promise<Map<string, string>> {
    const contents = new Map<string, string>();
    await this.#guarded(run, async () => {
      const openings = this.#openings;
      for (let opening = openings?.current; opening && opening.seq <= row.seq; opening = openings?.current) {
        if (opening.seq === row.seq && isStructuralUnit(opening.unit) && typeof opening.content === "string") {
          contents.set(opening.unit, opening.content);
        }
        await openings!.advance();
      }
    });
    return contents;
  }
}

function checkScope(run: Run, chain: Chain, inRange: number): void {
  const { scope } = run.bag;
  const { report } = run;
  const carried = new Set(scope.extra);
  for (const seq of chain.seqs) carried.delete(seq);
  for (const seq of carried) report.fail(4, `row ${seq}`, "found it missing, expected every row of scope.json's extra");
  if (scope.range && inRange !== scope.range.to - scope.range.from + 1) {
    const { from, to } = scope.range;
    report.fail(
      4,
      `row ${firstMissing(chain.seqs, from)}`,
      `found ${inRange} rows of ${from} to ${to}, expected each one`,
    );
  }
  if (chain.seqs.at(-1) !== scope.checkpoint.size) {
    report.fail(
      4,
      `row ${scope.checkpoint.size}`,
      `found last row ${chain.seqs.at(-1)}, expected the checkpoint's last`,
    );
  }
}

function firstMissing(seqs: number[], from: number): number {
  let expected = from;
  for (const seq of seqs) if (seq === expected) expected++;
  return expected;
}

/** Checks 3 and 4. Throws CheckFailure when the rows cannot be walked. */
export async function readChain(run: Run): Promise<Chain> {
  const { scope } = run.bag;
  const chain = new Chain();
  const linker = new Linker(scope.tenant, run.report);
  const extra = new Set(scope.extra);
  const contents = await ControlContents.open(run);
  const rows = await openRows(run);
  let inRange = 0;
  for (let entry = rows.current; entry; entry = rows.current) {
    const { row, hash } = entry;
    if (row.seq <= (chain.seqs.at(-1) ?? 0))
      throw new CheckFailure(4, `row ${row.seq}`, "found rows not strictly ascending");
    linker.add(row, hash);
    chain.add(entry);
    const ranged = scope.range !== null && row.seq >= scope.range.from && row.seq <= scope.range.to;
    if (ranged) {
      inRange++;
      chain.rangeFrom ??= { seq: row.seq, at: row.at };
      chain.rangeTo = { seq: row.seq, at: row.at };
    }
    const control = isControlAction(row.action);
    if (!ranged && !control && !extra.has(row.seq) && row.seq !== scope.checkpoint.size) {
      run.report.fail(4, `row ${row.seq}`, "found a row that is neither in scope nor needed for the proof");
    }
    if (control) chain.control.push({ ...entry, contents: await contents.of(run, row) });
    if (row.action === "erasure.requested" && row.entity.type === "request") chain.requests.set(row.entity.id, row.seq);
    if (rows.number % 1000 === 0) run.progress({ step: "linking rows", done: rows.number, total: scope.counts.rows });
    await rows.advance();
  }
  if (chain.seqs.length === 0)
    throw new CheckFailure(3, names.rows, "found no rows: a bundle of nothing proves nothing");
  if (inRange + extra.size === 0)
    run.report.fail(4, names.scope, "found no row in scope: a bundle of nothing proves nothing");
  checkScope(run, chain, inRange);
  run.report.detail(3, `${chain.seqs.length} rows`);
  return chain;
}
