import { type Principal, type TenantTx, withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { dayFromNumber, dayNumber, startOfDay } from "../record/time.ts";
import { sitesOf } from "./request.ts";
import type { EstimateInput } from "./schema.ts";
import { type Content, selectContent, selectIncident, selectWholeDays } from "./store-sizes.ts";
import { selectEventBatches, selectRowRange } from "./store-snapshot.ts";

export type Estimate = {
  rows: number;
  events: number;
  images: number;
  bytes: number;
  imageBytes: number;
  isUpperBound: boolean;
  missing: string[];
};

// Lines, openings and tables, as bundles of the quickstart's data have them.
const rowBytes = 900;
const eventBytes = 1100;

/** How large an export would be, from the days' counts; only the days that a range cuts are counted event by event. */
export async function estimateExport(pool: Pool, principal: Principal, wanted: EstimateInput): Promise<Estimate> {
  return withTenant(pool, principal, async (tx) => {
    const sites = sitesOf(principal, wanted.sites);
    const { rows, content, missing } = wanted.events
      ? await ofIncident(tx, wanted.events)
      : await ofRange(tx, sites, { from: wanted.from!, to: wanted.to! });
    const { events, bytes, images, imageBytes } = content;
    return {
      ...{ rows, events, images, imageBytes, missing },
      bytes: bytes + imageBytes + rows * rowBytes + events * eventBytes,
      isUpperBound: wanted.kinds !== undefined,
    };
  });
}

type Found = { rows: number; content: Content; missing: string[] };
type Range = { from: string; to: string };

async function ofIncident(tx: TenantTx, eventIds: string[]): Promise<Found> {
  const batches = await selectEventBatches(tx, eventIds);
  const here = new Set(batches.map(({ eventId }) => eventId));
  return {
    rows: new Set(batches.map(({ seq }) => seq)).size,
    content: await selectIncident(tx, [...here]),
    missing: eventIds.filter((eventId) => !here.has(eventId)),
  };
}

async function ofRange(tx: TenantTx, sites: string[] | null, range: Range): Promise<Found> {
  const { first, last } = await selectRowRange(tx, range.from, range.to);
  const rows = first === undefined || last === undefined ? 0 : Math.max(0, last - first + 1);
  const { days, edges } = cut(range);
  const parts = [await selectWholeDays(tx, sites, days)];
  for (const edge of edges) parts.push(await selectContent(tx, sites, edge));
  return { rows, content: sum(parts), missing: [] };
}

/** A range as the whole UTC days in it (half-open), and what is left on either side. */
export function cut({ from, to }: Range): { days: { from: string; before: string }; edges: Range[] } {
  const opening = from.slice(0, 10);
  const first = from === startOfDay(opening) ? opening : dayFromNumber(dayNumber(opening) + 1);
  const before = to.slice(0, 10);
  if (first >= before) {
    const isWhole = first === before && from === startOfDay(first) && to === startOfDay(before);
    return { days: { from: first, before: first }, edges: isWhole ? [] : [{ from, to }] };
  }
  const edges = [
    { from, to: startOfDay(first) },
    { from: startOfDay(before), to },
  ].filter((edge) => edge.from < edge.to);
  return { days: { from: first, before }, edges };
}

function sum(parts: Content[]): Content {
  const total: Content = { events: 0, bytes: 0, images: 0, imageBytes: 0 };
  for (const part of parts) for (const name of Object.keys(total) as (keyof Content)[]) total[name] += part[name];
  return total;
}
