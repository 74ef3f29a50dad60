import type { EventSource, ImageContent } from "../record/event.ts";
import { sha256 } from "../record/sha256.ts";
import { type Timestamp, timestampMillis } from "../record/time.ts";
import { isUuidv7, makeUuidv7, uuidv7Millis } from "../record/uuidv7.ts";
import type { RejectReason, WireEvent } from "../record/wire.ts";
import type { Incoming } from "./incoming.ts";

export type Limits = { maxBodyBytes: number; maxImageBytes: number; longestOfflineDays: number };

/** What the database says of a sender, read in the transaction that stores. */
export type SenderFacts = {
  siteId: string;
  offlineWindowDays: number;
  revoked: boolean;
  bestEffort: boolean;
  /** May send ids that are no UUIDv7, or none. */
  plain: boolean;
};

export type Admitted = {
  at: number;
  siteId: string;
  source: EventSource;
  bestEffort: boolean;
  id: string;
  kind: string;
  occurred: Timestamp;
  body: string;
  bodyBytes: number;
  subjects: string[];
  images: ImageContent[];
};

export type Refused = { at: number; siteId: string; reason: RejectReason; detail: string; id: string | null };
export type Admission = { ok: true; event: Admitted } | { ok: false; refused: Refused };

const minuteMs = 60_000;
const dayMs = 86_400_000;
const earlyMs = 5 * minuteMs;

/**
 * Decides on one event by its own words, the sender's facts and the clock. What passes may still be a duplicate.
 * The id's own time must lie in [now − longest offline window − 1 day, now + 5 min]: beyond it no key is kept, so nobody
 * could tell a re-send from a new event.
 */
export function admit(item: Incoming, at: number, facts: SenderFacts, now: Timestamp, limits: Limits): Admission {
  const { parsed } = item;
  const { siteId } = facts;
  const refuse = (reason: RejectReason, detail: string, id: string | null): Admission => ({
    ok: false,
    refused: { at, siteId, reason, detail, id },
  });
  if (facts.revoked) {
    return refuse("revoked", "the device is revoked", (parsed.ok ? parsed.event.id : parsed.id) ?? null);
  }
  if (!parsed.ok) return refuse(parsed.reason, parsed.detail, parsed.id ?? null);
  const { event } = parsed;
  const given = event.id ?? null;
  if (!facts.plain && (given === null || !isUuidv7(given))) {
    return refuse("id-invalid", "id: expected a lower-case UUIDv7", given);
  }
  const id = given !== null && isUuidv7(given) ? given : deriveId(item.sender.id, event);
  const late = lateness(id, event.occurred, facts.offlineWindowDays, now, limits.longestOfflineDays);
  if (late) return refuse(late.reason, late.detail, given ?? id);
  const bodyBytes = Buffer.byteLength(event.body);
  if (bodyBytes > limits.maxBodyBytes) {
    return refuse("oversize", `body: found ${bodyBytes} bytes, expected at most ${limits.maxBodyBytes}`, given ?? id);
  }
  for (const image of event.images) {
    if (image.bytes > limits.maxImageBytes) {
      const detail = `images.bytes: found ${image.bytes}, expected at most ${limits.maxImageBytes}`;
      return refuse("oversize", detail, given ?? id);
    }
  }
  const { kind, occurred, body, subjects, images } = event;
  const { bestEffort } = facts;
  const source: EventSource = item.sender;
  return {
    ok: true,
    event: { at, siteId, source, bestEffort, id, kind, occurred, body, bodyBytes, subjects, images },
  };
}

function lateness(id: string, occurred: Timestamp, windowDays: number, now: Timestamp, longestDays: number) {
  const nowMs = timestampMillis(now);
  const occurredMs = timestampMillis(occurred);
  const idMs = uuidv7Millis(id);
  if (occurredMs > nowMs + earlyMs || idMs > nowMs + earlyMs) {
    const what = occurredMs > nowMs + earlyMs ? `occurred: ${occurred}` : "id: its own time";
    return { reason: "future" as const, detail: `${what} is after ${now} by more than 5 minutes: set the clock` };
  }
  if (occurredMs < nowMs - windowDays * dayMs) {
    return { reason: "too-old" as const, detail: `occurred: ${occurred} is over ${windowDays} days before ${now}` };
  }
  if (idMs < nowMs - (longestDays + 1) * dayMs) {
    return { reason: "too-old" as const, detail: `id: its own time is over ${longestDays + 1} days before ${now}` };
  }
  return undefined;
}

/** The same event from the same sender has the same id, however often it is sent. */
export function deriveId(senderId: string, event: WireEvent): string {
  const content =
    event.id === undefined
      ? `content\n${event.kind}\n${event.occurred}\n${JSON.stringify([event.subjects, event.images])}\n${event.body}`
      : `id\n${event.id}`;
  const digest = sha256(`ledgerstone/derived-id/v1\n${senderId}\n${content}`);
  return makeUuidv7(Math.max(0, timestampMillis(event.occurred)), digest);
}
