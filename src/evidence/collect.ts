import type { TenantTx } from "../audit/index.ts";
import { names } from "../record/bag.ts";
import { eventsRecordedAction, parseBatchContent } from "../record/batch.ts";
import { parseRow, type Row } from "../record/row.ts";
import type { ScopeSite } from "../record/scope.ts";
import { dayFromNumber, dayNumber, startOfDay } from "../record/time.ts";
import { type BatchInput, type EventTotals, openEventFiles } from "./event-files.ts";
import { createImageList, type ImageList } from "./image-list.ts";
import { carriedRows, type Frame, isInScope, type Plan } from "./plan.ts";
import { writeProofs } from "./proofs.ts";
import { openRowFiles, type RowTotals, withheldLines } from "./row-files.ts";
import type { BundleRequest } from "./schema.ts";
import { type EventFilter, type EventRow, selectEvents, selectImages, selectSubjects } from "./store-events.ts";
import {
  type BatchRow,
  type CarriedRow,
  selectAllSites,
  selectBatches,
  selectBatchSites,
  selectRowOpenings,
  selectRows,
} from "./store-snapshot.ts";
import { type FinishedPart, openTextPart } from "./text-part.ts";
import { zoneOffsets } from "./time-zone.ts";
import type { Workplace } from "./workplace.ts";

/** Everything of the bag but what speaks of the whole of it: scope, report and tag files. */
export type Collected = {
  parts: FinishedPart[];
  images: ImageList;
  rows: RowTotals;
  events: EventTotals;
  /** With an event in the bundle, by id. */
  sites: ScopeSite[];
  /** HMACs of the subjects whom the events name, hex. */
  subjects: Set<string>;
};

export type Watch = { signal?: AbortSignal; onProgress?(done: number, total: number): void };

const pageRows = 200;
const pageEvents = 500;

/** Writes every text file of the rows and events in scope, in one walk by seq. */
export async function collect(
  tx: TenantTx,
  workplace: Workplace,
  { request, plan, frame }: { request: BundleRequest; plan: Plan; frame: Frame },
  watch: Watch,
): Promise<Collected> {
  const carried = carriedRows(plan, frame);
  const sites = await scopeSites(tx, plan);
  const rowFiles = await openRowFiles(workplace, request.withholdUnits);
  const eventFiles = await openEventFiles(workplace, { sites, withholdImages: request.withholdImages });
  const withheld = await openTextPart(workplace, names.withheld);
  const images = await createImageList(workplace);
  const subjects = new Set<string>();
  const filter = eventFilter(request);
  for (let at = 0; at < carried.length; at += pageRows) {
    watch.signal?.throwIfAborted();
    const page = await readPage(tx, carried.slice(at, at + pageRows), plan);
    const batches = readBatches(tx, page.batchesInScope, { filter, subjects });
    for (const row of page.rows) {
      const inScope = isInScope(plan, row.seq);
      const openings = page.openings.get(row.seq) ?? [];
      const written = await rowFiles.write({ carried: row, openings, inScope });
      if (page.batchesInScope.some((batch) => batch.seq === row.seq)) {
        const batch = (await batches.next()).value as BatchInput;
        written.withheld.push(...(await eventFiles.write(batch, images.add)));
      }
      await withheld.write(withheldLines(written.withheld));
    }
    watch.onProgress?.(Math.min(at + pageRows, carried.length), carried.length);
  }
  const proofs = await writeProofs(tx, workplace, { frame, carried, previous: request.previous });
  await images.finish();
  const parts = [...(await rowFiles.finish()), ...(await eventFiles.finish()), await withheld.finish(), ...proofs];
  const shown = [...sites.values()].filter((site) => eventFiles.totals.sites.has(site.id));
  return { parts, images, rows: rowFiles.totals, events: eventFiles.totals, sites: shown, subjects };
}

type Page = {
  rows: CarriedRow[];
  openings: Map<number, Awaited<ReturnType<typeof selectRowOpenings>>>;
  batchesInScope: BatchRow[];
};

async function readPage(tx: TenantTx, seqs: number[], plan: Plan): Promise<Page> {
  const rows = await selectRows(tx, seqs);
  const recorded = rows.map((row) => parseRow(row.lines)).filter((row) => row.action === eventsRecordedAction);
  const batches = await batchesOf(tx, recorded);
  const openings: Page["openings"] = new Map();
  for (const opening of await selectRowOpenings(tx, seqs, batches)) {
    const list = openings.get(opening.seq);
    if (list) list.push(opening);
    else openings.set(opening.seq, [opening]);
  }
  return { rows, openings, batchesInScope: batches.filter((batch) => isInScope(plan, batch.seq)) };
}

async function batchesOf(tx: TenantTx, recorded: Row[]): Promise<BatchRow[]> {
  if (recorded.length === 0) return [];
  const between = { from: recorded[0]!.at, to: recorded.at(-1)!.at };
  return selectBatches(
    tx,
    recorded.map((row) => row.seq),
    between,
  );
}

/** Batches with their events, in order; small ones are read together. */
async function* readBatches(
  tx: TenantTx,
  batches: BatchRow[],
  { filter, subjects }: { filter: EventFilter; subjects: Set<string> },
): AsyncGenerator<BatchInput> {
  for (const group of groupBatches(batches)) {
    const events = groupByBatch(await selectEvents(tx, group, filter));
    const sites = await selectBatchSites(tx, group);
    const visible = [...events.values()].flat().filter((event) => event.visible);
    const images = visible.some((event) => event.imageUnits.length > 0) ? await selectImages(tx, visible) : [];
    if (visible.length > 0) {
      for (const subject of await selectSubjects(tx, visible)) subjects.add(subject.toString("hex"));
    }
    for (const batch of group) {
      const own = events.get(batch.batchId) ?? [];
      const ids = new Set(own.map((event) => event.eventId));
      yield {
        tenantId: tx.principal.tenantId,
        batch,
        events: own,
        sites: sites.filter((site) => site.batchId === batch.batchId),
        images: images.filter((image) => ids.has(image.eventId)),
      };
    }
  }
}

function groupBatches(batches: BatchRow[]): BatchRow[][] {
  const groups: BatchRow[][] = [];
  let events = pageEvents;
  for (const batch of batches) {
    const count = parseBatchContent(batch.content).sites.reduce((sum, site) => sum + site.count, 0);
    if (events + count > pageEvents) {
      groups.push([]);
      events = 0;
    }
    groups.at(-1)!.push(batch);
    events += count;
  }
  return groups;
}

function groupByBatch(events: EventRow[]): Map<string, EventRow[]> {
  const groups = new Map<string, EventRow[]>();
  for (const event of events) {
    const group = groups.get(event.batchId);
    if (group) group.push(event);
    else groups.set(event.batchId, [event]);
  }
  return groups;
}

function eventFilter(request: BundleRequest): EventFilter {
  const events = request.scope.kind === "incident" ? request.scope.events : null;
  return { sites: request.sites, kinds: request.kinds, subjects: request.subjects, events };
}

/** An event is at most 60 days old when it arrives. */
const oldestDays = 61;

async function scopeSites(tx: TenantTx, plan: Plan): Promise<Map<string, ScopeSite>> {
  const from = startOfDay(dayFromNumber(dayNumber(plan.received.from.slice(0, 10)) - oldestDays));
  const to = startOfDay(dayFromNumber(dayNumber(plan.received.to.slice(0, 10)) + 2));
  const sites = await selectAllSites(tx);
  return new Map(
    sites.map(({ siteId, name, timeZone }) => [
      siteId,
      { id: siteId, name, timeZone, offsets: zoneOffsets(timeZone, from, to) },
    ]),
  );
}
