import { FormatError, isHash, shown } from "./text.ts";

// BagIt 1.0 (RFC 8493), and which files a bundle may have.

export const bagDeclaration = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
export const manifestName = "manifest-sha256.txt";
export const tagManifestName = "tagmanifest-sha256.txt";
export const signatureName = "tagmanifest-sha256.txt.p7s";
/** Named in the tag manifest, in this order; the tag manifest and its signature are not. */
export const tagFiles = ["README.txt", "VERIFY-WINDOWS.txt", "bag-info.txt", "bagit.txt", manifestName] as const;

export const names = {
  scope: "data/scope.json",
  rows: "data/ledger/rows.txt",
  outside: "data/ledger/outside.txt",
  openings: "data/ledger/openings.jsonl",
  withheld: "data/ledger/withheld.txt",
  trust: "data/ledger/trust.json",
  leaves: "data/events/leaves.jsonl",
  events: "data/events/events.txt",
  eventsIndex: "data/events/events.index",
  eventOpenings: "data/events/openings.jsonl",
  rowsTable: "data/tables/rows.csv",
  eventsTable: "data/tables/events.csv",
  imagesTable: "data/tables/images.csv",
  erasuresTable: "data/tables/erasures.csv",
  report: "data/report.html",
} as const;

export function checkpointName(epoch: number, size: number): string {
  return `data/ledger/checkpoints/${epoch}-${size}.txt`;
}

export function consistencyName(oldSize: number, newSize: number): string {
  return `data/ledger/consistency-${oldSize}-${newSize}.txt`;
}

export function imageName(sha256: string, extension: string): string {
  return `data/images/${sha256.slice(0, 2)}/${sha256}.${extension}`;
}

export function certificateName(erasure: string): string {
  return `data/erasures/${erasure}.json`;
}

const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const number = "(?:0|[1-9][0-9]{0,15})";
const variable = new RegExp(
  `^data/(?:ledger/checkpoints/${number}-${number}\\.txt|ledger/consistency-${number}-${number}\\.txt|` +
    `images/([0-9a-f]{2})/([0-9a-f]{2})[0-9a-f]{62}\\.(?:jpg|png|webp)|erasures/${uuid}\\.json)$`,
);
const fixed: ReadonlySet<string> = new Set(Object.values(names));

/** Whether a bundle may have this file under data/. */
export function isPayloadName(name: string): boolean {
  const match = variable.exec(name);
  return fixed.has(name) || (match !== null && match[1] === match[2]);
}

export const requiredNames: readonly string[] = Object.values(names);

/** A relative path of a ZIP or bag: `[A-Za-z0-9._/-]`, no empty, `.` or `..` segment, at most 255 characters. */
export function isSafeName(name: string): boolean {
  if (name.length > 255 || !/^[A-Za-z0-9._/-]+$/.test(name)) return false;
  return name.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..");
}

/** One line of a manifest. */
export function manifestLine(sha256: string, name: string): string {
  return `${sha256}  ${name}\n`;
}

export function parseManifestLine(line: string): { sha256: string; name: string } {
  const sha256 = line.slice(0, 64);
  const name = line.slice(66);
  if (!isHash(sha256) || line.slice(64, 66) !== "  " || !isSafeName(name)) {
    throw new FormatError(`found ${shown(line)}, expected '<sha256>  <name>'`);
  }
  return { sha256, name };
}

export type BagInfo = { tenant: string; baggingDate: string; payloadBytes: number; payloadFiles: number };

export function bagInfo(info: BagInfo): string {
  return (
    `Bagging-Date: ${info.baggingDate}\nExternal-Identifier: ${info.tenant}\n` +
    `Payload-Oxum: ${info.payloadBytes}.${info.payloadFiles}\nBag-Software-Agent: Ledgerstone\n`
  );
}

/** `bytes.files` of Payload-Oxum. */
export function parsePayloadOxum(text: string): { bytes: number; files: number } {
  const lines = text.split("\n").filter((line) => line.startsWith("Payload-Oxum: "));
  const match = /^Payload-Oxum: ([0-9]{1,15})\.([0-9]{1,15})$/.exec(lines[0] ?? "");
  if (lines.length !== 1 || !match) throw new FormatError("found no single Payload-Oxum in bag-info.txt");
  return { bytes: Number(match[1]), files: Number(match[2]) };
}
