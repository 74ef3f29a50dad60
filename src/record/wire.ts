import { type ImageContent, isImageType } from "./event.ts";
import { JsonReader } from "./json.ts";
import { FormatError, isHash, isToken, isUuid, shown } from "./text.ts";
import { type Timestamp, timestampFromRfc3339 } from "./time.ts";
import { isUuidv7 } from "./uuidv7.ts";

// What edge and worker say to each other over MQTT (docs/ledger.md, "On the wire").

export type WireEvent = {
  /** UUIDv7; anything up to 128 characters, or absent, only where `plain` allows it */
  id: string | undefined;
  kind: string;
  occurred: Timestamp;
  outbox: string | undefined;
  /** from 1; present when `outbox` is */
  seq: number | undefined;
  /** the exact text of the field `body`, as received */
  body: string;
  subjects: string[];
  images: ImageContent[];
};

export const rejectReasons = [
  "schema",
  "oversize",
  "too-old",
  "future",
  "id-invalid",
  "id-collision",
  "image-type",
  "quota",
  "revoked",
  "malformed",
] as const;
export type RejectReason = (typeof rejectReasons)[number];

export type ParsedEvent =
  | { ok: true; event: WireEvent }
  | {
      ok: false;
      reason: RejectReason;
      detail: string;
      /** what could still be read, so that the sender can be told */
      id: string | undefined;
      outbox: string | undefined;
      seq: number | undefined;
      text: string;
    };

export type WireOptions = {
  /** senders without UUIDv7: the id may be absent or of another form */
  plain?: boolean;
  /** at most 200 if not given */
  maxEvents?: number;
};

export const wireLimits = { events: 200, depth: 32, subjects: 16, subjectLength: 128, images: 16, idLength: 128 };

class Refusal extends FormatError {
  readonly reason: RejectReason;
  constructor(reason: RejectReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

function refuse(reason: RejectReason, field: string, found: string, expected: string): never {
  throw new Refusal(reason, `${field}: found ${shown(found)}, expected ${expected}`);
}

function text(reader: JsonReader, field: string): string {
  if (reader.peek() !== '"') refuse("schema", field, reader.peek(), "a string");
  return reader.string();
}

function count(reader: JsonReader, field: string, least: number): number {
  const from = reader.at;
  try {
    const value = reader.count();
    if (value >= least) return value;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
  return refuse("schema", field, reader.text.slice(from, from + 30), `an integer from ${least} to 2^53-1`);
}

function readImage(reader: JsonReader): ImageContent {
  const image: { sha256?: string; bytes?: number; type?: string } = {};
  if (reader.peek() !== "{") refuse("schema", "images", reader.peek(), "an object");
  reader.object((key) => {
    if (key === "sha256") image.sha256 = text(reader, key);
    else if (key === "bytes") image.bytes = count(reader, "images.bytes", 1);
    else if (key === "type") image.type = text(reader, key);
    else refuse("schema", "images", key, "only sha256, bytes, type");
  });
  const { sha256 = "", bytes, type = "" } = image;
  if (!isHash(sha256)) refuse("schema", "images.sha256", sha256, "64 lower-case hex digits");
  if (bytes === undefined) refuse("schema", "images.bytes", "nothing", "a byte count");
  if (!isImageType(type)) refuse("image-type", "images.type", type, "image/jpeg, image/png or image/webp");
  return { sha256, bytes, type };
}

function readList<T>(reader: JsonReader, field: string, most: number, item: () => T): T[] {
  const list: T[] = [];
  if (reader.peek() !== "[") refuse("schema", field, reader.peek(), "an array");
  reader.array(() => {
    if (list.length >= most) refuse("schema", field, `${most + 1} items`, `at most ${most}`);
    list.push(item());
  });
  return list;
}

function readSubject(reader: JsonReader): string {
  const subject = text(reader, "subjects");
  const { length } = subject;
  if (length < 1 || length > wireLimits.subjectLength) refuse("schema", "subjects", subject, "1 to 128 characters");
  return subject;
}

type Draft = Partial<WireEvent>;

function readField(reader: JsonReader, key: string, draft: Draft): void {
  switch (key) {
    case "id":
      draft.id = text(reader, key);
      return;
    case "kind":
      draft.kind = text(reader, key);
      if (!isToken(draft.kind)) refuse("schema", key, draft.kind, "a token");
      return;
    case "occurred": {
      const occurred = text(reader, key);
      draft.occurred = timestampFromRfc3339(occurred) ?? refuse("schema", key, occurred, "RFC 3339 in UTC (Z)");
      return;
    }
    case "outbox":
      draft.outbox = text(reader, key);
      if (!isUuid(draft.outbox)) refuse("schema", key, draft.outbox, "a lower-case uuid");
      return;
    case "seq":
      draft.seq = count(reader, key, 1);
      return;
    case "body":
      draft.body = reader.raw();
      return;
    case "subjects":
      draft.subjects = readList(reader, key, wireLimits.subjects, () => readSubject(reader));
      return;
    case "images":
      draft.images = readList(reader, key, wireLimits.images, () => readImage(reader));
      return;
    default:
      refuse("schema", "event", key, "only id, kind, occurred, outbox, seq, body, subjects, images");
  }
}

function checkId(id: string | undefined, plain: boolean): void {
  if (plain) {
    if (id !== undefined && (id.length < 1 || id.length > wireLimits.idLength)) {
      refuse("id-invalid", "id", id, "1 to 128 characters");
    }
  } else if (id === undefined || !isUuidv7(id)) refuse("id-invalid", "id", id ?? "nothing", "a lower-case UUIDv7");
}

function readEvent(reader: JsonReader, options: WireOptions): WireEvent {
  const draft: Draft = {};
  if (reader.peek() !== "{") refuse("schema", "event", reader.peek(), "an object");
  reader.object((key) => readField(reader, key, draft));
  const { id, kind, occurred, outbox, seq, body, subjects = [], images = [] } = draft;
  checkId(id, options.plain ?? false);
  if (kind === undefined) return refuse("schema", "kind", "nothing", "a token");
  if (occurred === undefined) return refuse("schema", "occurred", "nothing", "RFC 3339 in UTC (Z)");
  if (body === undefined) return refuse("schema", "body", "nothing", "any JSON");
  if ((outbox === undefined) !== (seq === undefined))
    refuse("schema", "outbox", "one of outbox and seq", "both or none");
  return { id, kind, occurred, outbox, seq, body, subjects, images };
}

function reasonOf(error: FormatError): RejectReason {
  return error instanceof Refusal ? error.reason : "malformed";
}

/** What JSON.parse makes of a refused element, only to name it to its sender. */
function salvage(element: string): { id: string | undefined; outbox: string | undefined; seq: number | undefined } {
  const value: unknown = JSON.parse(element);
  const fields = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const id = typeof fields.id === "string" && fields.id.length <= wireLimits.idLength ? fields.id : undefined;
  const outbox = typeof fields.outbox === "string" && isUuid(fields.outbox) ? fields.outbox : undefined;
  const seq = Number.isSafeInteger(fields.seq) && (fields.seq as number) >= 1 ? (fields.seq as number) : undefined;
  return { id: id?.toWellFormed(), outbox, seq };
}

/** The text of the element at the cursor by bracket depth alone, for an element that was refused. */
function skipElement(reader: JsonReader): string {
  const from = reader.at;
  let depth = 0;
  for (const token of reader.text.slice(from).matchAll(/"(?:[^"\\]|\\.)*"|[[\]{},]/gs)) {
    const sign = token[0];
    if (depth === 0 && (sign === "," || sign === "]" || sign === "}")) {
      reader.at = from + token.index;
      return reader.text.slice(from, reader.at).trimEnd();
    }
    if (sign === "[" || sign === "{") depth++;
    if (sign === "]" || sign === "}") depth--;
  }
  reader.at = reader.text.length;
  return reader.text.slice(from).trimEnd();
}

function readElement(reader: JsonReader, options: WireOptions): ParsedEvent {
  reader.peek();
  const place = reader.place();
  try {
    return { ok: true, event: readEvent(reader, options) };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    reader.rewind(place);
    const element = skipElement(reader);
    return { ok: false, reason: reasonOf(error), detail: error.message, text: element, ...salvage(element) };
  }
}

/**
 * Reads one event object or an array of them. A bad event is refused by itself and blocks no other; only text that is no JSON,
 * or an array with no or too many events, refuses the message. Throws FormatError for that.
 */
export function parseWireEvents(message: string, options: WireOptions = {}): ParsedEvent[] {
  const reader = new JsonReader(message, { maxDepth: wireLimits.depth });
  const most = options.maxEvents ?? wireLimits.events;
  try {
    if (reader.peek() !== "[") {
      const only = readElement(reader, options);
      reader.end();
      return [only];
    }
    const events: ParsedEvent[] = [];
    reader.array(() => {
      if (events.length >= most) reader.fail(`at most ${most} events in a message`);
      events.push(readElement(reader, options));
    });
    reader.end();
    if (events.length === 0) throw new FormatError(`found an array of no events, expected 1 to ${most}`);
    return events;
  } catch (error) {
    // JSON.parse in salvage saw what bracket depth could not: the message is no JSON.
    if (error instanceof SyntaxError) throw new FormatError(`found text that is no JSON: ${error.message}`);
    throw error;
  }
}
