import { type Principal, type TenantTx, withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";
import { timestampFromMillis, timestampMillis } from "../record/time.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import type { EventPage, EventQuery, FoundPage } from "./page.ts";
import { searchText } from "./search-text.ts";
import {
  countImages,
  type FoundEvent,
  type Range,
  selectByKind,
  selectBySites,
  selectBySubject,
  selectNewest,
} from "./store.ts";

export type EventsDeps = {
  pool: Pool;
  /** HMAC under the tenant's index key: how subjects are stored. */
  hashSubject(tx: TenantTx, subject: string): Promise<Buffer>;
};

// Up to here each site's own index is asked; beyond, the tenant's index is read and filtered.
const mostSitesMerged = 50;

const windowDays = [2, 8, 32];

/** Searches what the principal may see; a site outside its own is not found. Paged by (received, event id): exact while events come in. */
export async function searchEvents(deps: EventsDeps, principal: Principal, query: EventQuery): Promise<EventPage> {
  const siteIds = sitesOf(principal, query);
  const { limit, kind = null, source = null, text, subject } = query;
  const range: Range = {
    from: query.from ?? null,
    to: query.to ?? null,
    after: query.after === undefined ? null : decodeCursor(query.after),
  };
  return withTenant(deps.pool, principal, async (tx) => {
    const hash = subject === undefined ? null : await deps.hashSubject(tx, subject);
    const wanted = { siteIds, kind, source, hash, range, limit };
    const { events, ...rest } =
      text === undefined ? toPage(await select(tx, wanted), limit) : await searchText(tx, { ...wanted, text });
    const kept = await countImages(tx, events);
    return { events: events.map((event) => ({ ...event, imagesKept: kept.get(event.eventId) ?? 0 })), ...rest };
  });
}

type Wanted = {
  siteIds: readonly string[] | null;
  kind: string | null;
  source: string | null;
  hash: Buffer | null;
  range: Range;
  limit: number;
};

async function select(tx: TenantTx, wanted: Wanted): Promise<FoundEvent[]> {
  const { siteIds, kind, source, hash, range, limit } = wanted;
  // Rare by nature: asked of all days at once.
  if (hash) return selectBySubject(tx, hash, { siteIds, kind, source }, range, limit);
  const events: FoundEvent[] = [];
  for (const part of windowsOf(range)) {
    events.push(...(await selectPart(tx, { ...wanted, range: part, limit: limit - events.length })));
    if (events.length >= limit) break;
  }
  return events;
}

/**
 * Cuts the range into windows of 2, 8 and 32 days and the rest, newest first. Most pages are full after the first, and
 * Postgres plans over the partitions of a window alone: planning over all of them costs several times the reading.
 */
function* windowsOf({ from, to, after }: Range): Generator<Range> {
  const ends = [timestampFromMillis(Date.now()), to, after?.received].filter((end) => typeof end === "string");
  const newest = timestampMillis(ends.sort()[0]!);
  let part: Range = { from, to, after };
  for (const days of windowDays) {
    const start = timestampFromMillis(newest - days * 86_400_000);
    if (from !== null && start <= from) break;
    yield { ...part, from: start };
    part = { from, to: start, after: null };
  }
  yield part;
}

async function selectPart(tx: TenantTx, { siteIds, kind, source, range, limit }: Wanted): Promise<FoundEvent[]> {
  if (siteIds !== null && siteIds.length <= mostSitesMerged) {
    return selectBySites(tx, siteIds, { kind, source }, range, limit);
  }
  if (kind !== null) return selectByKind(tx, kind, { siteIds, source }, range, limit);
  return selectNewest(tx, source, range, limit);
}

/** Null: every site. The database's row policy limits the sites too; this says so with an answer. */
function sitesOf(principal: Principal, query: EventQuery): readonly string[] | null {
  if (query.siteIds === undefined) return principal.sites === "all" ? null : principal.sites;
  const foreign = query.siteIds.find((siteId) => principal.sites !== "all" && !principal.sites.includes(siteId));
  if (foreign !== undefined) throw notFound(`site ${foreign}`);
  return [...new Set(query.siteIds)];
}

function toPage(events: FoundEvent[], limit: number): FoundPage {
  const last = events.at(-1);
  return { events, next: last && events.length === limit ? encodeCursor(last) : null };
}
