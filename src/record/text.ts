// Text forms of ledger.md. Each `is…` matches the whole text.

const token = /^[A-Za-z0-9._:@/+-]{1,128}$/;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const hash = /^[0-9a-f]{64}$/;
const number = /^(?:0|[1-9][0-9]{0,15})$/;

/** Thrown by every parser of record/: the text is not in the grammar. The message says found and expected. */
export class FormatError extends Error {
  override name = "FormatError";
}

export function isToken(text: string): boolean {
  return token.test(text);
}

export function isUuid(text: string): boolean {
  return text.length === 36 && uuid.test(text);
}

export function isHash(text: string): boolean {
  return text.length === 64 && hash.test(text);
}

/** What was found, cut to a length and a character set that are safe to print. */
export function shown(text: string): string {
  const cut = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return JSON.stringify(cut);
}

export function requireToken(text: string, what: string): string {
  if (!isToken(text)) throw new FormatError(`found ${shown(text)}, expected a token as ${what}`);
  return text;
}

export function requireUuid(text: string, what: string): string {
  if (!isUuid(text)) throw new FormatError(`found ${shown(text)}, expected a lower-case uuid as ${what}`);
  return text;
}

export function requireHash(text: string, what: string): string {
  if (!isHash(text)) throw new FormatError(`found ${shown(text)}, expected 64 lower-case hex digits as ${what}`);
  return text;
}

/** A decimal without leading zero, at most 2^53-1. */
export function parseNumber(text: string, what: string): number {
  const value = number.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) {
    throw new FormatError(`found ${shown(text)}, expected a decimal number as ${what}`);
  }
  return value;
}

export function formatNumber(value: number, what: string): string {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new FormatError(`found ${value}, expected an integer from 0 to 2^53-1 as ${what}`);
  }
  return String(value);
}

/**
 * The lines of a text in which every line is ended by one LF. Refuses text beyond ASCII, a missing last LF, and nothing at all.
 */
export function splitLines(text: string, what: string): string[] {
  if (!/^[\n\x20-\x7e]+$/.test(text))
    throw new FormatError(`found bytes beyond printable ASCII, or nothing, as ${what}`);
  if (!text.endsWith("\n"))
    throw new FormatError(`found no LF at the end, expected every line ended by one, in ${what}`);
  return text.slice(0, -1).split("\n");
}

/** The value of a line `<key> <value>`. */
export function lineValue(line: string | undefined, key: string, what: string): string {
  if (line === undefined || !line.startsWith(`${key} `)) {
    throw new FormatError(`found ${shown(line ?? "")}, expected a line '${key} …' in ${what}`);
  }
  return line.slice(key.length + 1);
}

/** The value of line `at` of lines that must be as many as `count`. */
export function requireLineCount(lines: string[], count: number, what: string): void {
  if (lines.length !== count) throw new FormatError(`found ${lines.length} lines, expected ${count} in ${what}`);
}
