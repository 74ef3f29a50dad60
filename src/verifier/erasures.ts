import { parseReason, type Reason } from "../record/control.ts";
import { namedHash, type Row } from "../record/row.ts";
import { FormatError } from "../record/text.ts";
import { startOfDay } from "../record/time.ts";
import { erasedAction, parseTombstoneList, type TombstoneLine, tombstoneCommit } from "../record/tombstone.ts";
import { CompactTree } from "../record/tree.ts";
import type { Chain, ControlRow } from "./chain.ts";
import type { Run } from "./run.ts";

export type Tombstone = { row: Row; hash: string; reason: Reason | undefined; lines: TombstoneLine[] };

type LineOf<K extends TombstoneLine["kind"]> = Extract<TombstoneLine, { kind: K }>;

/** A line with its tombstone, and what the walk over the contents saw of it. */
export type Counted<K extends TombstoneLine["kind"]> = K extends TombstoneLine["kind"]
  ? {
      line: LineOf<K>;
      by: Tombstone;
      /** seen: batches of a site-day, images of an image-day, rows of openings */
      seen: number;
      /** events of the batches seen */
      events: number;
      tree: CompactTree;
      /** something that the line may speak of is not in the bundle: counts are lower bounds */
      partial: boolean;
    }
  : never;

export type Mark<K extends TombstoneLine["kind"]> = K extends TombstoneLine["kind"]
  ? { line: LineOf<K>; by: Tombstone }
  : never;

export function placeOf(by: Tombstone): string {
  return `row ${by.row.seq}`;
}

function isOlder(line: TombstoneLine, row: Row): boolean {
  switch (line.kind) {
    case "opening":
      return line.seq < row.seq;
    case "openings":
      return line.to < row.seq;
    case "site-day":
    case "image-day":
      return startOfDay(line.day) <= row.at;
    default:
      return line.batch < row.seq;
  }
}

/** What all carried tombstones list, ready to be asked by place. A tombstone speaks only of rows of lower seq. */
export class Erasures {
  readonly tombstones: Tombstone[] = [];
  readonly siteDays = new Map<string, Counted<"site-day">[]>();
  readonly imageDays = new Map<string, Counted<"image-day">[]>();
  readonly ranges: Counted<"openings">[] = [];
  readonly #events = new Map<string, Mark<"event">[]>();
  readonly #images = new Map<string, Mark<"image">[]>();
  readonly #openings = new Map<number, Mark<"opening">[]>();
  readonly #sitesOfBatch = new Map<number, Set<string>>();

  constructor(run: Run, chain: Chain) {
    for (const control of chain.control) if (control.row.action === erasedAction) this.#read(run, control);
    this.ranges.sort((a, b) => a.line.from - b.line.from);
  }

  #read(run: Run, { row, hash, contents }: ControlRow): void {
    const tombstone: Tombstone = { row, hash, reason: undefined, lines: [] };
    this.tombstones.push(tombstone);
    try {
      const list = contents.get("list");
      const reason = contents.get("reason");
      if (list === undefined || reason === undefined) throw new FormatError("found no unit list or no unit reason");
      if (tombstoneCommit(list) !== namedHash(row.commits, "erased"))
        throw new FormatError("found a list unlike commit erased");
      tombstone.reason = parseReason(reason);
      tombstone.lines = parseTombstoneList(list);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      run.report.fail(10, `row ${row.seq}`, error.message);
      return;
    }
    for (const line of tombstone.lines) {
      if (!isOlder(line, row)) run.report.fail(10, `row ${row.seq}`, `found a line that is not older: ${line.kind}`);
      this.#index(line, tombstone);
    }
  }

  #index(line: TombstoneLine, by: Tombstone): void {
    const counted = { by, seen: 0, events: 0, tree: new CompactTree(), partial: false };
    if (line.kind === "openings") this.ranges.push({ line, ...counted });
    else if (line.kind === "site-day") push(this.siteDays, `${line.site} ${line.day}`, { line, ...counted });
    else if (line.kind === "image-day") push(this.imageDays, `${line.site} ${line.day}`, { line, ...counted });
    else if (line.kind === "opening") push(this.#openings, line.seq, { line, by });
    else if (line.kind === "event") {
      push(this.#events, `${line.batch} ${line.site}`, { line, by });
      this.#sitesOfBatch.set(line.batch, (this.#sitesOfBatch.get(line.batch) ?? new Set()).add(line.site));
    } else push(this.#images, `${line.batch} ${line.site} ${line.index}`, { line, by });
  }

  /** Lines `event` of a site and batch, by index. */
  eventsOf(batch: number, site: string): Mark<"event">[] {
    const marks = this.#events.get(`${batch} ${site}`) ?? [];
    return marks.sort((a, b) => a.line.index - b.line.index);
  }

  /** Sites of which single events of this batch were erased, ascending. */
  sitesOfBatch(batch: number): string[] {
    return [...(this.#sitesOfBatch.get(batch) ?? [])].sort();
  }

  /** The latest line that takes in every event of the site on that day below its tombstone. */
  siteDay(site: string, day: string, seq: number): Counted<"site-day"> | undefined {
    return this.siteDays.get(`${site} ${day}`)?.findLast(({ by }) => by.row.seq > seq);
  }

  imageDay(site: string, day: string, seq: number): Counted<"image-day"> | undefined {
    return this.imageDays.get(`${site} ${day}`)?.findLast(({ by }) => by.row.seq > seq);
  }

  /** Lines `image` of one event. */
  imagesOf(batch: number, site: string, index: number): Mark<"image">[] {
    return this.#images.get(`${batch} ${site} ${index}`) ?? [];
  }

  /** Lines `opening` of one row. */
  openingsOf(seq: number): Mark<"opening">[] {
    return this.#openings.get(seq) ?? [];
  }

  *singleMarks(): Generator<Mark<"event" | "image">> {
    for (const marks of this.#events.values()) yield* marks;
    for (const marks of this.#images.values()) yield* marks;
  }
}

function push<K, T>(map: Map<K, T[]>, key: K, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
