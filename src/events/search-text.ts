import type { TenantTx } from "../audit/index.ts";
import { timestampFromMicros, timestampMicros } from "../record/time.ts";
import { type Cursor, encodeCursor } from "./cursor.ts";
import type { FoundPage } from "./page.ts";
import { type FoundEvent, type Narrow, type Range, selectByText, selectNow, selectOldestDay } from "./store.ts";

const budgetMs = 2000;
const hourMicros = 3_600_000_000;
const firstId = "00000000-0000-0000-0000-000000000000";
const lastId = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/**
 * Free text has no index: bodies are read window by window, newest first, for about two seconds, and the page says how far
 * it came. A window shrinks and grows between an hour and a day with the time that the last one took.
 */
export async function searchText(
  tx: TenantTx,
  query: Narrow & {
    text: string;
    siteIds: readonly string[] | null;
    /** HMAC of a subject; null: of any. */
    hash: Buffer | null;
    range: Range;
    limit: number;
  },
): Promise<FoundPage> {
  const { text, kind, source, siteIds, hash, range, limit } = query;
  const now = await selectNow(tx);
  const oldest = (await selectOldestDay(tx, siteIds)) ?? now;
  const from = range.from && range.from > oldest ? range.from : oldest;
  const end =
    range.to && range.to < now ? { received: range.to, eventId: firstId } : { received: now, eventId: lastId };
  let place: Cursor = range.after && range.after.received < end.received ? range.after : end;
  const events: FoundEvent[] = [];
  const until = performance.now() + budgetMs;
  let windowMicros = hourMicros;
  while (place.received > from && events.length < limit && performance.now() < until) {
    const start = timestampFromMicros(Math.max(timestampMicros(place.received) - windowMicros, timestampMicros(from)));
    const began = performance.now();
    const found = await selectByText(
      tx,
      text,
      { siteIds, kind, source, hash },
      { from: start, after: place },
      limit - events.length,
    );
    const tookMs = performance.now() - began;
    events.push(...found);
    const full = events.length >= limit;
    place = full ? found.at(-1)! : { received: start, eventId: firstId };
    if (tookMs < 100) windowMicros = Math.min(windowMicros * 2, 24 * hourMicros);
    else if (tookMs > 500) windowMicros = Math.max(windowMicros / 2, hourMicros);
  }
  const more = place.received > from || (events.length >= limit && place.eventId !== firstId);
  return { events, next: more ? encodeCursor(place) : null, searchedTo: place.received };
}
