import type { Hold, Policy } from "./control.ts";
import { dayFromNumber, dayNumber, dayOf, endOfDay, startOfDay, type Timestamp } from "./time.ts";

/** A policy as the chain has it: the content of unit `policy`, and the row that carries it. */
export type PolicyRow = Policy & { seq: number };

/**
 * The policy in force for a site: among the site's rows below `beforeSeq` with effective ≤ at, the one of the highest seq.
 */
export function policyInForce(
  rows: Iterable<PolicyRow>,
  site: string,
  moment: { at: Timestamp; beforeSeq?: number },
): PolicyRow | undefined {
  let inForce: PolicyRow | undefined;
  for (const row of rows) {
    if (row.site !== site || row.effective > moment.at || row.seq >= (moment.beforeSeq ?? Number.POSITIVE_INFINITY))
      continue;
    if (!inForce || row.seq > inForce.seq) inForce = row;
  }
  return inForce;
}

/**
 * The first instant that is not due: whole UTC days before `midnight - (days - 1) days` are, midnight being the start of the
 * UTC day of `at`. So a policy of N days keeps at least N-1 and at most N × 24 h.
 */
export function receivedBefore(at: Timestamp, days: number): Timestamp {
  return startOfDay(dayFromNumber(dayNumber(dayOf(at)) - (days - 1)));
}

/** The newest UTC day that is due. */
export function lastDueDay(at: Timestamp, days: number): string {
  return dayFromNumber(dayNumber(dayOf(at)) - days);
}

export function isDayDue(day: string, at: Timestamp, days: number): boolean {
  return day <= lastDueDay(at, days);
}

export function holdHasInstant(hold: Hold, at: Timestamp): boolean {
  return (hold.from === undefined || at >= hold.from) && (hold.to === undefined || at < hold.to);
}

/** The whole UTC day lies inside the hold. */
export function holdHasDay(hold: Hold, day: string): boolean {
  return (
    (hold.from === undefined || hold.from <= startOfDay(day)) && (hold.to === undefined || hold.to >= endOfDay(day))
  );
}
