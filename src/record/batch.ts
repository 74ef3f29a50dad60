import { encodeUtf8, fromHex, toHex } from "./bytes.ts";
import {
  FormatError,
  formatNumber,
  lineValue,
  parseNumber,
  requireHash,
  requireUuid,
  shown,
  splitLines,
} from "./text.ts";
import { dayOf, requireTimestamp, type Timestamp, timestampMicros } from "./time.ts";
import { CompactTree, leafHash, rootOfData, rootOfLeaves } from "./tree.ts";

export const eventsRecordedAction = "events.recorded";
export type SiteLine = { site: string; count: number; root: string };
export type BatchContent = { received: Timestamp; sites: SiteLine[] };

/** Site root (hex): MTH over the leaf hashes of the site's events, ordered by event uuid. */
export function siteRoot(leaves: Iterable<Uint8Array>): string {
  return toHex(rootOfLeaves(leaves));
}

export function siteLine(site: SiteLine): string {
  const count = formatNumber(site.count, "event count");
  if (site.count < 1) throw new FormatError("found a site line of 0 events, expected at least 1");
  return `site ${requireUuid(site.site, "site")} ${count} ${requireHash(site.root, "site root")}\n`;
}

function checkSiteOrder(sites: SiteLine[]): void {
  if (sites.length === 0) throw new FormatError("found a batch of no site, expected at least one");
  for (let i = 1; i < sites.length; i++) {
    if (sites[i]!.site <= sites[i - 1]!.site)
      throw new FormatError(`found site ${sites[i]!.site} out of order in a batch`);
  }
}

/** Content of the unit `batch`; `sites` ordered by uuid. */
export function batchContent(batch: BatchContent): string {
  checkSiteOrder(batch.sites);
  return `received ${requireTimestamp(batch.received, "received")}\n${batch.sites.map(siteLine).join("")}`;
}

export function parseBatchContent(text: string): BatchContent {
  const [first, ...rest] = splitLines(text, "unit batch");
  const received = requireTimestamp(lineValue(first, "received", "unit batch"), "received");
  const sites = rest.map((line): SiteLine => {
    const [key, site = "", count = "", root = "", ...more] = line.split(" ");
    if (key !== "site" || more.length > 0)
      throw new FormatError(`found ${shown(line)}, expected 'site <uuid> <count> <hash>'`);
    return {
      site: requireUuid(site, "site"),
      count: parseNumber(count, "count"),
      root: requireHash(root, "site root"),
    };
  });
  const batch = { received, sites };
  if (batchContent(batch) !== text) throw new FormatError("found a unit batch that is not in its only spelling");
  return batch;
}

/** Hash (hex) of `commit events`: MTH with the site lines as leaf data. */
export function batchCommit(sites: SiteLine[]): string {
  checkSiteOrder(sites);
  return toHex(rootOfData(sites.map((site) => encodeUtf8(siteLine(site)))));
}

/** MTH over hashes (hex): the 32 raw bytes of each hash are leaf data. */
export function rootOfHashes(hashes: Iterable<string>): string {
  const tree = new CompactTree();
  for (const hash of hashes) tree.add(leafHash(fromHex(hash)));
  return toHex(tree.root());
}

/** Longest time between a batch's `received` and its row's `at`. */
export const maxBatchDelayMicros = 600_000_000;

/** A batch is stamped again when this is false: `received ≤ at ≤ received + 10 min`, both on one UTC day. */
export function batchTimesAgree(received: Timestamp, at: Timestamp): boolean {
  const delay = timestampMicros(at) - timestampMicros(received);
  return delay >= 0 && delay <= maxBatchDelayMicros && dayOf(received) === dayOf(at);
}
