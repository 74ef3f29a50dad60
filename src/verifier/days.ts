import type { SiteLine } from "../record/batch.ts";
import { fromHex, toHex } from "../record/bytes.ts";
import type { NamedHash, Row } from "../record/row.ts";
import { dayOf } from "../record/time.ts";
import { leafHash } from "../record/tree.ts";
import type { Chain } from "./chain.ts";
import { type Counted, type Erasures, placeOf } from "./erasures.ts";
import type { Report } from "./report.ts";

/** Counts what the wide lines of tombstones speak of while the contents are walked, and compares at the end. Check 10. */
export class DayAccounts {
  readonly #erasures: Erasures;
  readonly #chain: Chain;
  readonly #report: Report;
  /** seqs of batches whose opening is gone and which no `event` lines rebuild, by day */
  readonly #missing = new Map<string, number[]>();
  #nextRange = 0;
  #openRanges: Counted<"openings">[] = [];

  constructor(erasures: Erasures, chain: Chain, report: Report) {
    this.#erasures = erasures;
    this.#chain = chain;
    this.#report = report;
  }

  siteOfBatch(row: Row, site: SiteLine): void {
    for (const counted of this.#erasures.siteDays.get(`${site.site} ${dayOf(row.at)}`) ?? []) {
      if (row.seq >= counted.by.row.seq) continue;
      counted.seen++;
      counted.events += site.count;
      counted.tree.add(leafHash(fromHex(site.root)));
    }
  }

  missingBatch(row: Row): void {
    const day = dayOf(row.at);
    const list = this.#missing.get(day);
    if (list) list.push(row.seq);
    else this.#missing.set(day, [row.seq]);
  }

  images(row: Row, site: string, images: NamedHash[]): void {
    for (const counted of this.#erasures.imageDays.get(`${site} ${dayOf(row.at)}`) ?? []) {
      if (row.seq >= counted.by.row.seq) continue;
      for (const { hash } of images) {
        counted.seen++;
        counted.tree.add(leafHash(fromHex(hash)));
      }
    }
  }

  /** An event that is not visible: its images are unknown, unless it went before the image-day line was written. */
  hiddenEvents(row: Row, site: string, erasedBy: number | undefined): void {
    for (const counted of this.#erasures.imageDays.get(`${site} ${dayOf(row.at)}`) ?? []) {
      const line = counted.by.row.seq;
      if (row.seq < line && (erasedBy === undefined || erasedBy > line)) counted.partial = true;
    }
  }

  /** Ranges `openings` that take in this row's unit. Rows come in ascending order. */
  rangesOf(seq: number, unit: NamedHash): Counted<"openings">[] {
    const { ranges } = this.#erasures;
    while (this.#nextRange < ranges.length && ranges[this.#nextRange]!.line.from <= seq) {
      this.#openRanges.push(ranges[this.#nextRange++]!);
    }
    this.#openRanges = this.#openRanges.filter(({ line }) => line.to >= seq);
    const covering = this.#openRanges.filter(({ line }) => line.unit === unit.name);
    for (const counted of covering) {
      counted.seen++;
      counted.tree.add(leafHash(fromHex(unit.hash)));
    }
    return covering;
  }

  #compare(counted: Counted<"site-day" | "image-day" | "openings">, claim: { count: number; exact: boolean }): void {
    const { line, by, seen, tree } = counted;
    const place = placeOf(by);
    if (seen > claim.count)
      this.#report.fail(10, place, `found ${line.kind} of ${claim.count}, but ${seen} are in the chain`);
    else if (claim.exact && (seen !== claim.count || toHex(tree.root()) !== line.root)) {
      this.#report.fail(
        10,
        place,
        `found ${line.kind} of ${claim.count} with a root that the chain does not give (${seen} seen)`,
      );
    }
  }

  finish(): void {
    for (const counted of this.#erasures.ranges) {
      const { from, to, count } = counted.line;
      this.#compare(counted, { count, exact: this.#chain.covers(from, to) });
    }
    for (const list of this.#erasures.imageDays.values()) {
      for (const counted of list) {
        const complete = !counted.partial && this.#chain.coversDay(counted.line.day, counted.by.row.seq);
        const exact = complete && !this.#missing.has(counted.line.day);
        this.#compare(counted, { count: counted.line.images, exact });
      }
    }
    for (const list of this.#erasures.siteDays.values()) {
      for (const counted of list) {
        const { line, by } = counted;
        const exact = this.#chain.coversDay(line.day, by.row.seq) && !this.#missing.has(line.day);
        this.#compare(counted, { count: line.batches, exact });
        if (counted.events > line.events || (exact && counted.events !== line.events)) {
          this.#report.fail(
            10,
            placeOf(by),
            `found site-day of ${line.events} events, but ${counted.events} are in the chain`,
          );
        }
      }
    }
    for (const [day, batches] of this.#missing) this.#coverMissing(day, batches);
  }

  /** The lines of a day must have room for each batch whose opening is gone. */
  #coverMissing(day: string, batches: number[]): void {
    const latest: Counted<"site-day">[] = [];
    for (const [key, list] of this.#erasures.siteDays) {
      if (key.endsWith(` ${day}`)) latest.push(list.reduce((a, b) => (a.by.row.seq > b.by.row.seq ? a : b)));
    }
    const uncovered = batches.find((seq) => !latest.some(({ by }) => by.row.seq > seq));
    if (uncovered !== undefined) {
      this.#report.fail(
        10,
        `row ${uncovered}`,
        "found its unit batch missing, and no tombstone that erased its events",
      );
      return;
    }
    const room = latest.reduce((sum, { line, seen }) => sum + line.batches - seen, 0);
    if (room < batches.length) {
      this.#report.fail(
        10,
        `row ${batches[0]}`,
        `found ${batches.length} batches of ${day} missing, and tombstones for ${room}`,
      );
    }
  }
}
