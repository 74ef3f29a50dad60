import { fromBase64, toBase64 } from "./bytes.ts";
import {
  FormatError,
  formatNumber,
  lineValue,
  parseNumber,
  requireHash,
  requireLineCount,
  requireToken,
  requireUuid,
  shown,
  splitLines,
} from "./text.ts";
import { requireTimestamp, type Timestamp } from "./time.ts";

// Contents of the structural units that control rows carry. Every `parse…` takes only what its builder can write.

export type Policy = { site: string; version: number; imageDays: number; eventDays: number; effective: Timestamp };

/** Content of unit `policy`: 1 ≤ image-days ≤ event-days ≤ 36500, version from 1. */
export function policyContent(policy: Policy): string {
  const { imageDays, eventDays } = policy;
  if (!(imageDays >= 1 && imageDays <= eventDays && eventDays <= 36_500)) {
    throw new FormatError(`found image-days ${imageDays} event-days ${eventDays}, expected 1 ≤ image ≤ event ≤ 36500`);
  }
  if (policy.version < 1) throw new FormatError(`found policy version ${policy.version}, expected at least 1`);
  return (
    `site ${requireUuid(policy.site, "site")}\nversion ${formatNumber(policy.version, "version")}\n` +
    `image-days ${formatNumber(imageDays, "image-days")}\nevent-days ${formatNumber(eventDays, "event-days")}\n` +
    `effective ${requireTimestamp(policy.effective, "effective")}\n`
  );
}

export function parsePolicy(text: string): Policy {
  const lines = splitLines(text, "unit policy");
  requireLineCount(lines, 5, "unit policy");
  const policy = {
    site: lineValue(lines[0], "site", "unit policy"),
    version: parseNumber(lineValue(lines[1], "version", "unit policy"), "version"),
    imageDays: parseNumber(lineValue(lines[2], "image-days", "unit policy"), "image-days"),
    eventDays: parseNumber(lineValue(lines[3], "event-days", "unit policy"), "event-days"),
    effective: lineValue(lines[4], "effective", "unit policy"),
  };
  policyContent(policy);
  return policy;
}

/** Half-open from..to, undefined where unbounded; site and kind undefined for all. `narrowed`: further limited in unit `detail`. */
export type Hold = { hold: string; site?: string; from?: Timestamp; to?: Timestamp; kind?: string; narrowed: boolean };

export function holdPlacedContent(hold: Hold): string {
  const { from, to } = hold;
  if (from !== undefined && to !== undefined && from >= to)
    throw new FormatError("found a hold that ends before it begins");
  return (
    `hold ${requireUuid(hold.hold, "hold")}\nsite ${hold.site === undefined ? "*" : requireUuid(hold.site, "site")}\n` +
    `from ${from === undefined ? "-" : requireTimestamp(from, "from")}\nto ${to === undefined ? "-" : requireTimestamp(to, "to")}\n` +
    `kind ${hold.kind === undefined ? "*" : requireToken(hold.kind, "kind")}\nnarrowed ${hold.narrowed ? "yes" : "no"}\n`
  );
}

export function parseHoldPlaced(text: string): Hold {
  const lines = splitLines(text, "unit hold");
  requireLineCount(lines, 6, "unit hold");
  const [hold, site, from, to, kind, narrowed] = ["hold", "site", "from", "to", "kind", "narrowed"].map((key, i) =>
    lineValue(lines[i], key, "unit hold"),
  ) as [string, string, string, string, string, string];
  const placed: Hold = { hold, narrowed: narrowed === "yes" };
  if (site !== "*") placed.site = site;
  if (from !== "-") placed.from = from;
  if (to !== "-") placed.to = to;
  if (kind !== "*") placed.kind = kind;
  if (holdPlacedContent(placed) !== text) throw new FormatError("found a unit hold that is not in its only spelling");
  return placed;
}

export function holdReleasedContent(hold: string): string {
  return `hold ${requireUuid(hold, "hold")}\n`;
}

export function parseHoldReleased(text: string): string {
  const lines = splitLines(text, "unit hold");
  requireLineCount(lines, 1, "unit hold");
  return requireUuid(lineValue(lines[0], "hold", "unit hold"), "hold");
}

export const erasureBases = ["retention", "request", "hold-release", "offboarding"] as const;
export type ErasureBasis = (typeof erasureBases)[number];
export type Person = { type: string; id: string };
export type Reason = {
  basis: ErasureBasis;
  /** by site, strictly ascending */
  policies: { site: string; version: number }[];
  request?: string;
  requester?: Person;
  approver?: Person;
};

function personLine(key: string, person: Person | undefined): string {
  return person ? `${key} ${requireToken(person.type, key)} ${requireToken(person.id, key)}\n` : "";
}

export function reasonContent(reason: Reason): string {
  if (!erasureBases.includes(reason.basis)) {
    throw new FormatError(`found ${shown(reason.basis)}, expected ${erasureBases.join(" ")} as basis`);
  }
  let text = `basis ${reason.basis}\n`;
  let before = "";
  for (const { site, version } of reason.policies) {
    if (site <= before)
      throw new FormatError(`found policy ${site} after ${before}, expected sites strictly ascending`);
    before = site;
    text += `policy ${requireUuid(site, "site")} ${formatNumber(version, "version")}\n`;
  }
  if (reason.request !== undefined) text += `request ${requireUuid(reason.request, "request")}\n`;
  return text + personLine("requester", reason.requester) + personLine("approver", reason.approver);
}

export function parseReason(text: string): Reason {
  const [first, ...lines] = splitLines(text, "unit reason");
  const reason: Reason = { basis: lineValue(first, "basis", "unit reason") as ErasureBasis, policies: [] };
  for (const line of lines) {
    const [key, a = "", b = ""] = line.split(" ");
    if (key === "policy") reason.policies.push({ site: a, version: parseNumber(b, "version") });
    else if (key === "request") reason.request = a;
    else if (key === "requester") reason.requester = { type: a, id: b };
    else if (key === "approver") reason.approver = { type: a, id: b };
    else throw new FormatError(`found ${shown(line)}, expected policy, request, requester or approver in unit reason`);
  }
  // Writing it again refuses repeated, reordered and overlong lines in one go.
  if (reasonContent(reason) !== text) throw new FormatError("found a unit reason that is not in its only spelling");
  return reason;
}

/** Raw Ed25519 public keys, 32 bytes each. */
export type KeyRotation = { oldKey: Uint8Array; newKey: Uint8Array };

export function keyContent(rotation: KeyRotation): string {
  for (const key of [rotation.oldKey, rotation.newKey]) {
    if (key.length !== 32) throw new FormatError(`found a key of ${key.length} bytes, expected 32`);
  }
  return `old ${toBase64(rotation.oldKey)}\nnew ${toBase64(rotation.newKey)}\n`;
}

export function parseKeyContent(text: string): KeyRotation {
  const lines = splitLines(text, "unit key");
  requireLineCount(lines, 2, "unit key");
  const rotation = {
    oldKey: fromBase64(lineValue(lines[0], "old", "unit key")),
    newKey: fromBase64(lineValue(lines[1], "new", "unit key")),
  };
  if (keyContent(rotation) !== text) throw new FormatError("found a unit key that is not in its only spelling");
  return rotation;
}

/** The last known checkpoint of the epoch that ended, and how many of its rows the restored chain kept. */
export type Epoch = { oldSize: number; oldRoot: string; keptSize: number; reason: string };

export function epochContent(epoch: Epoch): string {
  return (
    `old-size ${formatNumber(epoch.oldSize, "old-size")}\nold-root ${requireHash(epoch.oldRoot, "old-root")}\n` +
    `kept-size ${formatNumber(epoch.keptSize, "kept-size")}\nreason ${requireToken(epoch.reason, "reason")}\n`
  );
}

export function parseEpoch(text: string): Epoch {
  const lines = splitLines(text, "unit epoch");
  requireLineCount(lines, 4, "unit epoch");
  const epoch = {
    oldSize: parseNumber(lineValue(lines[0], "old-size", "unit epoch"), "old-size"),
    oldRoot: lineValue(lines[1], "old-root", "unit epoch"),
    keptSize: parseNumber(lineValue(lines[2], "kept-size", "unit epoch"), "kept-size"),
    reason: lineValue(lines[3], "reason", "unit epoch"),
  };
  epochContent(epoch);
  return epoch;
}
