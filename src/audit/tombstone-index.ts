import { batchCommit, siteRoot } from "../record/batch.ts";
import { fromHex, toHex } from "../record/bytes.ts";
import { FormatError } from "../record/text.ts";
import { parseTombstoneList, type TombstoneLine, tombstoneCommit } from "../record/tombstone.ts";
import { CompactTree, leafHash } from "../record/tree.ts";
import type { Fault } from "./row-walker.ts";
import type { StoredTombstone } from "./store-openings.ts";

type Of<Kind extends TombstoneLine["kind"]> = Extract<TombstoneLine, { kind: Kind }>;
/** A line with the seq of its tombstone; `used`: what it lists was met and is missing. */
export type Single<Kind extends "opening" | "event" | "image"> = Of<Kind> & { tombstone: number; used: boolean };
export type Range = Of<"openings"> & { tombstone: number; count: number; seen: number; tree: CompactTree };
export type SiteDay = Of<"site-day"> & {
  tombstone: number;
  seenBatches: number;
  seenEvents: number;
  tree: CompactTree;
};
export type ImageDay = Of<"image-day"> & { tombstone: number };

/** What a chain's tombstones say is gone. Its size follows their lines, never the chain. */
export class TombstoneIndex {
  readonly openings = new Map<string, Single<"opening">>();
  readonly events = new Map<string, Single<"event">>();
  readonly images = new Map<string, Single<"image">>();
  readonly ranges: Range[] = [];
  /** `<site> <day>`; of several lines on one day the newest, which takes in the earlier ones. */
  readonly siteDays = new Map<string, SiteDay>();
  readonly imageDays = new Map<string, ImageDay>();
  readonly #eventsByBatch = new Map<number, Single<"event">[]>();
  readonly #fault: (fault: Fault) => void;

  constructor(onFault: (fault: Fault) => void) {
    this.#fault = onFault;
  }

  /** Returns the lines that were understood. */
  add({ seq, list, commits }: StoredTombstone): TombstoneLine[] {
    // A missing list is a missing structural unit: reported where its row is walked.
    if (list === null) return [];
    try {
      const lines = parseTombstoneList(list);
      const committed = `commit erased ${tombstoneCommit(list)}\n`;
      if (commits !== committed) this.#say(seq, commits.trim() || "no commit", committed.trim());
      for (const line of lines) this.#index(line, seq);
      return lines;
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.#say(seq, error.message, "a list of tombstone lines");
      return [];
    }
  }

  #say(seq: number, found: string, expected: string): void {
    this.#fault({ seq, check: "tombstone", found, expected });
  }

  #index(line: TombstoneLine, tombstone: number): void {
    switch (line.kind) {
      case "opening":
        this.#older(line.seq, tombstone);
        this.openings.set(`${line.seq} ${line.unit}`, { ...line, tombstone, used: false });
        break;
      case "openings":
        this.#older(line.to, tombstone);
        this.ranges.push({ ...line, tombstone, seen: 0, tree: new CompactTree() });
        break;
      case "event":
        this.#older(line.batch, tombstone);
        this.#addEvent({ ...line, tombstone, used: false });
        break;
      case "image":
        this.#older(line.batch, tombstone);
        this.images.set(`${line.batch} ${line.site} ${line.index} ${line.unit}`, { ...line, tombstone, used: false });
        break;
      case "site-day":
        this.siteDays.set(`${line.site} ${line.day}`, {
          ...line,
          tombstone,
          seenBatches: 0,
          seenEvents: 0,
          tree: new CompactTree(),
        });
        break;
      case "image-day":
        this.imageDays.set(`${line.site} ${line.day}`, { ...line, tombstone });
    }
  }

  #addEvent(event: Single<"event">): void {
    this.events.set(`${event.batch} ${event.site} ${event.index}`, event);
    const batch = this.#eventsByBatch.get(event.batch);
    if (batch) batch.push(event);
    else this.#eventsByBatch.set(event.batch, [event]);
  }

  #older(seq: number, tombstone: number): void {
    if (seq >= tombstone) this.#say(tombstone, `a line about row ${seq}`, "rows older than the tombstone");
  }

  /** Whether a tombstone explains that the opening of this unit is gone. Counts it where a range lists it. */
  explainsOpening(seq: number, unit: string, hash: string): boolean {
    const single = this.openings.get(`${seq} ${unit}`);
    let explained = false;
    if (single && single.hash === hash) {
      single.used = true;
      explained = true;
    }
    return this.ranges.some((range) => inRange(range, seq, unit)) || explained;
  }

  /** Every unit of every row passes here: ranges count all that they span, gone before or with them. */
  countUnit(seq: number, unit: string, hash: string): void {
    for (const range of this.ranges) {
      if (!inRange(range, seq, unit)) continue;
      range.seen++;
      range.tree.add(leafHash(fromHex(hash)));
    }
  }

  /** A tombstone that lists this opening, though it is there. */
  listsOpening(seq: number, unit: string): number | undefined {
    const single = this.openings.get(`${seq} ${unit}`);
    if (single) single.used = true;
    return single?.tombstone ?? this.ranges.find((range) => inRange(range, seq, unit))?.tombstone;
  }

  /** Whether `event` lines list every event of this batch, and give the row's commit again. */
  rebuildsBatch(seq: number, tail: string): boolean {
    const bySite = new Map<string, Single<"event">[]>();
    for (const event of this.#eventsByBatch.get(seq) ?? []) {
      bySite.set(event.site, [...(bySite.get(event.site) ?? []), event]);
    }
    const sites = [...bySite.keys()].sort().map((site) => {
      const leaves = bySite.get(site)!.sort((a, b) => a.index - b.index);
      return { site, count: leaves.length, root: siteRoot(leaves.map(({ leaf }) => fromHex(leaf))) };
    });
    if (sites.length === 0 || !tail.startsWith(`commit events ${batchCommit(sites)}\n`)) return false;
    for (const event of this.#eventsByBatch.get(seq)!) event.used = true;
    return true;
  }

  /** Called last: what is listed must have been there, and ranges must count exactly. */
  finish(checked: { openings: boolean; events: boolean }): void {
    if (checked.openings) {
      for (const range of this.ranges) {
        const found = `${range.seen} ${toHex(range.tree.root())}`;
        const expected = `${range.count} ${range.root}`;
        if (found !== expected)
          this.#say(range.tombstone, `${found} units ${range.unit} in rows ${range.from} to ${range.to}`, expected);
      }
    }
    const singles = [
      ...(checked.openings ? this.openings.values() : []),
      ...(checked.events ? [...this.events.values(), ...this.images.values()] : []),
    ];
    for (const single of singles) {
      const what = single.kind === "opening" ? `row ${single.seq}` : `batch ${single.batch}`;
      if (!single.used)
        this.#say(single.tombstone, `a line on ${what} that is not missing there`, "only what was erased");
    }
  }
}

function inRange(range: Range, seq: number, unit: string): boolean {
  return range.unit === unit && seq >= range.from && seq <= range.to;
}
