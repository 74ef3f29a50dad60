import type { Principal } from "../audit/index.ts";
import { withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { AppError, forbidden, invalid, notFound } from "../platform/errors.ts";
import type { Incoming, Outcome } from "./incoming.ts";
import type { ReadMessage } from "./read-message.ts";
import type { Recorder } from "./recorder.ts";
import { selectOpenSite } from "./store-images.ts";

export type HttpIngestDeps = {
  pool: Pool;
  recorder: Recorder;
  maxMessageBytes: number;
  /** Whether the disk is too full to take more. */
  diskFull(): Promise<boolean> | boolean;
};

/** What the sender is told of one event, in the order in which it sent them. */
export type EventResult = {
  /** From 1: the line, or the place in the array. */
  item: number;
  status: "stored" | "duplicate" | "rejected";
  id: string | null;
  reason?: string;
  detail?: string;
  /** Declared images whose bytes are not here, and what became of those that came along. */
  images?: { n: number; sha256: string; status: "pending" | "stored" | "mismatch" }[];
};

const batchEvents = 1000;
const batchesAtATime = 2;

/**
 * The site that a request's events go to: the named one, or the key's only one. Answers before any body is read.
 * @throws AppError `forbidden`, `invalid`, `not-found`, `disk-full`.
 */
export async function requireIngestSite(deps: HttpIngestDeps, principal: Principal, wanted?: string): Promise<string> {
  if (principal.actor.type !== "api-key") throw forbidden("events are sent with an API key");
  const siteId = wanted ?? (principal.sites !== "all" && principal.sites.length === 1 ? principal.sites[0] : undefined);
  if (siteId === undefined)
    throw invalid("no site is named", { expected: "the query parameter site", remedy: "add ?site=<uuid>" });
  if (principal.sites !== "all" && !principal.sites.includes(siteId)) throw notFound(`site ${siteId}`);
  if (await deps.diskFull()) {
    throw new AppError("disk-full", "there is no room for events", {
      remedy: "keep them and try again later; an admin has to make room",
    });
  }
  const open = await withTenant(deps.pool, principal, (tx) => selectOpenSite(tx, siteId));
  if (!open) throw notFound(`site ${siteId}`);
  return siteId;
}

/**
 * Stores events as they come and yields their results, in order, each after its commit. Keeps at most three batches in
 * memory. What was yielded is durable, whatever happens to the rest.
 */
export async function* ingestHttp(
  deps: HttpIngestDeps,
  principal: Principal,
  siteId: string,
  events: AsyncIterable<ReadMessage> | Iterable<ReadMessage>,
): AsyncGenerator<EventResult[]> {
  const sender = { type: "api-key" as const, id: principal.actor.id };
  const underWay: Promise<EventResult[]>[] = [];
  let items: Incoming[] = [];
  let from = 1;
  const store = (): void => {
    const first = from;
    from += items.length;
    const work = deps.recorder
      .record(principal, items)
      .then(({ outcomes }) => outcomes.map((outcome, n) => eventResult(outcome, first + n)));
    // Awaited in order below; a failure in the meantime must not count as unhandled.
    work.catch(() => {});
    underWay.push(work);
    items = [];
  };
  try {
    for await (const { parsed, bytes } of events) {
      for (const each of parsed) items.push({ sender, siteId, parsed: each, bytes });
      if (items.length < batchEvents) continue;
      if (underWay.length >= batchesAtATime) yield await underWay.shift()!;
      store();
    }
    if (items.length > 0) store();
    while (underWay.length > 0) yield await underWay.shift()!;
  } finally {
    await Promise.allSettled(underWay);
  }
}

export function eventResult(outcome: Outcome, item: number): EventResult {
  const { status, id } = outcome;
  if (outcome.status === "rejected") return { item, status, id, reason: outcome.reason, detail: outcome.detail };
  const images = outcome.tickets.map(({ n, sha256 }) => ({ n, sha256, status: "pending" as const }));
  return images.length > 0 ? { item, status, id, images } : { item, status, id };
}
