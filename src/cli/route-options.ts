import type { Command } from "commander";
import { z } from "zod";
import { AppError } from "../platform/errors.ts";

/** As much of JSON Schema as options are made from. */
type Schema = {
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  description?: string;
  default?: unknown;
};

/** One option, and where its value goes: `to.userId` of `--user-id`. */
export type Field = {
  path: string[];
  flag: string;
  kind: "text" | "number" | "boolean" | "list" | "json";
  description: string;
};

/** The options that a body's or query's schema gives. Objects, and choices between objects, are taken apart by one level. */
export function fieldsOf(schema: z.ZodType | undefined): Field[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Schema;
  return Object.entries(properties).flatMap(([name, property]) => {
    const shapes = choices(property);
    const hint = required.includes(name) ? "needed" : property.default === undefined ? "" : shown(property.default);
    const objects = shapes.filter(({ properties: inner }) => inner);
    const isFlat = objects.length > 0 && objects.every((each) => Object.values(each.properties!).every(isPlain));
    if (!isFlat) return [fieldOf([name], shapes[0] ?? {}, property.description, hint)];
    const inner = new Map(objects.flatMap((each) => Object.entries(each.properties!)));
    return [...inner].map(([key, part]) => fieldOf([name, key], part, part.description ?? property.description, ""));
  });
}

export function addOptions(command: Command, fields: readonly Field[]): void {
  for (const { flag, kind, description } of fields) {
    const value = { text: "<value>", number: "<number>", boolean: "<true|false>", list: "<value...>", json: "<json>" }[
      kind
    ];
    command.option(`--${flag} ${value}`, description);
  }
}

/** What was given, as the schema wants it; undefined when nothing was. */
export function valuesOf(
  fields: readonly Field[],
  options: Record<string, unknown>,
): Record<string, unknown> | undefined {
  let values: Record<string, unknown> | undefined;
  for (const field of fields) {
    const given = options[camel(field.flag)];
    if (given === undefined) continue;
    values ??= {};
    const [outer, inner] = field.path as [string, string?];
    if (inner === undefined) values[outer] = read(field, given);
    else values[outer] = { ...(values[outer] as object | undefined), [inner]: read(field, given) };
  }
  return values;
}

function fieldOf(path: string[], schema: Schema, description: string | undefined, hint: string): Field {
  const [kind, values] = kindOf(schema);
  const texts = [description, values, hint && `(${hint})`].filter(Boolean);
  return { path, flag: kebab(path.at(-1)!), kind, description: texts.join(" ") };
}

function kindOf(schema: Schema): [Field["kind"], string?] {
  if (schema.enum) return ["text", `one of ${schema.enum.join(", ")}`];
  const type = [schema.type].flat()[0];
  if (type === "integer" || type === "number") return ["number"];
  if (type === "boolean") return ["boolean"];
  if (type === "array" && schema.items && isPlain(schema.items)) {
    return ["list", schema.items.enum && `of ${schema.items.enum.join(", ")}`];
  }
  return type === "string" ? ["text"] : ["json"];
}

function read({ kind, flag }: Field, given: unknown): unknown {
  if (given === "null") return null;
  switch (kind) {
    case "number":
      if (!/^-?\d+(\.\d+)?$/.test(String(given))) throw wrong(flag, given, "a number");
      return Number(given);
    case "boolean":
      if (given !== "true" && given !== "false") throw wrong(flag, given, "true or false");
      return given === "true";
    case "json":
      return parseJson(String(given), `--${flag}`);
    default:
      return given;
  }
}

export function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("invalid", `${what} is not JSON`, { found: text.slice(0, 80), cause });
  }
}

const wrong = (flag: string, given: unknown, expected: string): AppError =>
  new AppError("invalid", `--${flag} cannot be used`, { found: String(given), expected });

/** The possible shapes of a value that may also be null. */
const choices = (schema: Schema): Schema[] => (schema.anyOf ?? [schema]).filter(({ type }) => type !== "null");

const isPlain = (schema: Schema): boolean => choices(schema).every((each) => !each.properties && !each.items);
const shown = (value: unknown): string => `${value === null ? "none" : JSON.stringify(value)} unless given`;
const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const camel = (flag: string): string => flag.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
