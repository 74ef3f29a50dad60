import { parseStrictJson } from "./json.ts";
import { countOf, failShape as fail, fieldsOf, listOf, matching } from "./shape.ts";
import { isHash, isToken, isUuid } from "./text.ts";
import { isTimestamp, type Timestamp } from "./time.ts";

// What the worker says to an edge, and what an edge says of itself (docs/ledger.md, "On the wire").

export type Reject = { id: string | null; seq: number | null; reason: string; detail: string };
export type Ticket = { event: string; n: number; sha256: string; image: string; path: string; expires: Timestamp };
export type Receipt = {
  outbox: string | null;
  /** every seq up to this is stored, rejected or declared a gap */
  through: number;
  /** further ones beyond, ascending, both ends included */
  ranges: [number, number][];
  rejects: Reject[];
  backedUp: number | null;
  tickets: Ticket[];
  at: Timestamp;
};
export type Status = { outbox: string; pending: number; pendingBytes: number; clock: Timestamp; version: string };

const isShort = (text: string) => text.length <= 1024;

function rejectOf(value: unknown): Reject {
  const { id, seq, reason, detail } = fieldsOf(value, ["id", "seq", "reason", "detail"], "rejects");
  return {
    id: id === null ? null : matching(id, isShort, "id"),
    seq: seq === null ? null : countOf(seq, "seq"),
    reason: matching(reason, isToken, "reason"),
    detail: matching(detail, isShort, "detail"),
  };
}

function ticketOf(value: unknown): Ticket {
  const fields = fieldsOf(value, ["event", "n", "sha256", "image", "path", "expires"], "tickets");
  return {
    event: matching(fields.event, isUuid, "event"),
    n: countOf(fields.n, "n"),
    sha256: matching(fields.sha256, isHash, "sha256"),
    image: matching(fields.image, isUuid, "image"),
    path: matching(fields.path, (text) => /^\/device\/v1\/images\/[0-9a-f-]{36}$/.test(text), "path"),
    expires: matching(fields.expires, isTimestamp, "expires"),
  };
}

function rangeOf(value: unknown): [number, number] {
  const [from, to, ...rest] = Array.isArray(value) ? value : [];
  const range: [number, number] = [countOf(from, "ranges"), countOf(to, "ranges")];
  if (rest.length > 0 || range[0] > range[1]) fail("ranges", value, "[from, to]");
  return range;
}

/** Strict; throws FormatError. */
export function parseReceipt(message: string): Receipt {
  const keys = ["outbox", "through", "ranges", "rejects", "backedUp", "tickets", "at"];
  const fields = fieldsOf(parseStrictJson(message, { integersOnly: true }), keys, "receipt");
  return {
    outbox: fields.outbox === null ? null : matching(fields.outbox, isUuid, "outbox"),
    through: countOf(fields.through, "through"),
    ranges: listOf(fields.ranges, "ranges", rangeOf),
    rejects: listOf(fields.rejects, "rejects", rejectOf),
    backedUp: fields.backedUp === null ? null : countOf(fields.backedUp, "backedUp"),
    tickets: listOf(fields.tickets, "tickets", ticketOf),
    at: matching(fields.at, isTimestamp, "at"),
  };
}

/** Strict; throws FormatError. */
export function parseStatus(message: string): Status {
  const keys = ["outbox", "pending", "pendingBytes", "clock", "version"];
  const fields = fieldsOf(parseStrictJson(message, { integersOnly: true }), keys, "status");
  return {
    outbox: matching(fields.outbox, isUuid, "outbox"),
    pending: countOf(fields.pending, "pending"),
    pendingBytes: countOf(fields.pendingBytes, "pendingBytes"),
    clock: matching(fields.clock, isTimestamp, "clock"),
    version: matching(fields.version, (text) => text.length <= 128, "version"),
  };
}
