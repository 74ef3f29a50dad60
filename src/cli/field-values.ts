import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import type { z } from "zod";
import { AppError } from "../platform/errors.ts";
import type { Field } from "./fields.ts";

type Values = Record<string, unknown>;

/** What was given, as the schema wants it; undefined when nothing was. */
export async function valuesOf(fields: readonly Field[], options: Values): Promise<Values | undefined> {
  let values: Values | undefined;
  for (const field of fields) {
    const given = options[camel(field.flag)];
    if (given === undefined) continue;
    values = withValue(values ?? {}, field.path, await read(field, given));
  }
  return values;
}

/** What the second says in the place of what the first says, object by object. */
export function merged(under: unknown, over: unknown): unknown {
  if (over === undefined) return under;
  if (!isObject(under) || !isObject(over)) return over;
  const names = new Set([...Object.keys(under), ...Object.keys(over)]);
  return Object.fromEntries([...names].map((name) => [name, merged(under[name], over[name])]));
}

const isObject = (value: unknown): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const withValue = (values: Values, path: readonly string[], value: unknown): Values =>
  merged(
    values,
    path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value),
  ) as Values;

async function read({ kind, flag, isFile, items }: Field, given: unknown): Promise<unknown> {
  if (given === "null" || (Array.isArray(given) && given.length === 1 && given[0] === "null")) return null;
  if (isFile) return Array.isArray(given) ? Promise.all(given.map(readGiven)) : readGiven(String(given));
  switch (kind) {
    case "number":
      return numberOf(flag, given);
    case "boolean":
      if (given !== "true" && given !== "false") throw unusable(flag, given, "true or false");
      return given === "true";
    case "list":
      if (items?.word !== undefined && String(given) === items.word) return items.word;
      return items?.areNumbers ? (given as string[]).map((each) => numberOf(flag, each)) : given;
    case "json":
      return readJson(String(given), `--${flag}`);
    case "text":
      return given;
  }
}

function numberOf(flag: string, given: unknown): number {
  if (!/^-?\d+(\.\d+)?$/.test(String(given))) throw unusable(flag, given, "a number");
  return Number(given);
}

/** A file's text, or standard input's, without the line end that an editor leaves at its end. */
export async function readGiven(file: string): Promise<string> {
  try {
    const content = file === "-" ? await text(process.stdin) : await readFile(file, "utf8");
    return content.replace(/\r?\n$/, "");
  } catch (cause) {
    throw new AppError("usage", `the file ${file} cannot be read`, {
      found: (cause as NodeJS.ErrnoException).code ?? String(cause),
      expected: "a file that you may read, or - for standard input",
      cause,
    });
  }
}

/** JSON as it was given, `@` and the name of a file, or `-` for standard input. */
export async function readJson(given: string, what: string): Promise<unknown> {
  const json = given === "-" || given.startsWith("@") ? await readGiven(given.replace(/^@/, "")) : given;
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new AppError("usage", `${what} is not JSON`, { found: json.slice(0, 80), expected: "JSON", cause });
  }
}

/** Refuses what the route would refuse, in the words of the options, before anything is opened. */
export function checkGiven(schema: z.ZodType, value: unknown, fields: readonly Field[]): void {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return;
  const wrong = result.error.issues.slice(0, 5).map(({ path, message, input, code }) => {
    const within = (outer: readonly PropertyKey[], inner: readonly PropertyKey[]) =>
      outer.every((name, at) => name === inner[at]);
    const exact = fields.find((field) => within(field.path, path));
    const isChoice = path.length > 0 || code === "invalid_union";
    const some = exact ? [exact] : fields.filter((field) => isChoice && within(path, field.path));
    const name = some.map(({ flag }) => `--${flag}`).join(" or ") || path.join(".");
    const isMissing = input === undefined || (path.length === 0 && code === "invalid_union");
    if (isMissing && code !== "custom") return `${name || "the body"} is missing`;
    const isShown = exact && !exact.isFile && typeof input !== "object";
    return `${name ? `${name}: ` : ""}${message}${isShown ? ` (found ${JSON.stringify(input)})` : ""}`;
  });
  throw new AppError("usage", wrong.join("; "));
}

const unusable = (flag: string, given: unknown, expected: string): AppError =>
  new AppError("usage", `--${flag} cannot be used`, { found: String(given), expected });

const camel = (flag: string): string => flag.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
