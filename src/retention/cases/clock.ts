/** Whose clock runs. */
export const LAWS = ["gdpr", "ccpa"] as const;
export type Law = (typeof LAWS)[number];

/** A UTC day, `2026-11-21`. */
export type Day = string;

const DAY_MS = 86_400_000;
const at = (day: Day): number => Date.parse(`${day}T00:00:00Z`);
const dayOf = (ms: number): Day => new Date(ms).toISOString().slice(0, 10);

export const addDays = (day: Day, days: number): Day => dayOf(at(day) + days * DAY_MS);
export const daysBetween = (from: Day, to: Day): number => Math.round((at(to) - at(from)) / DAY_MS);

/** The same date so many months on; the month's last day where there is none (Regulation 1182/71, Art. 3(2)(c)). */
export function addMonths(day: Day, months: number): Day {
  const [year, month, date] = day.split("-").map(Number) as [number, number, number];
  const lastDay = new Date(Date.UTC(year, month - 1 + months + 1, 0)).getUTCDate();
  return dayOf(Date.UTC(year, month - 1 + months, Math.min(date, lastDay)));
}

/**
 * The last day on which an answer is in time. GDPR Art. 12(3): one month from receipt, and two further ones when extended. CCPA
 * § 7021: 45 days, and 45 more. Days of rest move nothing: an answer that counts on them would be late where they are not kept.
 */
export function dueOn(law: Law, receivedOn: Day, extended: boolean): Day {
  return law === "gdpr" ? addMonths(receivedOn, extended ? 3 : 1) : addDays(receivedOn, extended ? 90 : 45);
}

export type Clock = { dueOn: Day; pausedOn: Day | null };

/** Where the clock stands today: days while it stands are added at its end. */
export function readClock({ dueOn: due, pausedOn }: Clock, today: Day): { dueOn: Day; daysLeft: number } {
  const last = pausedOn === null ? due : addDays(due, Math.max(0, daysBetween(pausedOn, today)));
  return { dueOn: last, daysLeft: daysBetween(today, last) };
}
