import { imageName, names } from "../record/bag.ts";
import { parseBatchContent } from "../record/batch.ts";
import { toHex } from "../record/bytes.ts";
import { eventOpeningLine, eventPlaceLine, leavesLine, type Withheld } from "../record/carried.ts";
import { type EventRecord, eventLines, imageContent, imageTypes } from "../record/event.ts";
import type { ScopeSite } from "../record/scope.ts";
import { eventsHeader, eventsLine, imagesHeader, imagesLine, type PlacedEvent } from "../record/tables.ts";
import { unitHash } from "../record/unit.ts";
import { count } from "./row-files.ts";
import type { EventRow, ImageRow } from "./store-events.ts";
import type { BatchRow, BatchSiteRow } from "./store-snapshot.ts";
import { type FinishedPart, openTextPart } from "./text-part.ts";
import type { Workplace } from "./workplace.ts";

export type EventTotals = {
  events: number;
  eventOpenings: number;
  withheldEvents: number;
  withheldImages: number;
  bestEffort: number;
  /** Events shown, by site and by UTC day of receipt. */
  sites: Map<string, number>;
  days: Map<string, number>;
  kinds: Map<string, number>;
};

/** A batch of the bundle with what is still there of it. */
export type BatchInput = {
  tenantId: string;
  batch: BatchRow;
  sites: BatchSiteRow[];
  /** By site and index. */
  events: EventRow[];
  images: ImageRow[];
};

export type EventFiles = {
  totals: EventTotals;
  /** Returns what of the batch is withheld, for withheld.txt. `file` is called for each image whose file goes into the bag. */
  write(input: BatchInput, file: (image: ImageRow, name: string) => Promise<void>): Promise<Withheld[]>;
  finish(): Promise<FinishedPart[]>;
};

type Options = { sites: Map<string, ScopeSite>; withholdImages: boolean };

/** The files below data/events and the tables of events and images. */
export async function openEventFiles(workplace: Workplace, options: Options): Promise<EventFiles> {
  const open = (name: string) => openTextPart(workplace, name);
  const leaves = await open(names.leaves);
  const lines = await open(names.events);
  const index = await open(names.eventsIndex);
  const openings = await open(names.eventOpenings);
  const eventsTable = await open(names.eventsTable);
  const imagesTable = await open(names.imagesTable);
  await eventsTable.write(eventsHeader);
  await imagesTable.write(imagesHeader);
  const totals = emptyTotals();

  const writeEvent = async (tenantId: string, seq: number, row: EventRow): Promise<PlacedEvent> => {
    const event = eventRecord(tenantId, row);
    const site = options.sites.get(row.siteId);
    if (!site) throw new Error(`found an event of site ${row.siteId}, expected a site of the tenant`);
    await lines.write(totals.events > 0 ? `\n${eventLines(event)}` : eventLines(event));
    await index.write(eventPlaceLine({ seq, site: row.siteId, index: row.index }));
    await openings.write(eventOpeningLine({ event: row.eventId, unit: "body", salt: row.bodySalt, content: row.body }));
    const placed = { seq, index: row.index, site, event };
    await eventsTable.write(eventsLine(placed, row.body));
    totals.events++;
    totals.eventOpenings++;
    if (row.bestEffort) totals.bestEffort++;
    count(totals.sites, row.siteId);
    count(totals.days, row.received.slice(0, 10));
    count(totals.kinds, row.kind);
    return placed;
  };

  /** Returns where the file belongs; undefined when it is not there to be shown. */
  const writeImage = async (placed: PlacedEvent, n: number, row: ImageRow | undefined): Promise<string | undefined> => {
    const unit = `image.${n}`;
    if (!row) {
      await imagesTable.write(imagesLine(placed, unit, { state: "erased" }));
      return undefined;
    }
    const image = { sha256: toHex(row.sha256), bytes: row.bytes, type: row.mediaType };
    await openings.write(eventOpeningLine({ event: row.eventId, unit, salt: row.salt, content: imageContent(image) }));
    totals.eventOpenings++;
    if (!row.wrappedKey || options.withholdImages) {
      await imagesTable.write(imagesLine(placed, unit, { state: "absent", image }));
      totals.withheldImages++;
      return undefined;
    }
    const file = imageName(image.sha256, imageTypes[image.type]);
    await imagesTable.write(imagesLine(placed, unit, { state: "present", image, file }));
    return file;
  };

  return {
    totals,
    async write(input, file) {
      const { seq } = input.batch;
      const withheld: Withheld[] = [];
      const images = groupImages(input.images);
      for (const row of input.events) {
        if (!row.visible) continue;
        const placed = await writeEvent(input.tenantId, seq, row);
        for (let n = 0; n < row.imageUnits.length / 32; n++) {
          const image = images.get(`${row.eventId} ${n}`);
          const name = await writeImage(placed, n, image);
          if (image && name) await file(image, name);
          else if (image) withheld.push({ kind: "image", seq, site: row.siteId, index: row.index, unit: `image.${n}` });
        }
      }
      for (const entry of withheldRanges(seq, input.events)) {
        withheld.push(entry);
        totals.withheldEvents += entry.to - entry.from + 1;
      }
      for (const site of partlyShown(input))
        await leaves.write(leavesLine({ seq, site: site.siteId, leaves: site.leaves }));
      return withheld;
    },
    async finish() {
      const parts = [];
      for (const part of [leaves, lines, index, openings, eventsTable, imagesTable]) parts.push(await part.finish());
      return parts;
    },
  };
}

function eventRecord(tenantId: string, row: EventRow): EventRecord {
  const units = [{ name: "body", hash: unitHash("body", row.bodySalt, row.body) }];
  for (let n = 0; n < row.imageUnits.length / 32; n++) {
    units.push({ name: `image.${n}`, hash: toHex(row.imageUnits.subarray(32 * n, 32 * n + 32)) });
  }
  const source = { type: row.sourceType, id: row.sourceId };
  const { siteId: site, eventId: event, kind, occurred, received } = row;
  return { tenant: tenantId, site, source, event, kind, occurred, received, units };
}

function groupImages(images: ImageRow[]): Map<string, ImageRow> {
  return new Map(images.map((image) => [`${image.eventId} ${image.n}`, image]));
}

type WithheldEvents = Extract<Withheld, { kind: "events" }>;

/** Runs of events that are there and not shown. An index that is missing was erased: that ends a run. */
function withheldRanges(seq: number, events: EventRow[]): WithheldEvents[] {
  const ranges: WithheldEvents[] = [];
  for (const { siteId, index, visible } of events) {
    if (visible) continue;
    const last = ranges.at(-1);
    if (last?.site === siteId && last.to === index - 1) last.to = index;
    else ranges.push({ kind: "events", seq, site: siteId, from: index, to: index });
  }
  return ranges;
}

/** Sites of which some but not all events are shown: only their leaf hashes let a verifier rebuild the site root. */
function partlyShown({ batch, sites, events }: BatchInput): BatchSiteRow[] {
  const shown = new Map<string, number>();
  for (const event of events) if (event.visible) count(shown, event.siteId);
  const counts = new Map(parseBatchContent(batch.content).sites.map((line) => [line.site, line.count]));
  return sites.filter(({ siteId }) => {
    const visible = shown.get(siteId) ?? 0;
    return visible > 0 && visible < (counts.get(siteId) ?? 0);
  });
}

function emptyTotals(): EventTotals {
  return {
    events: 0,
    eventOpenings: 0,
    withheldEvents: 0,
    withheldImages: 0,
    bestEffort: 0,
    sites: new Map(),
    days: new Map(),
    kinds: new Map(),
  };
}
