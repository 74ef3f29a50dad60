import {
  type BatchContent,
  batchCommit,
  batchTimesAgree,
  parseBatchContent,
  type SiteLine,
  siteRoot,
} from "../record/batch.ts";
import { equalBytes, fromHex, toHex } from "../record/bytes.ts";
import type { Withheld } from "../record/carried.ts";
import { namedHash, type Row } from "../record/row.ts";
import { FormatError } from "../record/text.ts";
import { dayOf } from "../record/time.ts";
import { type Counted, type Mark, placeOf } from "./erasures.ts";
import { walkEvent } from "./event-walk.ts";
import { takeLeaves, type Walk } from "./walk.ts";

type Leaf = { index: number; leaf: Uint8Array };
type SiteHere = {
  row: Row;
  batch: BatchContent;
  site: SiteLine;
  visible: Leaf[];
  withheld: Extract<Withheld, { kind: "events" }>[];
  marks: Mark<"event">[];
  siteDay: Counted<"site-day"> | undefined;
};

function labelOf({ row, site }: Pick<SiteHere, "row" | "site">): string {
  return `row ${row.seq}, site ${site.site}`;
}

function readBatch(walk: Walk, row: Row, content: string | Uint8Array): BatchContent | undefined {
  const { report } = walk.run;
  const place = `row ${row.seq}`;
  try {
    const batch = parseBatchContent(typeof content === "string" ? content : "");
    const commit = batchCommit(batch.sites);
    if (commit !== namedHash(row.commits, "events"))
      report.fail(8, place, `found commit events unlike ${commit} of its site lines`);
    if (!batchTimesAgree(batch.received, row.at)) {
      report.fail(
        8,
        place,
        `found received ${batch.received} and at ${row.at}, expected at most 10 min apart on one UTC day`,
      );
    }
    return batch;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    report.fail(8, place, error.message);
    return undefined;
  }
}

/** Walks the events of one site that are in the bundle (8), and their units. */
async function walkVisible(walk: Walk, here: SiteHere, imagesWithheld: Withheld[]): Promise<void> {
  const { places, events } = walk.cursors;
  const { row, site, batch, visible } = here;
  let before = "";
  for (let place = places.current; place?.seq === row.seq && place.site === site.site; place = places.current) {
    const carried = events.current;
    if (!carried) return events.fail("found fewer events than events.index has lines");
    const { event } = carried;
    if (place.index <= (visible.at(-1)?.index ?? -1)) places.fail(`found index ${place.index} out of order`);
    if (place.index >= site.count)
      places.fail(`found index ${place.index}, expected less than the site's ${site.count}`);
    if (event.tenant !== row.tenant || event.site !== site.site || event.received !== batch.received) {
      events.fail(`found an event of another tenant, site or batch than ${labelOf(here)}`);
    }
    if (event.event <= before) events.fail(`found event ${event.event} after ${before}, expected ids ascending`);
    before = event.event;
    visible.push({ index: place.index, leaf: carried.leaf });
    await places.advance();
    await events.advance();
    await walkEvent(walk, row, carried, place, imagesWithheld);
  }
}

/** Every index is visible, erased or withheld, and only one of them (10). Work is bounded by what is listed, not by counts. */
function judgeIndices(walk: Walk, here: SiteHere): void {
  const { report } = walk.run;
  const { visible, withheld, marks, siteDay, site } = here;
  const label = labelOf(here);
  if (siteDay) {
    const [shown] = visible;
    if (shown)
      report.fail(10, `${label}, index ${shown.index}`, `found an event, although ${placeOf(siteDay.by)} erased it`);
    if (withheld[0]) report.fail(10, label, `found events withheld that ${placeOf(siteDay.by)} erased`);
    return;
  }
  const spans = [
    ...visible.map(({ index }) => ({ from: index, to: index, state: "visible" })),
    ...withheld.map(({ from, to }) => ({ from, to, state: "withheld" })),
    ...marks.map(({ line, by }) => ({ from: line.index, to: line.index, state: `erased by ${placeOf(by)}` })),
  ].sort((a, b) => a.from - b.from);
  let next = 0;
  let before = "nothing";
  for (const { from, to, state } of spans) {
    if (from < next)
      report.fail(10, `${label}, index ${from}`, `found it ${before} and ${state}, expected one of them`);
    else if (from > next && walk.inScope(here.row.seq)) {
      report.fail(10, `${label}, index ${next}`, "found it absent, neither erased by a tombstone nor withheld");
    }
    next = Math.max(next, to + 1);
    before = state;
  }
  if (next > site.count)
    report.fail(10, label, `found index ${next - 1} ${before}, but the site has ${site.count} events`);
  if (next < site.count && walk.inScope(here.row.seq)) {
    report.fail(10, `${label}, index ${next}`, "found it absent, neither erased by a tombstone nor withheld");
  }
}

/** The site root from the leaves that are known (8). */
function judgeRoot(walk: Walk, here: SiteHere, given: Uint8Array | undefined): void {
  const { report } = walk.run;
  const { site, visible, marks } = here;
  const label = labelOf(here);
  const known: Leaf[] = [...visible, ...marks.map(({ line }) => ({ index: line.index, leaf: fromHex(line.leaf) }))];
  if (given) {
    if (given.length !== 32 * site.count)
      report.fail(8, label, `found ${given.length / 32} leaves, expected ${site.count}`);
    else if (siteRoot(chunks(given)) !== site.root)
      report.fail(8, label, "found leaves that do not give the site root");
    for (const { index, leaf } of known) {
      const expected = given.subarray(32 * index, 32 * index + 32);
      if (!equalBytes(leaf, expected))
        report.fail(8, `${label}, index ${index}`, `found leaf ${toHex(leaf)}, expected ${toHex(expected)}`);
    }
    return;
  }
  if (visible.length > 0 && visible.length < site.count) {
    report.fail(8, label, "found some of its events and no leaves.jsonl line, expected one");
    return;
  }
  const whole = visible.length === site.count ? visible : marks.length === site.count ? known : undefined;
  if (whole && siteRoot(whole.map(({ leaf }) => leaf)) !== site.root) {
    report.fail(8, label, `found events that do not give the site root ${site.root}`);
  }
}

function* chunks(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 32) yield bytes.subarray(at, at + 32);
}

function noteHidden(walk: Walk, here: SiteHere): void {
  const { row, site, marks, visible, withheld } = here;
  for (const { line, by } of marks) {
    walk.days.hiddenEvents(row, site.site, by.row.seq);
    walk.rules.judgeReceived(by, site.site, here.batch.received);
    if (line.index >= site.count)
      walk.run.report.fail(10, placeOf(by), `found index ${line.index} of ${site.count} events`);
  }
  if (visible.length + marks.length < site.count || withheld.length > 0)
    walk.days.hiddenEvents(row, site.site, undefined);
  if (here.siteDay) walk.rules.judgeReceived(here.siteDay.by, site.site, here.batch.received);
}

async function walkSite(walk: Walk, here: SiteHere, given: Uint8Array | undefined, images: Withheld[]): Promise<void> {
  walk.days.siteOfBatch(here.row, here.site);
  await walkVisible(walk, here, images);
  if (images[0]) walk.run.report.fail(10, labelOf(here), "found an image withheld of an event that is not shown");
  judgeIndices(walk, here);
  judgeRoot(walk, here, given);
  noteHidden(walk, here);
  for (const { from, to } of here.withheld) walk.counts.withheldEvents += to - from + 1;
}

/** Whether lines `event` of tombstones give the batch's commit again: all of it was erased one by one. */
function isRebuilt(walk: Walk, row: Row): boolean {
  const sites = walk.erasures.sitesOfBatch(row.seq).map((site): SiteLine | undefined => {
    const marks = walk.erasures.eventsOf(row.seq, site);
    if (marks.some(({ line, by }, i) => line.index !== i || by.row.seq <= row.seq)) return undefined;
    return { site, count: marks.length, root: siteRoot(marks.map(({ line }) => fromHex(line.leaf))) };
  });
  const lines = sites.filter((site) => site !== undefined);
  return lines.length > 0 && lines.length === sites.length && batchCommit(lines) === namedHash(row.commits, "events");
}

/** Check 8 for one row events.recorded. `content`: of its unit batch; undefined when that is gone. */
export async function walkBatch(
  walk: Walk,
  row: Row,
  content: string | Uint8Array | undefined,
  withheld: Withheld[],
): Promise<void> {
  const { report } = walk.run;
  const leaves = await takeLeaves(walk, row.seq);
  if (walk.erasures.sitesOfBatch(row.seq).length > 0) walk.batchAt.set(row.seq, row.at);
  if (!namedHash(row.commits, "events") || !namedHash(row.units, "batch") || row.entity.type !== "batch") {
    report.fail(8, `row ${row.seq}`, "found no commit events, unit batch or entity batch in a row events.recorded");
  }
  const batch = content === undefined ? undefined : readBatch(walk, row, content);
  if (content === undefined && !isRebuilt(walk, row)) walk.days.missingBatch(row);
  const known = new Set(batch?.sites.map(({ site }) => site));
  for (const site of batch?.sites ?? []) {
    const own = withheld.filter((entry) => entry.kind !== "unit" && entry.site === site.site);
    const here: SiteHere = {
      row,
      batch: batch!,
      site,
      visible: [],
      withheld: own.filter((entry) => entry.kind === "events"),
      marks: walk.erasures.eventsOf(row.seq, site.site).filter(({ by }) => by.row.seq > row.seq),
      siteDay: walk.erasures.siteDay(site.site, dayOf(row.at), row.seq),
    };
    const images = own.filter((entry) => entry.kind === "image");
    await walkSite(walk, here, leaves.get(site.site), images);
  }
  judgeForeign(walk, row, { known, batch, leaves, withheld });
}

type Foreign = {
  known: Set<string>;
  batch: BatchContent | undefined;
  leaves: Map<string, Uint8Array>;
  withheld: Withheld[];
};

/** Nothing may speak of a site that the batch does not have. */
function judgeForeign(walk: Walk, row: Row, { known, batch, leaves, withheld }: Foreign): void {
  const { report, run } = { report: walk.run.report, run: walk.run };
  const place = `row ${row.seq}`;
  if (walk.cursors.places.current?.seq === row.seq) {
    walk.cursors.places.fail(`found an event of a site or batch that ${place} does not show, or out of order`);
  }
  for (const site of leaves.keys())
    if (!known.has(site)) report.fail(8, place, `found leaves of site ${site}, which it does not show`);
  for (const entry of withheld) {
    if (entry.kind !== "unit" && !known.has(entry.site))
      run.report.fail(10, place, `found site ${entry.site} withheld, which it does not show`);
  }
  if (!batch) return;
  for (const site of walk.erasures.sitesOfBatch(row.seq)) {
    if (!known.has(site)) report.fail(10, place, `found a tombstone for site ${site}, which the batch never had`);
  }
}
