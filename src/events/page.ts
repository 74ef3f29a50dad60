import type { Timestamp } from "../record/time.ts";
import type { EventSummary, FoundEvent } from "./store.ts";

export type EventQuery = {
  siteIds?: readonly string[];
  /** Half-open, of the time of receipt. */
  from?: Timestamp;
  to?: Timestamp;
  kind?: string;
  /** The device or API key that sent it. */
  source?: string;
  /** `plate:AB12CDE`, in any spelling. */
  subject?: string;
  /** Looked for in the bodies' text, day by day. */
  text?: string;
  /** `next` of the page before. */
  after?: string;
  limit: number;
};

export type EventPage = {
  /** Newest first. */
  events: EventSummary[];
  /** Null: there is no more. */
  next: string | null;
  /** Of a search for text: how far back it has looked. */
  searchedTo?: Timestamp;
};

export type FoundPage = Omit<EventPage, "events"> & { events: FoundEvent[] };
