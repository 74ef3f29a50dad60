import type { Command } from "commander";
import { z } from "zod";

/** As much of JSON Schema as options are made from. */
type Schema = {
  type?: string | string[];
  format?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  description?: string;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
};

/** One option, and where its value goes: `to.userId` of `--user-id`. */
export type Field = {
  path: string[];
  flag: string;
  kind: "text" | "number" | "boolean" | "list" | "json";
  /** What stands behind the flag in the help. */
  value: string;
  description: string;
  /** That it is required, or its default. */
  hint: string;
  /** The value is in a file: it is a secret, which a process list must not show, or long. */
  isFile: boolean;
  /** Of a list. */
  items?: { areNumbers: boolean /** Given alone, it is no list. */; word: string | undefined };
};

/** Wrappers whose name tells nothing beside the names in them. */
const WRAPPERS = new Set(["to", "role", "identity", "settings", "idp"]);
const SECRET = /(password|passphrase|secret)$/i;
const LONG = 8_192;

/** The options that a body's or query's schema gives. Objects, and choices between objects, are taken apart. */
export function fieldsOf(schema: z.ZodType | undefined): Field[] {
  if (!schema) return [];
  return partsOf(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Schema, [], true);
}

function partsOf(schema: Schema, path: readonly string[], isWhole: boolean, outer?: string): Field[] {
  const objects = choices(schema).filter(({ properties }) => properties);
  const names = new Map(objects.flatMap(({ properties }) => Object.entries(properties!)));
  return [...names].flatMap(([name, part]) => {
    const isRequired = isWhole && objects.every(({ required = [] }) => required.includes(name));
    const description = part.description ?? outer;
    const shapes = choices(part);
    if (shapes.every(({ properties }) => properties)) {
      return partsOf(part, [...path, name], isRequired && shapes.length === 1, description);
    }
    return [fieldOf([...path, name], part, description, isRequired)];
  });
}

function fieldOf(path: string[], schema: Schema, description: string | undefined, isRequired: boolean): Field {
  const shapes = choices(schema);
  const shape = shapes.find(({ items }) => items) ?? shapes[0] ?? {};
  const [kind, value, facts] = kindOf(shape);
  const isFile = kind !== "json" && (SECRET.test(path.at(-1)!) || (shape.items ?? shape).maxLength! >= LONG);
  const notes = {
    file: isFile && "(- for standard input)",
    json: kind === "json" && "(JSON, @file, or - for standard input)",
  };
  const words = [description && lowerFirst(description), facts].filter(Boolean).join("; ");
  const names = path.filter((name, at) => at === path.length - 1 || !WRAPPERS.has(name)).map(kebab);
  return {
    ...{ path, kind, isFile },
    flag: `${names.join("-")}${isFile ? "-file" : ""}`,
    value: `<${isFile ? "file" : value}${kind === "list" ? "..." : ""}>`,
    description: [words, notes.file, notes.json].filter(Boolean).join(" "),
    hint: isRequired ? "(required)" : defaultOf(schema),
    ...(kind === "list" && { items: { areNumbers: value === "number", word: wordOf(shapes) } }),
  };
}

const wordOf = (shapes: readonly Schema[]): string | undefined =>
  shapes.map((each) => each.const).find((value) => typeof value === "string");

const FORMATS: Record<string, string> = {
  uuid: "uuid",
  "date-time": "time",
  date: "date",
  email: "address",
  uri: "url",
};

/** What kind it is, what stands for its value in the help, and what the value may be. */
function kindOf(schema: Schema): [Field["kind"], string, string?] {
  const type = [schema.type].flat()[0];
  if (schema.enum) return ["text", "choice", `one of ${schema.enum.join(", ")}`];
  if (type === "integer" || type === "number") return ["number", "number", rangeOf(schema)];
  if (type === "boolean") return ["boolean", "true|false"];
  if (type === "array") {
    const [item] = choices(schema.items ?? {});
    if (!item || item.properties || item.items) return ["json", "json"];
    return ["list", kindOf(item)[1], item.enum && `of ${item.enum.join(", ")}`];
  }
  return type === "string" ? ["text", FORMATS[schema.format ?? ""] ?? "text"] : ["json", "json"];
}

function rangeOf({ minimum = 0, maximum }: Schema): string | undefined {
  return maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? undefined : `${minimum} to ${maximum}`;
}

function defaultOf({ default: value }: Schema): string {
  const isNothing = value === undefined || value === null || (typeof value === "object" && !Object.keys(value).length);
  return isNothing ? "" : `(default: ${typeof value === "object" ? JSON.stringify(value) : value})`;
}

export function addOptions(command: Command, fields: readonly Field[]): void {
  for (const { flag, value, description, hint } of fields) {
    command.option(`--${flag} ${value}`, `${description} ${hint}`.trim());
  }
}

/** The possible shapes of a value that may also be null. */
const choices = (schema: Schema): Schema[] =>
  (schema.anyOf ?? [schema])
    .flatMap((each) => (each.anyOf ? choices(each) : [each]))
    .filter(({ type }) => type !== "null");

const lowerFirst = (text: string): string =>
  /^([A-Z][a-z]|An? )/.test(text) ? `${text[0]!.toLowerCase()}${text.slice(1)}` : text;
export const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
