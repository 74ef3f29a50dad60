import { fromBase64, toBase64 } from "./bytes.ts";
import { parseStrictJson } from "./json.ts";
import { countOf, failShape, fieldsOf, listOf, matching } from "./shape.ts";
import { isHash, isToken, isUuid } from "./text.ts";
import { isTimestamp, type Timestamp } from "./time.ts";

export const bundleFormat = "ledgerstone/bundle/v1";

/** `offsets`: from when the site's clock stands how many minutes east of UTC, ascending; the first is `-`, since ever. */
export type ScopeSite = { id: string; name: string; timeZone: string; offsets: [Timestamp | "-", number][] };

export type ScopeCounts = {
  rows: number;
  openings: number;
  events: number;
  eventOpenings: number;
  images: number;
  imageBytes: number;
  certificates: number;
  withheldUnits: number;
  withheldEvents: number;
  withheldImages: number;
};

export type Scope = {
  format: typeof bundleFormat;
  tenant: string;
  /** contiguous rows, both ends included; null when single rows are carried */
  range: { from: number; to: number } | null;
  /** rows in scope outside the range, ascending */
  extra: number[];
  /** what was asked for, in the asker's terms: for people, not proven */
  filters: {
    sites: string[] | null;
    from: Timestamp | null;
    to: Timestamp | null;
    kinds: string[] | null;
    events: string[] | null;
  };
  /** every site with an event in the bundle, ascending by id */
  sites: ScopeSite[];
  checkpoint: { epoch: number; size: number };
  counts: ScopeCounts;
  made: Timestamp;
};

const countKeys = [
  "rows",
  "openings",
  "events",
  "eventOpenings",
  "images",
  "imageBytes",
  "certificates",
  "withheldUnits",
  "withheldEvents",
  "withheldImages",
] as const satisfies (keyof ScopeCounts)[];

function positive(value: unknown, what: string): number {
  const count = countOf(value, what);
  return count >= 1 ? count : failShape(what, value, "at least 1");
}

function requireAscending<T extends string | number>(list: T[], what: string): T[] {
  for (let i = 1; i < list.length; i++)
    if (list[i]! <= list[i - 1]!) failShape(what, list[i], "strictly ascending order");
  return list;
}

function optional<T>(value: unknown, read: (value: unknown) => T): T | null {
  return value === null ? null : read(value);
}

function offsetOf(value: unknown): [Timestamp | "-", number] {
  const [from, minutes, ...rest] = Array.isArray(value) ? value : [];
  if (rest.length > 0 || !Number.isSafeInteger(minutes) || Math.abs(minutes) > 1439) {
    return failShape("offsets", value, '["-" or a timestamp, minutes]');
  }
  return [matching(from, (text) => text === "-" || isTimestamp(text), "offsets"), minutes];
}

function siteOf(value: unknown): ScopeSite {
  const fields = fieldsOf(value, ["id", "name", "timeZone", "offsets"], "sites");
  const offsets = listOf(fields.offsets, "offsets", offsetOf);
  if (offsets[0]?.[0] !== "-") failShape("offsets", fields.offsets, 'a first entry ["-", …]');
  requireAscending(
    offsets.map(([from]) => from),
    "offsets",
  );
  return {
    id: matching(fields.id, isUuid, "id"),
    name: matching(fields.name, (text) => text.length <= 512, "name"),
    timeZone: matching(fields.timeZone, isToken, "timeZone"),
    offsets,
  };
}

function filtersOf(value: unknown): Scope["filters"] {
  const fields = fieldsOf(value, ["sites", "from", "to", "kinds", "events"], "filters");
  const uuids = (list: unknown) => listOf(list, "filters", (id) => matching(id, isUuid, "uuid"));
  const time = (text: unknown) => matching(text, isTimestamp, "timestamp");
  return {
    sites: optional(fields.sites, uuids),
    from: optional(fields.from, time),
    to: optional(fields.to, time),
    kinds: optional(fields.kinds, (list) => listOf(list, "kinds", (kind) => matching(kind, isToken, "token"))),
    events: optional(fields.events, uuids),
  };
}

function rangeOf(value: unknown): { from: number; to: number } {
  const fields = fieldsOf(value, ["from", "to"], "range");
  const range = { from: positive(fields.from, "range.from"), to: positive(fields.to, "range.to") };
  return range.from <= range.to ? range : failShape("range", value, "from ≤ to");
}

function countsOf(value: unknown): ScopeCounts {
  const fields = fieldsOf(value, [...countKeys], "counts");
  return Object.fromEntries(countKeys.map((key) => [key, countOf(fields[key], `counts.${key}`)])) as ScopeCounts;
}

/** Reads scope.json. Throws FormatError. */
export function parseScope(source: Uint8Array | string): Scope {
  const keys = ["format", "tenant", "range", "extra", "filters", "sites", "checkpoint", "counts", "made"];
  const fields = fieldsOf(parseStrictJson(source, { integersOnly: true }), keys, "scope.json");
  if (fields.format !== bundleFormat) failShape("format", fields.format, bundleFormat);
  const range = optional(fields.range, rangeOf);
  const extra = requireAscending(
    listOf(fields.extra, "extra", (seq) => positive(seq, "extra")),
    "extra",
  );
  if (range && extra.some((seq) => seq >= range.from && seq <= range.to))
    failShape("extra", extra, "rows outside the range");
  const sites = listOf(fields.sites, "sites", siteOf);
  requireAscending(
    sites.map((site) => site.id),
    "sites",
  );
  const checkpoint = fieldsOf(fields.checkpoint, ["epoch", "size"], "checkpoint");
  return {
    format: bundleFormat,
    tenant: matching(fields.tenant, isUuid, "tenant"),
    range,
    extra,
    filters: filtersOf(fields.filters),
    sites,
    checkpoint: { epoch: positive(checkpoint.epoch, "epoch"), size: positive(checkpoint.size, "size") },
    counts: countsOf(fields.counts),
    made: matching(fields.made, isTimestamp, "made"),
  };
}

export function scopeJson(scope: Scope): string {
  return `${JSON.stringify(scope, null, 1)}\n`;
}

/** Whose signatures are believed: raw Ed25519 keys, and SHA-256 (hex) of signing certificates in DER. */
export type Trust = { appliance: string; ed25519: Uint8Array[]; cmsSha256: string[] };

function keyOf(value: unknown): Uint8Array {
  const text = matching(value, (base64) => /^[A-Za-z0-9+/]{43}=$/.test(base64), "ed25519");
  const key = fromBase64(text);
  return key.length === 32 ? key : failShape("ed25519", value, "32 bytes");
}

/** Reads trust.json. Throws FormatError. */
export function parseTrust(source: Uint8Array | string): Trust {
  const fields = fieldsOf(
    parseStrictJson(source, { integersOnly: true }),
    ["appliance", "ed25519", "cms_sha256"],
    "trust.json",
  );
  return {
    appliance: matching(fields.appliance, isUuid, "appliance"),
    ed25519: listOf(fields.ed25519, "ed25519", keyOf),
    cmsSha256: listOf(fields.cms_sha256, "cms_sha256", (hash) => matching(hash, isHash, "cms_sha256")),
  };
}

export function trustJson(trust: Trust): string {
  const { appliance, ed25519, cmsSha256 } = trust;
  return `${JSON.stringify({ appliance, ed25519: ed25519.map(toBase64), cms_sha256: cmsSha256 })}\n`;
}
