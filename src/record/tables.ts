import type { ErasureBasis } from "./control.ts";
import type { EventRecord, ImageContent } from "./event.ts";
import type { Row } from "./row.ts";
import type { ScopeSite } from "./scope.ts";
import { type Timestamp, timestampMillis } from "./time.ts";
import type { TombstoneLine } from "./tombstone.ts";

// The CSV tables, built by the exporter and built again by the verifier: byte for byte the same. UTF-8 with BOM, CRLF.

type Cell = string | number | undefined;

const formulaStart = /^[\t\r\n =+\-@＝＋－＠]/u;

/** A cell that a spreadsheet would take for a formula gets an apostrophe in front. */
function cell(value: Cell): string {
  if (value === undefined) return "";
  if (typeof value === "number") return String(value);
  const safe = formulaStart.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csvLine(cells: Cell[]): string {
  return `${cells.map(cell).join(",")}\r\n`;
}

function header(columns: string): string {
  return `\ufeff${csvLine(columns.split(" "))}`;
}

/**
 * `2026-11-21T21:50:00.123456+01:00`: the site's clock, by the offsets that scope.json gives. An instant whose local year would
 * fall outside 0001 to 9999 is given at +00:00.
 */
export function siteTime(at: Timestamp, offsets: ScopeSite["offsets"]): string {
  let minutes = 0;
  for (const [from, offset] of offsets) if (from === "-" || from <= at) minutes = offset;
  const local = new Date(timestampMillis(at) + minutes * 60_000).toISOString();
  if (local.length !== 24 || local.startsWith("0000")) return `${at.slice(0, -1)}+00:00`;
  const hours = String(Math.floor(Math.abs(minutes) / 60)).padStart(2, "0");
  const sign = minutes < 0 ? "-" : "+";
  return `${local.slice(0, 23)}${at.slice(23, 26)}${sign}${hours}:${String(Math.abs(minutes) % 60).padStart(2, "0")}`;
}

export type UnitState = "shown" | "erased" | "withheld" | "outside";

export const rowsHeader = header(
  "seq at_utc epoch actor_type actor_id via action entity_type entity_id correlation control units row_hash",
);

/** `states`: of each unit of the row, in its order. `outside`: not shown because the row is carried only for the proof. */
export function rowsLine(row: Row, rowHash: string, states: UnitState[]): string {
  return csvLine([
    row.seq,
    row.at,
    row.epoch,
    row.actor.type,
    row.actor.id,
    row.via,
    row.action,
    row.entity.type,
    row.entity.id,
    row.correlation,
    row.control,
    row.units.map((unit, i) => `${unit.name}:${states[i]}`).join(" "),
    rowHash,
  ]);
}

export const eventsHeader = header(
  "batch_seq site site_name index event kind source_type source_id occurred_utc occurred_site received_utc received_site " +
    "images body",
);

export type PlacedEvent = { seq: number; index: number; site: ScopeSite; event: EventRecord };

export function eventsLine(placed: PlacedEvent, body: string): string {
  const { seq, index, site, event } = placed;
  return csvLine([
    seq,
    site.id,
    site.name,
    index,
    event.event,
    event.kind,
    event.source.type,
    event.source.id,
    event.occurred,
    siteTime(event.occurred, site.offsets),
    event.received,
    siteTime(event.received, site.offsets),
    event.units.length - 1,
    body,
  ]);
}

export const imagesHeader = header(
  "batch_seq site site_name index event unit state sha256 bytes type file received_utc received_site",
);

/** `absent`: the opening is there, the file is not (held back, or never received). */
export type ImageState =
  | { state: "present"; image: ImageContent; file: string }
  | { state: "absent"; image: ImageContent }
  | { state: "erased" };

export function imagesLine(placed: PlacedEvent, unit: string, image: ImageState): string {
  const { seq, index, site, event } = placed;
  const content = image.state === "erased" ? undefined : image.image;
  return csvLine([
    seq,
    site.id,
    site.name,
    index,
    event.event,
    unit,
    image.state,
    content?.sha256,
    content?.bytes,
    content?.type,
    image.state === "present" ? image.file : undefined,
    event.received,
    siteTime(event.received, site.offsets),
  ]);
}

export const erasuresHeader = header(
  "seq at_utc erasure basis kind site day from_seq to_seq index unit batches items hash",
);

type ErasureCells = [site?: string, day?: string, from?: number, to?: number, index?: number, unit?: string];

function erasureCells(line: TombstoneLine): [...Cell[]] {
  const cells = (place: ErasureCells, batches: number | undefined, items: number, hash: string): Cell[] => {
    const [site, day, from, to, index, unit] = place;
    return [site, day, from, to, index, unit, batches, items, hash];
  };
  switch (line.kind) {
    case "opening":
      return cells([undefined, undefined, line.seq, line.seq, undefined, line.unit], undefined, 1, line.hash);
    case "openings":
      return cells([undefined, undefined, line.from, line.to, undefined, line.unit], undefined, line.count, line.root);
    case "site-day":
      return cells([line.site, line.day], line.batches, line.events, line.root);
    case "image-day":
      return cells([line.site, line.day], undefined, line.images, line.root);
    case "event":
      return cells([line.site, undefined, line.batch, line.batch, line.index], undefined, 1, line.leaf);
    case "image":
      return cells([line.site, undefined, line.batch, line.batch, line.index, line.unit], undefined, 1, line.hash);
  }
}

/** One line of a carried tombstone's list. `row`: the `ledger.erased` row. */
export function erasuresLine(row: Row, basis: ErasureBasis, line: TombstoneLine): string {
  return csvLine([row.seq, row.at, row.entity.id, basis, line.kind, ...erasureCells(line)]);
}
