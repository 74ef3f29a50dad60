import { styleText } from "node:util";

const colour = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
  colour ? styleText(style, text) : text;

export const bold = (text: string): string => paint("bold", text);
export const dim = (text: string): string => paint("dim", text);
export const good = (text: string): string => paint("green", text);
export const bad = (text: string): string => paint("red", text);

const started = Date.now();

/** `3  Edge appliances send …        0:42` */
export function chapter(number: number, title: string): void {
  const seconds = Math.round((Date.now() - started) / 1000);
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  const label = `${String(number).padStart(2)}  ${title}`;
  process.stdout.write(`\n${bold(label)}${" ".repeat(Math.max(1, 74 - label.length))}${dim(clock)}\n`);
}

export function say(text: string): void {
  process.stdout.write(`    ${text}\n`);
}

/** A fact that was checked just now. */
export function seen(text: string): void {
  say(`${good("✓")} ${text}`);
}

/** Fails the story with what was found and expected. */
export class StoryError extends Error {}

export function expect(condition: unknown, found: string, expected: string): asserts condition {
  if (!condition) throw new StoryError(`found ${found}, expected ${expected}`);
}

/** Overwrites one line on a terminal; elsewhere prints only the last state. */
export function liveLine(): { update(text: string): void; end(): void } {
  let last = "";
  return {
    update(text) {
      last = text;
      if (process.stdout.isTTY) process.stdout.write(`\r\x1b[2K    ${text}`);
    },
    end() {
      if (process.stdout.isTTY) process.stdout.write("\n");
      else if (last) say(last);
    },
  };
}

export function table(rows: string[][]): void {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  for (const [index, row] of rows.entries()) {
    const line = row
      .map((cell, column) =>
        /^[\d,.]+( [kMG]?B)?$/.test(cell) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join("   ");
    say(index === 0 ? dim(line.trimEnd()) : line.trimEnd());
  }
}

/** `1 event`, `2 events`. */
export const several = (value: number, what: string): string => `${count(value)} ${what}${value === 1 ? "" : "s"}`;

export const count = (value: number): string => value.toLocaleString("en");

export function bytes(value: number): string {
  if (value < 1000) return `${value} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let size = value / 1000;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${size.toFixed(1)} ${units[unit]}`;
}
