import { createHmac } from "node:crypto";
import type { Queryable } from "../platform/db.ts";
import {
  type BatchContent,
  batchCommit,
  batchTimesAgree,
  eventsRecordedAction,
  parseBatchContent,
} from "../record/batch.ts";
import { fromHex, toHex } from "../record/bytes.ts";
import { FormatError } from "../record/text.ts";
import { dayOf } from "../record/time.ts";
import { leafHash } from "../record/tree.ts";
import { isStructuralUnit } from "../record/unit.ts";
import type { Fault } from "./row-walker.ts";
import { readBatches, readOpenings, type StoredBatch, type StoredOpening } from "./store-openings.ts";
import type { TombstoneIndex } from "./tombstone-index.ts";
import type { WalkedRow } from "./walked-row.ts";

/** A batch whose opening is there and matches its row. */
export type VisibleBatch = StoredBatch & { parsed: BatchContent; day: string };

function hashOf(opening: { salt: Buffer; content: string }, unit: string): string {
  return createHmac("sha256", opening.salt)
    .update(`ledgerstone/unit/v1\n${unit}\n`)
    .update(opening.content, "utf8")
    .digest("hex");
}

/** Openings against unit lines, and batches against both; what is missing must be explained by a tombstone. */
export class OpeningsCheck {
  checked = 0;
  erased = 0;
  readonly #tombstones: TombstoneIndex;
  readonly #fault: (fault: Fault) => void;
  /** Days on which the opening of a batch is gone, with how many and the first row. */
  readonly #missingBatches = new Map<string, { count: number; first: number }>();

  constructor(tombstones: TombstoneIndex, onFault: (fault: Fault) => void) {
    this.#tombstones = tombstones;
    this.#fault = onFault;
  }

  /** The rows from..to, of which `rows` are those with units. Returns their visible batches. */
  async check(
    tx: Queryable,
    tenantId: string,
    range: { from: number; to: number },
    rows: WalkedRow[],
  ): Promise<VisibleBatch[]> {
    const openings = new Map<string, StoredOpening>();
    for (const opening of await readOpenings(tx, tenantId, range.from, range.to))
      openings.set(`${opening.seq} ${opening.unit}`, opening);
    const batchRows = rows.filter((row) => row.action === eventsRecordedAction);
    const batches = new Map<number, StoredBatch>();
    if (batchRows.length > 0) {
      const times = { fromAt: batchRows[0]!.at, toAt: batchRows.at(-1)!.at };
      for (const batch of await readBatches(tx, tenantId, { ...range, ...times })) batches.set(batch.seq, batch);
    }
    const visible: VisibleBatch[] = [];
    for (const row of rows) {
      for (const [unit, hash] of unitsOf(row)) {
        if (unit === "batch" && row.action === eventsRecordedAction) {
          const batch = this.#batch(row, hash, batches.get(row.seq));
          if (batch) visible.push(batch);
          continue;
        }
        this.#opening(row.seq, unit, hash, openings.get(`${row.seq} ${unit}`));
        openings.delete(`${row.seq} ${unit}`);
      }
    }
    for (const { seq, unit } of openings.values()) {
      this.#fault({
        seq,
        check: "opening",
        found: `an opening of unit ${unit} that the row does not name`,
        expected: "only openings of the row's units",
      });
    }
    return visible;
  }

  #opening(seq: number, unit: string, hash: string, opening: StoredOpening | undefined): void {
    this.#tombstones.countUnit(seq, unit, hash);
    if (!opening) {
      if (isStructuralUnit(unit)) {
        this.#fault({
          seq,
          check: "opening",
          found: `no opening of structural unit ${unit}`,
          expected: "structural units are never erased",
        });
      } else if (this.#tombstones.explainsOpening(seq, unit, hash)) this.erased++;
      else
        this.#fault({
          seq,
          check: "opening",
          found: `no opening of unit ${unit}`,
          expected: "the opening, or a tombstone that lists it",
        });
      return;
    }
    this.checked++;
    const computed = hashOf(opening, unit);
    if (computed !== hash || opening.hash !== hash) {
      this.#fault({
        seq,
        check: "opening",
        found: `unit ${unit} opens to ${computed}`,
        expected: `${hash}, as the row says`,
      });
    }
    const tombstone = this.#tombstones.listsOpening(seq, unit);
    if (tombstone !== undefined) {
      this.#fault({
        seq: tombstone,
        check: "tombstone",
        found: `row ${seq} unit ${unit} still open`,
        expected: "erased, as its list says",
      });
    }
  }

  #batch(row: WalkedRow, hash: string, batch: StoredBatch | undefined): VisibleBatch | undefined {
    const say = (found: string, expected: string): void =>
      this.#fault({ seq: row.seq, check: "batch", found, expected });
    const day = dayOf(row.at);
    if (!batch) {
      if (this.#tombstones.rebuildsBatch(row.seq, row.tail)) {
        this.erased++;
        return undefined;
      }
      const missing = this.#missingBatches.get(day) ?? { count: 0, first: row.seq };
      missing.count++;
      this.#missingBatches.set(day, missing);
      this.erased++;
      return undefined;
    }
    this.checked++;
    const computed = hashOf(batch, "batch");
    if (computed !== hash || batch.hash !== hash) {
      say(`unit batch opens to ${computed}`, `${hash}, as the row says`);
      return undefined;
    }
    try {
      const parsed = parseBatchContent(batch.content);
      const commit = `commit events ${batchCommit(parsed.sites)}\n`;
      if (!row.tail.startsWith(commit)) say(row.tail.split("\n", 1)[0]!, commit.trim());
      if (parsed.received !== batch.received || !batchTimesAgree(parsed.received, row.at)) {
        say(
          `received ${batch.received}, hashed as ${parsed.received}, appended ${row.at}`,
          "one time, within 10 minutes and one UTC day of the row",
        );
      }
      for (const { site, count, root } of parsed.sites) {
        const line = this.#tombstones.siteDays.get(`${site} ${day}`);
        if (!line || line.tombstone < row.seq) continue;
        line.seenBatches++;
        line.seenEvents += count;
        line.tree.add(leafHash(fromHex(root)));
      }
      return { ...batch, parsed, day };
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      say(error.message, "the content of a unit batch");
      return undefined;
    }
  }

  /** Called last: day by day, the batches that are gone against what the site-day lines list beyond the visible ones. */
  finish(): void {
    const surplus = new Map<string, number>();
    for (const line of this.#tombstones.siteDays.values()) {
      const say = (found: string, expected: string): void =>
        this.#fault({ seq: line.tombstone, check: "tombstone", found, expected });
      const what = `site-day ${line.site} ${line.day}`;
      surplus.set(line.day, (surplus.get(line.day) ?? 0) + line.batches - line.seenBatches);
      if (this.#missingBatches.has(line.day)) {
        if (line.batches < line.seenBatches || line.events < line.seenEvents) {
          say(`${what} lists ${line.batches} batches`, `at least the ${line.seenBatches} that are visible`);
        }
        continue;
      }
      const found = `${line.seenBatches} ${line.seenEvents} ${toHex(line.tree.root())}`;
      const listed = `${line.batches} ${line.events} ${line.root}`;
      if (found !== listed) say(`${what} lists ${listed}`, found);
    }
    for (const [day, { count, first }] of this.#missingBatches) {
      if (count > (surplus.get(day) ?? 0)) {
        this.#fault({
          seq: first,
          check: "batch",
          found: `${count} openings of unit batch missing on ${day}`,
          expected: `at most the ${surplus.get(day) ?? 0} that site-day lines explain`,
        });
      }
    }
  }
}

function* unitsOf(row: WalkedRow): Generator<[unit: string, hash: string]> {
  for (let at = row.tail.indexOf("unit "); at >= 0; at = row.tail.indexOf("unit ", at + 1)) {
    if (at > 0 && row.tail[at - 1] !== "\n") continue;
    const end = row.tail.indexOf("\n", at);
    const space = row.tail.indexOf(" ", at + 5);
    yield [row.tail.slice(at + 5, space), row.tail.slice(space + 1, end)];
  }
}
