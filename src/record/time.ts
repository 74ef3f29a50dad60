import { FormatError, shown } from "./text.ts";

/** `2026-11-21T20:50:00.123456Z`: fixed width, so that bytewise order is the order in time. */
export type Timestamp = string;

const timestamp = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{6})Z$/;
const rfc3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?Z$/;
const day = /^\d{4}-\d\d-\d\d$/;
const msPerDay = 86_400_000;

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) value = value * 10 + text.charCodeAt(i) - 48;
  return value;
}

function isDate(text: string): boolean {
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const dayOfMonth = digits(text, 8, 10);
  return year >= 1 && month >= 1 && month <= 12 && dayOfMonth >= 1 && dayOfMonth <= daysInMonth(year, month);
}

function isClock(text: string): boolean {
  return digits(text, 11, 13) < 24 && digits(text, 14, 16) < 60 && digits(text, 17, 19) < 60;
}

/** Year 0001 to 9999, a real date, second 60 refused. */
export function isTimestamp(text: string): boolean {
  return text.length === 27 && timestamp.test(text) && isDate(text) && isClock(text);
}

export function requireTimestamp(text: string, what: string): Timestamp {
  if (!isTimestamp(text)) {
    throw new FormatError(`found ${shown(text)}, expected a timestamp like 2026-11-21T20:50:00.123456Z as ${what}`);
  }
  return text;
}

/** RFC 3339 in UTC (`Z`) with zero to six decimals, as its timestamp; undefined when it is anything else. */
export function timestampFromRfc3339(text: string): Timestamp | undefined {
  // As most senders write it: with milliseconds or microseconds.
  if (text.length === 24 && text.charCodeAt(23) === 90 && text.charCodeAt(19) === 46) {
    const full = `${text.slice(0, 23)}000Z`;
    return isTimestamp(full) ? full : undefined;
  }
  if (isTimestamp(text)) return text;
  const match = rfc3339.exec(text);
  if (!match) return undefined;
  const full = `${match[1]}.${(match[2] ?? "").padEnd(6, "0")}Z`;
  return isTimestamp(full) ? full : undefined;
}

/** Milliseconds since 1970; microseconds are cut off. */
export function timestampMillis(at: Timestamp): number {
  const time = digits(at, 11, 13) * 3_600_000 + digits(at, 14, 16) * 60_000 + digits(at, 17, 19) * 1000;
  return civilDay(digits(at, 0, 4), digits(at, 5, 7), digits(at, 8, 10)) * msPerDay + time + digits(at, 20, 23);
}

/** Days since 1970-01-01 of the Gregorian calendar: years begin in March, so that the leap day is their last. */
function civilDay(year: number, month: number, dayOfMonth: number): number {
  const y = month <= 2 ? year - 1 : year;
  const monthFromMarch = (month + 9) % 12;
  const leapDays = Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
  return y * 365 + leapDays + Math.floor((153 * monthFromMarch + 2) / 5) + dayOfMonth - 719_469;
}

/** Microseconds since 1970, exact for the years 1684 to 2255. */
export function timestampMicros(at: Timestamp): number {
  return timestampMillis(at) * 1000 + digits(at, 23, 26);
}

export function timestampFromMicros(micros: number): Timestamp {
  if (!Number.isSafeInteger(micros)) throw new FormatError(`found ${micros}, expected whole microseconds since 1970`);
  const millis = Math.floor(micros / 1000);
  const text = new Date(millis).toISOString();
  if (text.length !== 24) throw new FormatError(`found the instant ${text}, expected a year from 0001 to 9999`);
  return `${text.slice(0, 23)}${String(micros - millis * 1000).padStart(3, "0")}Z`;
}

export function timestampFromMillis(millis: number): Timestamp {
  return timestampFromMicros(Math.floor(millis) * 1000);
}

/** Of RFC 3339 with whatever offset, checked before. Microseconds are kept when it is UTC already. */
export function timestampFromInstant(text: string): Timestamp {
  return timestampFromRfc3339(text) ?? timestampFromMillis(Date.parse(text));
}

/** `yyyy-mm-dd` of the UTC day. */
export function dayOf(at: Timestamp): string {
  return at.slice(0, 10);
}

export function isDay(text: string): boolean {
  return text.length === 10 && day.test(text) && isDate(text);
}

/** Days since 1970-01-01; differences of two are days between them. */
export function dayNumber(text: string): number {
  return Date.parse(`${text}T00:00:00.000Z`) / msPerDay;
}

export function dayFromNumber(number: number): string {
  return new Date(number * msPerDay).toISOString().slice(0, 10);
}

export function startOfDay(text: string): Timestamp {
  return `${text}T00:00:00.000000Z`;
}

/** The first instant after the day. */
export function endOfDay(text: string): Timestamp {
  return startOfDay(dayFromNumber(dayNumber(text) + 1));
}
