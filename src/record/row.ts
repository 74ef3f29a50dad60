import { sha256Hex } from "./sha256.ts";
import { FormatError, formatNumber, isHash, requireHash, requireToken, requireUuid, shown } from "./text.ts";
import { isTimestamp, requireTimestamp, type Timestamp } from "./time.ts";

/** A name with its hash in hex. */
export type NamedHash = { name: string; hash: string };

export type Row = {
  tenant: string;
  epoch: number;
  seq: number;
  prev: string;
  at: Timestamp;
  actor: { type: string; id: string };
  via: string;
  action: string;
  entity: { type: string; id: string };
  correlation: string;
  /** seq of the latest earlier control row, 0 if none */
  control: number;
  commits: NamedHash[];
  units: NamedHash[];
};

export const actorTypes = ["user", "api-key", "device", "scim", "system", "ops", "agent"] as const;
export const channels = [
  "web",
  "api",
  "mqtt",
  "edge",
  "cli",
  "cron",
  "saml",
  "scim",
  "ldap",
  "webhook",
  "mcp",
  "assist",
  "agent",
  "sql",
] as const;

const actorTypeSet: ReadonlySet<string> = new Set(actorTypes);
const channelSet: ReadonlySet<string> = new Set(channels);

/** Longest text of one row: 256 named hashes of full-length names fit, far above what any action writes. */
export const maxRowBytes = 65_536;

export function isControlAction(action: string): boolean {
  return action.startsWith("ledger.");
}

function requireOneOf(set: ReadonlySet<string>, text: string, what: string): string {
  if (!set.has(text)) throw new FormatError(`found ${shown(text)}, expected one of ${[...set].join(" ")} as ${what}`);
  return text;
}

function namedHashLines(key: string, list: NamedHash[]): string {
  let text = "";
  let before = "";
  for (const { name, hash } of list) {
    requireToken(name, `name of a ${key}`);
    if (name <= before)
      throw new FormatError(`found ${key} ${name} after ${before}, expected names strictly ascending`);
    before = name;
    text += `${key} ${name} ${requireHash(hash, `hash of ${key} ${name}`)}\n`;
  }
  return text;
}

/** The hashed lines of a row. Throws FormatError on a field outside the grammar. */
export function rowLines(row: Row): string {
  if (row.seq < 1 || row.epoch < 1)
    throw new FormatError(`found seq ${row.seq} epoch ${row.epoch}, expected at least 1`);
  if (row.control >= row.seq) throw new FormatError(`found control ${row.control}, expected less than seq ${row.seq}`);
  return (
    `ledgerstone/row/v1\ntenant ${requireUuid(row.tenant, "tenant")}\nepoch ${formatNumber(row.epoch, "epoch")}\n` +
    `seq ${formatNumber(row.seq, "seq")}\nprev ${requireHash(row.prev, "prev")}\nat ${requireTimestamp(row.at, "at")}\n` +
    `actor ${requireOneOf(actorTypeSet, row.actor.type, "actor type")} ${requireToken(row.actor.id, "actor id")}\n` +
    `via ${requireOneOf(channelSet, row.via, "channel")}\naction ${requireToken(row.action, "action")}\n` +
    `entity ${requireToken(row.entity.type, "entity type")} ${requireToken(row.entity.id, "entity id")}\n` +
    `correlation ${requireUuid(row.correlation, "correlation")}\ncontrol ${formatNumber(row.control, "control")}\n` +
    namedHashLines("commit", row.commits) +
    namedHashLines("unit", row.units)
  );
}

/** Row hash (hex) of a row's lines. */
export function rowHash(lines: string): string {
  return sha256Hex(lines);
}

const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const token = "[A-Za-z0-9._:@/+-]{1,128}";
const number = "(?:0|[1-9][0-9]{0,15})";
const header = new RegExp(
  `^ledgerstone/row/v1\\ntenant (${uuid})\\nepoch (${number})\\nseq (${number})\\nprev ([0-9a-f]{64})\\nat ([0-9TZ.:-]{27})\\n` +
    `actor (${token}) (${token})\\nvia (${token})\\naction (${token})\\nentity (${token}) (${token})\\n` +
    `correlation (${uuid})\\ncontrol (${number})\\n`,
);
const named = new RegExp(`(commit|unit) (${token}) ([0-9a-f]{64})\\n`, "y");

function parseNamedHashes(text: string, from: number, row: Row): void {
  named.lastIndex = from;
  let at = from;
  while (at < text.length) {
    const match = named.exec(text);
    if (!match) throw new FormatError(`found ${shown(text.slice(at))}, expected a 'commit' or 'unit' line`);
    const list = match[1] === "commit" ? row.commits : row.units;
    if (match[1] === "commit" && row.units.length > 0) throw new FormatError("found a commit line after a unit line");
    const name = match[2]!;
    const before = list.at(-1);
    if (before && name <= before.name) {
      throw new FormatError(`found ${match[1]} ${name} after ${before.name}, expected names strictly ascending`);
    }
    list.push({ name, hash: match[3]! });
    at = named.lastIndex;
  }
}

function headerFault(text: string): FormatError {
  const expected = "tenant epoch seq prev at actor via action entity correlation control".split(" ");
  const lines = text.split("\n");
  if (lines[0] !== "ledgerstone/row/v1")
    return new FormatError(`found ${shown(lines[0]!)}, expected ledgerstone/row/v1`);
  for (const [i, key] of expected.entries()) {
    if (!lines[i + 1]?.startsWith(`${key} `)) {
      return new FormatError(`found ${shown(lines[i + 1] ?? "")}, expected a line '${key} …'`);
    }
  }
  return new FormatError(`found a header line outside the grammar in ${shown(text)}`);
}

/** Strict inverse of rowLines: rowLines(parseRow(text)) === text for every text that it takes. */
export function parseRow(text: string): Row {
  if (text.length > maxRowBytes)
    throw new FormatError(`found a row of ${text.length} bytes, expected at most ${maxRowBytes}`);
  const match = header.exec(text);
  if (!match) throw headerFault(text);
  const [whole, tenant, epoch, seq, prev, at, actorType, actorId, via, action, entityType, entityId] =
    match as string[];
  const row: Row = {
    tenant: tenant!,
    epoch: Number(epoch),
    seq: Number(seq),
    prev: prev!,
    at: at!,
    actor: { type: requireOneOf(actorTypeSet, actorType!, "actor type"), id: actorId! },
    via: requireOneOf(channelSet, via!, "channel"),
    action: action!,
    entity: { type: entityType!, id: entityId! },
    correlation: match[12]!,
    control: Number(match[13]),
    commits: [],
    units: [],
  };
  if (!isTimestamp(row.at)) throw new FormatError(`found ${shown(row.at)}, expected a timestamp as at`);
  if (!(Number.isSafeInteger(row.seq) && Number.isSafeInteger(row.epoch) && row.seq >= 1 && row.epoch >= 1)) {
    throw new FormatError(`found seq ${seq} epoch ${epoch}, expected 1 to 2^53-1`);
  }
  if (row.control >= row.seq) throw new FormatError(`found control ${row.control}, expected less than seq ${row.seq}`);
  parseNamedHashes(text, whole!.length, row);
  return row;
}

/** The hash of the named commit or unit; undefined when the row has none of that name. */
export function namedHash(list: NamedHash[], name: string): string | undefined {
  const hash = list.find((entry) => entry.name === name)?.hash;
  return hash !== undefined && isHash(hash) ? hash : undefined;
}
