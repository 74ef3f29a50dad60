import { names } from "../record/bag.ts";
import {
  compareWithheld,
  type EventOpening,
  type EventPlace,
  type Leaves,
  parseEventOpening,
  parseEventPlace,
  parseLeaves,
  parseWithheldLine,
  type RowOpening,
  type Withheld,
} from "../record/carried.ts";
import { type EventRecord, eventLeaf, maxEventBytes, parseEvent } from "../record/event.ts";
import { maxRowBytes } from "../record/row.ts";
import type { ScopeCounts, ScopeSite } from "../record/scope.ts";
import type { Timestamp } from "../record/time.ts";
import { type Chain, maxJsonLine, openRowOpenings } from "./chain.ts";
import { DayAccounts } from "./days.ts";
import { Erasures } from "./erasures.ts";
import { Cursor } from "./lines.ts";
import { Rules } from "./policy-check.ts";
import { CheckFailure, type CheckNumber } from "./report.ts";
import { openFile, type Run } from "./run.ts";
import { Tables } from "./tables-check.ts";
import { UuidSet } from "./uuid-set.ts";

/** An event of events.txt with its leaf hash. */
export type CarriedEvent = { event: EventRecord; leaf: Uint8Array };

/** The files that stand in the rows' order, each at its current place. */
export type Cursors = {
  openings: Cursor<RowOpening>;
  withheld: Cursor<Withheld>;
  leaves: Cursor<Leaves>;
  places: Cursor<EventPlace>;
  events: Cursor<CarriedEvent>;
  eventOpenings: Cursor<EventOpening>;
};

/** Everything that the second walk over the rows needs and gathers. */
export type Walk = {
  run: Run;
  chain: Chain;
  erasures: Erasures;
  rules: Rules;
  days: DayAccounts;
  tables: Tables;
  cursors: Cursors;
  counts: ScopeCounts;
  sites: Map<string, ScopeSite>;
  seenEvents: UuidSet;
  /** files of images that an opening names */
  imageFiles: Set<string>;
  /** `at` of the batches that tombstones name singly */
  batchAt: Map<number, Timestamp>;
  inScope: (seq: number) => boolean;
};

type FileOptions<T> = { check: CheckNumber; separator?: "\n\n"; json?: boolean; parse: (piece: string) => T };

function openCursor<T>(run: Run, file: string, options: FileOptions<T>): Promise<Cursor<T>> {
  return Cursor.open(openFile(run, file), {
    file,
    check: options.check,
    separator: options.separator ?? "\n",
    encoding: options.json ? "utf-8" : "ascii",
    maxLength: options.json ? maxJsonLine : maxRowBytes,
    parse: options.parse,
  });
}

function parseCarriedEvent(piece: string): CarriedEvent {
  const lines = `${piece}\n`;
  if (lines.length > maxEventBytes) throw new CheckFailure(8, names.events, "found an event too long");
  return { event: parseEvent(lines), leaf: eventLeaf(lines) };
}

async function openCursors(run: Run): Promise<Cursors> {
  return {
    openings: await openRowOpenings(run),
    withheld: await openCursor(run, names.withheld, { check: 10, parse: parseWithheldLine }),
    leaves: await openCursor(run, names.leaves, { check: 8, json: true, parse: parseLeaves }),
    places: await openCursor(run, names.eventsIndex, { check: 8, parse: parseEventPlace }),
    events: await openCursor(run, names.events, { check: 8, separator: "\n\n", parse: parseCarriedEvent }),
    eventOpenings: await openCursor(run, names.eventOpenings, { check: 7, json: true, parse: parseEventOpening }),
  };
}

export async function startWalk(run: Run, chain: Chain): Promise<Walk> {
  const { scope } = run.bag;
  const erasures = new Erasures(run, chain);
  const rules = new Rules(run, chain);
  rules.judge(erasures);
  const extra = new Set(scope.extra);
  const { range } = scope;
  return {
    run,
    chain,
    erasures,
    rules,
    days: new DayAccounts(erasures, chain, run.report),
    tables: new Tables(),
    cursors: await openCursors(run),
    counts: {
      rows: 0,
      openings: 0,
      events: 0,
      eventOpenings: 0,
      images: 0,
      imageBytes: 0,
      certificates: 0,
      withheldUnits: 0,
      withheldEvents: 0,
      withheldImages: 0,
    },
    sites: new Map(scope.sites.map((site) => [site.id, site])),
    seenEvents: new UuidSet(),
    imageFiles: new Set(),
    batchAt: new Map(),
    inScope: (seq) => (range !== null && seq >= range.from && seq <= range.to) || extra.has(seq),
  };
}

/** All withheld entries of a row, in their order. */
export async function takeWithheld(walk: Walk, seq: number): Promise<Withheld[]> {
  const { withheld } = walk.cursors;
  const here: Withheld[] = [];
  for (let entry = withheld.current; entry && entry.seq <= seq; entry = withheld.current) {
    if (entry.seq < seq) withheld.fail(`found row ${entry.seq}, which is not carried or out of order`);
    const before = here.at(-1);
    if (before && compareWithheld(before, entry) >= 0) withheld.fail("found lines out of order");
    here.push(entry);
    await withheld.advance();
  }
  return here;
}

/** All openings of a row by unit. */
export async function takeOpenings(walk: Walk, seq: number): Promise<Map<string, RowOpening>> {
  const { openings } = walk.cursors;
  const here = new Map<string, RowOpening>();
  let before = "";
  for (let opening = openings.current; opening && opening.seq <= seq; opening = openings.current) {
    if (opening.seq < seq)
      openings.fail(`found an opening of row ${opening.seq}, which is not carried or out of order`);
    if (opening.unit <= before)
      openings.fail(`found unit ${opening.unit} after ${before}, expected each once, ascending`);
    before = opening.unit;
    here.set(opening.unit, opening);
    walk.counts.openings++;
    await openings.advance();
  }
  return here;
}

/** Leaf hashes of a row's sites, as far as the bundle gives them. */
export async function takeLeaves(walk: Walk, seq: number): Promise<Map<string, Uint8Array>> {
  const { leaves } = walk.cursors;
  const here = new Map<string, Uint8Array>();
  let before = "";
  for (let entry = leaves.current; entry && entry.seq <= seq; entry = leaves.current) {
    if (entry.seq < seq || entry.site <= before) leaves.fail(`found row ${entry.seq}, not carried or out of order`);
    before = entry.site;
    here.set(entry.site, entry.leaves);
    await leaves.advance();
  }
  return here;
}
