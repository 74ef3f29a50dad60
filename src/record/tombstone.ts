import { encodeUtf8, toHex } from "./bytes.ts";
import { imageIndex } from "./event.ts";
import {
  FormatError,
  formatNumber,
  parseNumber,
  requireHash,
  requireToken,
  requireUuid,
  shown,
  splitLines,
} from "./text.ts";
import { isDay } from "./time.ts";
import { rootOfData } from "./tree.ts";
import { isStructuralUnit } from "./unit.ts";

export const erasedAction = "ledger.erased";

/** A line of a tombstone's unit `list`. Hashes in hex; an index counts a site's events of a batch from 0. */
export type TombstoneLine =
  | { kind: "opening"; seq: number; unit: string; hash: string }
  | { kind: "openings"; from: number; to: number; unit: string; count: number; root: string }
  | { kind: "site-day"; site: string; day: string; batches: number; events: number; root: string }
  | { kind: "image-day"; site: string; day: string; images: number; root: string }
  | { kind: "event"; batch: number; site: string; index: number; leaf: string }
  | { kind: "image"; batch: number; site: string; index: number; unit: string; hash: string };

function requireDay(text: string): string {
  if (!isDay(text)) throw new FormatError(`found ${shown(text)}, expected a day yyyy-mm-dd`);
  return text;
}

function requireErasableUnit(name: string): string {
  if (isStructuralUnit(name)) throw new FormatError(`found structural unit ${name}, which a tombstone never lists`);
  return requireToken(name, "unit");
}

function requireImageUnit(name: string): string {
  if (imageIndex(name) === undefined) throw new FormatError(`found ${shown(name)}, expected image.<n>`);
  return name;
}

function positive(value: number, what: string): string {
  if (value < 1) throw new FormatError(`found ${value}, expected at least 1 as ${what}`);
  return formatNumber(value, what);
}

/** One line with its LF. */
export function tombstoneLine(line: TombstoneLine): string {
  switch (line.kind) {
    case "opening":
      return `opening ${positive(line.seq, "seq")} ${requireErasableUnit(line.unit)} ${requireHash(line.hash, "unit hash")}\n`;
    case "openings": {
      if (line.from > line.to) throw new FormatError(`found openings ${line.from} to ${line.to}, expected from ≤ to`);
      const range = `${positive(line.from, "from")} ${positive(line.to, "to")} ${requireErasableUnit(line.unit)}`;
      return `openings ${range} ${positive(line.count, "count")} ${requireHash(line.root, "root")}\n`;
    }
    case "site-day": {
      const counts = `${positive(line.batches, "batches")} ${positive(line.events, "events")}`;
      const siteDay = `${requireUuid(line.site, "site")} ${requireDay(line.day)}`;
      return `site-day ${siteDay} ${counts} ${requireHash(line.root, "root")}\n`;
    }
    case "image-day": {
      const siteDay = `${requireUuid(line.site, "site")} ${requireDay(line.day)}`;
      return `image-day ${siteDay} ${positive(line.images, "images")} ${requireHash(line.root, "root")}\n`;
    }
    case "event": {
      const place = `${positive(line.batch, "batch seq")} ${requireUuid(line.site, "site")}`;
      return `event ${place} ${formatNumber(line.index, "index")} ${requireHash(line.leaf, "leaf hash")}\n`;
    }
    case "image": {
      const place = `${positive(line.batch, "batch seq")} ${requireUuid(line.site, "site")} ${formatNumber(line.index, "index")}`;
      return `image ${place} ${requireImageUnit(line.unit)} ${requireHash(line.hash, "unit hash")}\n`;
    }
  }
}

const fieldCounts: Record<string, number> = {
  opening: 4,
  openings: 6,
  "site-day": 6,
  "image-day": 5,
  event: 5,
  image: 6,
};

/** One line without its LF. */
export function parseTombstoneLine(text: string): TombstoneLine {
  const [kind = "", a = "", b = "", c = "", d = "", e = "", ...rest] = text.split(" ");
  if (fieldCounts[kind] !== text.split(" ").length || rest.length > 0) {
    throw new FormatError(`found ${shown(text)}, expected a tombstone line`);
  }
  const line = ((): TombstoneLine => {
    switch (kind) {
      case "opening":
        return { kind, seq: parseNumber(a, "seq"), unit: b, hash: c };
      case "openings":
        return {
          kind,
          from: parseNumber(a, "from"),
          to: parseNumber(b, "to"),
          unit: c,
          count: parseNumber(d, "count"),
          root: e,
        };
      case "site-day":
        return { kind, site: a, day: b, batches: parseNumber(c, "batches"), events: parseNumber(d, "events"), root: e };
      case "image-day":
        return { kind, site: a, day: b, images: parseNumber(c, "images"), root: d };
      case "event":
        return { kind, batch: parseNumber(a, "batch seq"), site: b, index: parseNumber(c, "index"), leaf: d };
      default:
        return {
          kind: "image",
          batch: parseNumber(a, "batch seq"),
          site: b,
          index: parseNumber(c, "index"),
          unit: d,
          hash: e,
        };
    }
  })();
  if (tombstoneLine(line) !== `${text}\n`) throw new FormatError(`found ${shown(text)}, expected its only spelling`);
  return line;
}

/** Content of the unit `list`: at least one line, none twice. */
export function tombstoneList(lines: TombstoneLine[]): string {
  const texts = lines.map(tombstoneLine);
  if (texts.length === 0) throw new FormatError("found a tombstone that lists nothing, expected at least one line");
  if (new Set(texts).size !== texts.length) throw new FormatError("found a line twice in one tombstone list");
  return texts.join("");
}

export function parseTombstoneList(text: string): TombstoneLine[] {
  const lines = splitLines(text, "unit list");
  if (new Set(lines).size !== lines.length) throw new FormatError("found a line twice in one tombstone list");
  return lines.map(parseTombstoneLine);
}

/** Hash (hex) of `commit erased`: MTH over the lines of the list, each with its LF. */
export function tombstoneCommit(list: string): string {
  return toHex(rootOfData(splitLines(list, "unit list").map((line) => encodeUtf8(`${line}\n`))));
}
