import { rootOfHashes } from "../../src/record/batch.ts";
import { toHex } from "../../src/record/bytes.ts";
import type { Reason } from "../../src/record/control.ts";
import { dayOf } from "../../src/record/time.ts";
import type { TombstoneLine } from "../../src/record/tombstone.ts";
import type { StoredBatch, StoredEvent, StoredRow, TestChain } from "./bundle-chain.ts";

// What the appliance's executor does, for the chain in memory: lines of tombstones, and the content that goes with them.

type SiteEvents = { batch: StoredBatch; events: StoredEvent[] };

function siteDay(chain: TestChain, site: string, day: string): SiteEvents[] {
  return chain.batches
    .filter(({ received }) => dayOf(received) === day)
    .map((batch) => ({ batch, events: batch.sites.find((entry) => entry.site === site)?.events ?? [] }))
    .filter(({ events }) => events.length > 0);
}

export function siteDayLine(chain: TestChain, site: string, day: string): TombstoneLine {
  const batches = siteDay(chain, site, day);
  return {
    kind: "site-day",
    site,
    day,
    batches: batches.length,
    events: batches.reduce((sum, { events }) => sum + events.length, 0),
    root: rootOfHashes(batches.map(({ batch }) => batch.sites.find((entry) => entry.site === site)!.root)),
  };
}

export function imageDayLine(chain: TestChain, site: string, day: string): TombstoneLine {
  const kept = siteDay(chain, site, day).flatMap(({ events }) =>
    events.filter(({ erasedBy }) => erasedBy === undefined),
  );
  const hashes = kept.flatMap(({ record }) => record.units.slice(1).map(({ hash }) => hash));
  return { kind: "image-day", site, day, images: hashes.length, root: rootOfHashes(hashes) };
}

export function eventLine(chain: TestChain, batch: number, site: string, index: number): TombstoneLine {
  return { kind: "event", batch, site, index, leaf: toHex(chain.events(batch, site)[index]!.leaf) };
}

export function imageLine(
  chain: TestChain,
  place: { batch: number; site: string; index: number; n: number },
): TombstoneLine {
  const { batch, site, index, n } = place;
  const unit = chain.events(batch, site)[index]!.record.units.find(({ name }) => name === `image.${n}`)!;
  return { kind: "image", batch, site, index, unit: unit.name, hash: unit.hash };
}

export function openingLine(chain: TestChain, seq: number, unit: string): TombstoneLine {
  const { hash } = chain.rows[seq - 1]!.row.units.find(({ name }) => name === unit)!;
  return { kind: "opening", seq, unit, hash };
}

export function openingsLine(chain: TestChain, from: number, to: number, unit: string): TombstoneLine {
  const hashes = chain.rows
    .slice(from - 1, to)
    .flatMap(({ row }) => row.units.filter(({ name }) => name === unit).map(({ hash }) => hash));
  return { kind: "openings", from, to, unit, count: hashes.length, root: rootOfHashes(hashes) };
}

function dropImages(event: StoredEvent, only?: string): void {
  event.openings = event.openings.filter(({ unit }) => unit === "body" || (only !== undefined && unit !== only));
}

function dropEvent(event: StoredEvent, by: number): void {
  event.erasedBy ??= by;
  event.openings = [];
}

function remove(chain: TestChain, line: TombstoneLine, by: number): void {
  if (line.kind === "site-day" || line.kind === "image-day") {
    for (const { events } of siteDay(chain, line.site, line.day)) {
      for (const event of events) line.kind === "site-day" ? dropEvent(event, by) : dropImages(event);
    }
  } else if (line.kind === "event") dropEvent(chain.events(line.batch, line.site)[line.index]!, by);
  else if (line.kind === "image") dropImages(chain.events(line.batch, line.site)[line.index]!, line.unit);
  else {
    const [from, to] = line.kind === "opening" ? [line.seq, line.seq] : [line.from, line.to];
    for (const stored of chain.rows.slice(from - 1, to)) {
      stored.openings = stored.openings.filter(({ unit }) => unit !== line.unit);
    }
  }
}

/** Writes the tombstone and removes what it lists; the opening of `batch` goes with the last event of its batch. */
export function erase(chain: TestChain, reason: Reason, lines: TombstoneLine[]): StoredRow {
  const tombstone = chain.entomb(reason, lines);
  for (const line of lines) remove(chain, line, tombstone.row.seq);
  for (const batch of chain.batches) {
    if (batch.sites.some(({ events }) => events.some(({ erasedBy }) => erasedBy === undefined))) continue;
    const stored = chain.rows[batch.seq - 1]!;
    stored.openings = stored.openings.filter(({ unit }) => unit !== "batch");
  }
  return tombstone;
}
