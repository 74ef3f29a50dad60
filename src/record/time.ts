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
  const match = rfc3339.exec(text);
  if (!match) return undefined;
  const full = `${match[1]}.${(match[2] ?? "").padEnd(6, "0")}Z`;
  return isTimestamp(full) ? full : undefined;
}

/** Milliseconds since 1970; microseconds are cut off. */
export function timestampMillis(at: Timestamp): number {
  return Date.parse(`${at.slice(0, 23)}Z`);
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
