import type { Receipt, Reject, Ticket } from "../record/receipts.ts";

// What a broker with default limits takes in one packet, with room to spare.
const mostTickets = 1000;
const mostRejects = 1000;
const mostRanges = 1000;
const mostKept = 20_000;

/**
 * One receipt that says what both say. No reject is left out, since the next receipt covers its number; where many wait,
 * the later ones lose their words.
 */
export function mergeReceipts(older: Receipt, newer: Receipt): Receipt {
  const tickets = new Map<string, Ticket>();
  for (const ticket of [...older.tickets, ...newer.tickets]) tickets.set(ticket.image, ticket);
  const worded = Math.max(0, mostKept - older.rejects.length);
  const silent = newer.rejects.slice(worded).map((reject) => ({ ...reject, detail: "" }));
  const rejects = [...older.rejects, ...newer.rejects.slice(0, worded), ...silent];
  return { ...newer, rejects, tickets: [...tickets.values()].slice(-mostKept) };
}

/**
 * What fits into one message, and what is left for the next. A number that is covered is settled for the edge, which then
 * deletes the event as stored: so no part covers a reject that only a later part tells.
 */
export function cutReceipt(receipt: Receipt): { now: Receipt; later?: Receipt } {
  const rejects = bySeq(receipt.rejects);
  const later = { ...receipt, rejects: rejects.slice(mostRejects), tickets: receipt.tickets.slice(mostTickets) };
  const whole = { ...receipt, rejects: rejects.slice(0, mostRejects), tickets: receipt.tickets.slice(0, mostTickets) };
  const covered = uncover(whole, later.rejects);
  const now = { ...covered, ranges: covered.ranges.slice(0, mostRanges) };
  return later.rejects.length + later.tickets.length > 0 ? { now, later } : { now };
}

/** Lowest first: what a part leaves out lies beyond what it says. Without a number nothing is covered. */
function bySeq(rejects: readonly Reject[]): Reject[] {
  return [...rejects].sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0));
}

/** Covers nothing from the first of these on. */
function uncover(receipt: Receipt, untold: readonly Reject[]): Receipt {
  const first = untold.find(({ seq }) => seq !== null)?.seq ?? null;
  if (first === null) return receipt;
  const ranges = receipt.ranges
    .filter(([from]) => from < first)
    .map(([from, to]): [number, number] => [from, Math.min(to, first - 1)]);
  return { ...receipt, through: Math.min(receipt.through, first - 1), ranges };
}
