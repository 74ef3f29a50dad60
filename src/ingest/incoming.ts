import type { ParsedEvent, RejectReason } from "../record/wire.ts";

/** Who sent it, as its certificate or API key says: never as the message says. */
export type Sender = { type: "device" | "api-key"; id: string };

/** One event as it came, parsed or refused, on its way into a transaction. */
export type Incoming = {
  sender: Sender;
  /** Of an API key: the site that the request named. A device's site is that of its row. */
  siteId: string | null;
  parsed: ParsedEvent;
  /** The bytes of a message that is no text: what its dead letter keeps instead of `parsed.text`. */
  bytes?: Uint8Array;
};

export type ImageTicket = { event: string; n: number; sha256: string; image: string; path: string; expires: string };

export type Outcome =
  | { status: "stored" | "duplicate"; id: string; tickets: ImageTicket[] }
  | { status: "rejected"; id: string | null; reason: RejectReason; detail: string };

/** What an outbox incarnation has behind it after a transaction. */
export type OutboxMark = { deviceId: string; outbox: string; ranges: [number, number][]; backedUp: number | null };

export type Recorded = {
  /** One an event, in the order they were given. */
  outcomes: Outcome[];
  marks: OutboxMark[];
  /** The appliance's clock at the commit. */
  received: string;
};

export const ticketPath = (imageId: string): string => `/device/v1/images/${imageId}`;
