import { FormatError, shown } from "./text.ts";

// Shapes of parsed JSON: each takes a value of unknown type and returns it typed, or throws FormatError.

export type Fields = Record<string, unknown>;

export function failShape(what: string, found: unknown, expected: string): never {
  throw new FormatError(`${what}: found ${shown(JSON.stringify(found) ?? "nothing")}, expected ${expected}`);
}

export function fieldsOf(value: unknown, keys: string[], what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return failShape(what, value, "an object");
  for (const key of Object.keys(value)) if (!keys.includes(key)) failShape(what, key, `only ${keys.join(", ")}`);
  for (const key of keys) if (!Object.hasOwn(value, key)) failShape(what, undefined, `a field ${key}`);
  return value as Fields;
}

export function matching(value: unknown, test: (text: string) => boolean, what: string): string {
  return typeof value === "string" && test(value) ? value : failShape(what, value, what);
}

export function countOf(value: unknown, what: string): number {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : failShape(what, value, "a count");
}

export function listOf<T>(value: unknown, what: string, item: (entry: unknown) => T): T[] {
  return Array.isArray(value) ? value.map(item) : failShape(what, value, "an array");
}
