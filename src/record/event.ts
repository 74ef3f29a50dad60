import { encodeUtf8 } from "./bytes.ts";
import type { NamedHash } from "./row.ts";
import { FormatError, formatNumber, parseNumber, requireHash, requireToken, requireUuid, shown } from "./text.ts";
import { isTimestamp, requireTimestamp, type Timestamp } from "./time.ts";
import { leafHash } from "./tree.ts";

export type EventSource = { type: "device" | "api-key"; id: string };

export type EventRecord = {
  tenant: string;
  site: string;
  source: EventSource;
  event: string;
  kind: string;
  occurred: Timestamp;
  received: Timestamp;
  /** `body` first, then `image.<n>` with n ascending as a number */
  units: NamedHash[];
};

/** Longest lines of one event: more images than an event may declare fit. */
export const maxEventBytes = 16_384;

const imageName = /^image\.(0|[1-9][0-9]{0,5})$/;

/** n of `image.<n>`; undefined for any other name. */
export function imageIndex(unit: string): number | undefined {
  const match = imageName.exec(unit);
  return match ? Number(match[1]) : undefined;
}

function checkUnitOrder(units: NamedHash[]): void {
  if (units[0]?.name !== "body") throw new FormatError("found no unit body as the first unit of an event");
  let before = -1;
  for (const { name } of units.slice(1)) {
    const n = imageIndex(name);
    if (n === undefined) throw new FormatError(`found unit ${shown(name)}, expected image.<n>`);
    if (n <= before) throw new FormatError(`found image.${n} after image.${before}, expected n ascending`);
    before = n;
  }
}

/** The hashed lines of an event. Throws FormatError on a field outside the grammar. */
export function eventLines(event: EventRecord): string {
  checkUnitOrder(event.units);
  if (event.source.type !== "device" && event.source.type !== "api-key") {
    throw new FormatError(`found ${shown(event.source.type)}, expected device or api-key as source type`);
  }
  let text =
    `ledgerstone/event/v1\ntenant ${requireUuid(event.tenant, "tenant")}\nsite ${requireUuid(event.site, "site")}\n` +
    `source ${event.source.type} ${requireUuid(event.source.id, "source")}\nevent ${requireUuid(event.event, "event")}\n` +
    `kind ${requireToken(event.kind, "kind")}\noccurred ${requireTimestamp(event.occurred, "occurred")}\n` +
    `received ${requireTimestamp(event.received, "received")}\n`;
  for (const { name, hash } of event.units) text += `unit ${name} ${requireHash(hash, `hash of unit ${name}`)}\n`;
  return text;
}

const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const header = new RegExp(
  `^ledgerstone/event/v1\\ntenant (${uuid})\\nsite (${uuid})\\nsource (device|api-key) (${uuid})\\nevent (${uuid})\\n` +
    `kind ([A-Za-z0-9._:@/+-]{1,128})\\noccurred ([0-9TZ.:-]{27})\\nreceived ([0-9TZ.:-]{27})\\n`,
);
const unitLine = /unit (body|image\.(?:0|[1-9][0-9]{0,5})) ([0-9a-f]{64})\n/y;

/** Strict inverse of eventLines. */
export function parseEvent(text: string): EventRecord {
  if (text.length > maxEventBytes)
    throw new FormatError(`found ${text.length} bytes, expected at most ${maxEventBytes}`);
  const match = header.exec(text);
  if (!match) throw new FormatError(`found ${shown(text)}, expected the lines of ledgerstone/event/v1`);
  const units: NamedHash[] = [];
  unitLine.lastIndex = match[0].length;
  for (let at = match[0].length; at < text.length; at = unitLine.lastIndex) {
    const unit = unitLine.exec(text);
    if (!unit)
      throw new FormatError(`found ${shown(text.slice(at))}, expected a line 'unit body …' or 'unit image.<n> …'`);
    units.push({ name: unit[1]!, hash: unit[2]! });
  }
  checkUnitOrder(units);
  const occurred = match[7]!;
  const received = match[8]!;
  if (!isTimestamp(occurred)) throw new FormatError(`found ${shown(occurred)}, expected a timestamp as occurred`);
  if (!isTimestamp(received)) throw new FormatError(`found ${shown(received)}, expected a timestamp as received`);
  return {
    tenant: match[1]!,
    site: match[2]!,
    source: { type: match[3] as EventSource["type"], id: match[4]! },
    event: match[5]!,
    kind: match[6]!,
    occurred,
    received,
    units,
  };
}

/** RFC 6962 leaf hash of an event's lines. */
export function eventLeaf(lines: string): Uint8Array {
  return leafHash(encodeUtf8(lines));
}

export const imageTypes = { "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp" } as const;
export type ImageType = keyof typeof imageTypes;
export type ImageContent = { sha256: string; bytes: number; type: ImageType };

export function isImageType(text: string): text is ImageType {
  return Object.hasOwn(imageTypes, text);
}

/** Content of a unit `image.<n>`: no LF at its end. */
export function imageContent(image: ImageContent): string {
  if (!isImageType(image.type))
    throw new FormatError(`found ${shown(image.type)}, expected ${Object.keys(imageTypes)}`);
  return `${requireHash(image.sha256, "sha256")} ${formatNumber(image.bytes, "byte count")} ${image.type}`;
}

export function parseImageContent(text: string): ImageContent {
  const [sha256 = "", bytes = "", type = "", ...rest] = text.split(" ");
  if (rest.length > 0 || !isImageType(type)) {
    throw new FormatError(`found ${shown(text)}, expected '<sha256> <bytes> <${Object.keys(imageTypes).join("|")}>'`);
  }
  return { sha256: requireHash(sha256, "sha256"), bytes: parseNumber(bytes, "byte count"), type };
}
