import { compareAscii, fromBase64, fromHex, toBase64, toHex } from "./bytes.ts";
import { imageIndex } from "./event.ts";
import { JsonReader } from "./json-reader.ts";
import { FormatError, isHash, isToken, isUuid, parseNumber, requireToken, requireUuid, shown } from "./text.ts";
import { saltBytes } from "./unit.ts";

// Lines of the bundle's files that carry openings, leaf hashes and what is withheld.

/** Text is UTF-8 content; bytes that are not UTF-8 travel as `content64`. */
export type Opening = { unit: string; salt: Uint8Array; content: string | Uint8Array };
export type RowOpening = Opening & { seq: number };
export type EventOpening = Opening & { event: string };

function contentField(content: string | Uint8Array): { content: string } | { content64: string } {
  return typeof content === "string" ? { content } : { content64: toBase64(content) };
}

/** One line of data/ledger/openings.jsonl with its LF. */
export function rowOpeningLine(opening: RowOpening): string {
  const { seq, unit, salt, content } = opening;
  return `${JSON.stringify({ seq, unit, salt: toHex(salt), ...contentField(content) })}\n`;
}

/** One line of data/events/openings.jsonl with its LF. */
export function eventOpeningLine(opening: EventOpening): string {
  const { event, unit, salt, content } = opening;
  return `${JSON.stringify({ event, unit, salt: toHex(salt), ...contentField(content) })}\n`;
}

type Draft = { seq?: number; event?: string; unit?: string; salt?: Uint8Array; content?: string | Uint8Array };

function readSalt(text: string): Uint8Array {
  if (!isHash(text))
    throw new FormatError(`found salt ${shown(text)}, expected ${2 * saltBytes} lower-case hex digits`);
  return fromHex(text);
}

function readContent64(text: string): Uint8Array {
  try {
    return fromBase64(text);
  } catch {
    throw new FormatError(`found content64 ${shown(text)}, expected base64`);
  }
}

function readOpening(line: string, place: "seq" | "event"): Draft {
  const reader = new JsonReader(line, { integersOnly: true, allowNul: true });
  const draft: Draft = {};
  reader.object((key) => {
    if (key === "seq" && place === "seq") draft.seq = reader.count();
    else if (key === "event" && place === "event") draft.event = requireUuid(reader.string(), "event");
    else if (key === "unit") draft.unit = requireToken(reader.string(), "unit");
    else if (key === "salt") draft.salt = readSalt(reader.string());
    else if ((key === "content" || key === "content64") && draft.content === undefined) {
      draft.content = key === "content" ? reader.string() : readContent64(reader.string());
    } else
      throw new FormatError(`found key ${shown(key)}, expected ${place}, unit, salt and one of content, content64`);
  });
  reader.end();
  if (draft[place] === undefined || !draft.unit || !draft.salt || draft.content === undefined) {
    throw new FormatError(`found an opening without ${place}, unit, salt or content`);
  }
  return draft;
}

/** Throws FormatError. `line` without its LF. */
export function parseRowOpening(line: string): RowOpening {
  return readOpening(line, "seq") as RowOpening;
}

/** Throws FormatError. `line` without its LF. */
export function parseEventOpening(line: string): EventOpening {
  return readOpening(line, "event") as EventOpening;
}

/** All leaf hashes of a site's events of one batch, 32 bytes each, by index. */
export type Leaves = { seq: number; site: string; leaves: Uint8Array };

export function leavesLine(entry: Leaves): string {
  return `${JSON.stringify({ seq: entry.seq, site: entry.site, leaves: toBase64(entry.leaves) })}\n`;
}

/** Throws FormatError. */
export function parseLeaves(line: string): Leaves {
  const reader = new JsonReader(line, { integersOnly: true });
  const draft: Partial<Leaves> = {};
  reader.object((key) => {
    if (key === "seq") draft.seq = reader.count();
    else if (key === "site") draft.site = requireUuid(reader.string(), "site");
    else if (key === "leaves") draft.leaves = readContent64(reader.string());
    else throw new FormatError(`found key ${shown(key)}, expected seq, site, leaves`);
  });
  reader.end();
  const { seq, site, leaves } = draft;
  if (seq === undefined || site === undefined || !leaves?.length || leaves.length % 32 !== 0) {
    throw new FormatError("found a line without seq, site or whole leaf hashes");
  }
  return { seq, site, leaves };
}

/**
 * What is not in the bundle although it was not erased: a row's unit, events of a site and batch (both ends included), or the
 * file of an image whose opening is there (held back, or never received).
 */
export type Withheld =
  | { kind: "unit"; seq: number; unit: string }
  | { kind: "events"; seq: number; site: string; from: number; to: number }
  | { kind: "image"; seq: number; site: string; index: number; unit: string };

/** One line of withheld.txt with its LF. */
export function withheldLine(entry: Withheld): string {
  switch (entry.kind) {
    case "unit":
      return `${entry.seq} ${entry.unit}\n`;
    case "events":
      return `${entry.seq} ${entry.site} ${entry.from}-${entry.to}\n`;
    case "image":
      return `${entry.seq} ${entry.site} ${entry.index} ${entry.unit}\n`;
  }
}

/** Throws FormatError. `line` without its LF. */
export function parseWithheldLine(line: string): Withheld {
  const fields = line.split(" ");
  const [seqText = "", second = "", third = "", fourth = ""] = fields;
  const seq = parseNumber(seqText, "seq");
  if (fields.length === 2 && isToken(second)) return { kind: "unit", seq, unit: second };
  if (fields.length === 3 && isUuid(second)) {
    const [from = "", to = "", ...rest] = third.split("-");
    const range = { from: parseNumber(from, "from"), to: parseNumber(to, "to") };
    if (rest.length === 0 && range.from <= range.to) return { kind: "events", seq, site: second, ...range };
  }
  if (fields.length === 4 && isUuid(second) && imageIndex(fourth) !== undefined) {
    return { kind: "image", seq, site: second, index: parseNumber(third, "index"), unit: fourth };
  }
  throw new FormatError(`found ${shown(line)}, expected a line of withheld.txt`);
}

const withheldRank = { unit: 0, events: 1, image: 2 };

/** The order of withheld.txt: by seq; units by name, then events by site and index, then images by site, index and n. */
export function compareWithheld(a: Withheld, b: Withheld): number {
  if (a.seq !== b.seq) return a.seq - b.seq;
  if (a.kind !== b.kind) return withheldRank[a.kind] - withheldRank[b.kind];
  if (a.kind === "unit" || b.kind === "unit") {
    return a.kind === "unit" && b.kind === "unit" ? compareAscii(a.unit, b.unit) : 0;
  }
  if (a.site !== b.site) return compareAscii(a.site, b.site);
  if (a.kind === "events") return b.kind === "events" ? a.from - b.from : 0;
  return b.kind === "image" ? a.index - b.index || imageIndex(a.unit)! - imageIndex(b.unit)! : 0;
}

/** One line of events.index with its LF: where the event of the same place in events.txt stands. */
export type EventPlace = { seq: number; site: string; index: number };

export function eventPlaceLine(place: EventPlace): string {
  return `${place.seq} ${place.site} ${place.index}\n`;
}

/** Throws FormatError. `line` without its LF. */
export function parseEventPlace(line: string): EventPlace {
  const [seq = "", site = "", index = "", ...rest] = line.split(" ");
  if (rest.length > 0) throw new FormatError(`found ${shown(line)}, expected '<batch seq> <site> <index>'`);
  return { seq: parseNumber(seq, "batch seq"), site: requireUuid(site, "site"), index: parseNumber(index, "index") };
}
