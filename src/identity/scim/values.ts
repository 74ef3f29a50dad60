import type { Attribute, ResourceType } from "./attributes.ts";
import { invalidSyntax, invalidValue, ScimError, shownValue } from "./errors.ts";

/** A resource in our spelling of names: values as they came, of the types that the schema says. Never holds a foreign key. */
export type Values = { [name: string]: Value };
export type Value = string | boolean | Values | Values[];

const MOST_STRING = 256;
const MOST_VALUES = 50;

export const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

export const findAttribute = (attributes: readonly Attribute[], name: string): Attribute | undefined =>
  attributes.find((attribute) => sameName(attribute.name, name));

/** The extension that a URN names, in our spelling. */
export const findExtension = (type: ResourceType, urn: string): string | undefined =>
  Object.keys(type.extensions).find((each) => sameName(each, urn));

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Null, "" and [] say that there is no value (RFC 7643 section 2.5; "" as Entra and Okta clear an attribute). */
export const isUnassigned = (value: unknown): boolean =>
  value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);

/** The body of a POST or PUT. Read-only attributes are ignored (RFC 7644 section 3.3). @throws ScimError. */
export function readResource(type: ResourceType, body: unknown): Values {
  const object = requireObject(body, "the body");
  requireSchema(object, type.schema);
  const read: Values = {};
  for (const [key, value] of Object.entries(object)) {
    if (["schemas", "id", "meta"].some((common) => sameName(common, key))) continue;
    const extension = findExtension(type, key);
    if (extension) {
      if (isUnassigned(value)) continue;
      once(read, extension, readMembers(type.extensions[extension]!, value, extension));
      continue;
    }
    const attribute = findAttribute(type.attributes, key);
    if (!attribute) refuseUnkept(type, key, value);
    else if (attribute.mutability !== "readOnly")
      once(read, attribute.name, readValue(attribute, value, attribute.name));
  }
  return read;
}

/** @throws ScimError for an attribute with a value that is not kept and must not look kept. */
export function refuseUnkept(type: ResourceType, name: string, value: unknown): void {
  const known = Object.entries(type.unkept).find(([each]) => sameName(each, name));
  if (known?.[1] === "ignored" || (known && isUnassigned(value))) return;
  throw invalidValue(`${type.name} has no attribute ${shownValue(name)} here`, {
    remedy: known
      ? `take ${known[0]} out of the attribute mapping`
      : "/scim/v2/Schemas tells which attributes are kept",
  });
}

/** `schemas` must name what the body is. Further ones are no harm: what belongs to them is refused by its name. */
export function requireSchema(object: Record<string, unknown>, urn: string): void {
  const given = Object.entries(object).find(([key]) => sameName(key, "schemas"))?.[1];
  if (Array.isArray(given) && given.some((each) => typeof each === "string" && sameName(each, urn))) return;
  throw invalidSyntax("the body does not say what it is", { found: `schemas ${shownValue(given)}`, expected: urn });
}

export function requireObject(value: unknown, what: string): Record<string, unknown> {
  if (isObject(value)) return value;
  throw invalidSyntax(`${what} is no object`, { found: shownValue(value) });
}

/** A value of `attribute`, or undefined for none. Booleans may come as "True" and "False". @throws ScimError `invalidValue`. */
export function readValue(attribute: Attribute, value: unknown, where: string): Value | undefined {
  if (isUnassigned(value)) return undefined;
  if (attribute.multiValued) return readSeveral(attribute, value, where);
  if (attribute.type === "complex") return readComplex(attribute, value, where);
  if (attribute.type === "boolean") return readBoolean(value, where);
  return readText(attribute, value, where);
}

export function readBoolean(value: unknown, where: string): boolean {
  const text = typeof value === "string" ? value.toLowerCase() : value;
  if (text === true || text === "true") return true;
  if (text === false || text === "false") return false;
  throw invalidValue(`${where} is neither true nor false`, { found: shownValue(value) });
}

function readText({ most = MOST_STRING, lines }: Attribute, value: unknown, where: string): string {
  if (typeof value !== "string") throw invalidValue(`${where} is no text`, { found: shownValue(value) });
  if (value.length > most) {
    throw invalidValue(`${where} is too long`, { found: `${value.length} characters`, expected: `at most ${most}` });
  }
  const forbidden = lines ? /(?![\t\n\r])\p{Cc}/u : /\p{Cc}/u;
  if (!value.isWellFormed() || forbidden.test(value)) {
    throw invalidValue(`${where} has characters that no text has`, { found: shownValue(value) });
  }
  return value;
}

// Entra names a manager by its id alone, or by an array of one.
function readComplex(attribute: Attribute, value: unknown, where: string): Values | undefined {
  const single = Array.isArray(value) && value.length === 1 ? value[0] : value;
  const named = typeof single === "string" && findAttribute(attribute.subAttributes!, "value");
  const read = readMembers(attribute.subAttributes!, named ? { value: single } : single, where);
  return Object.keys(read).length > 0 ? read : undefined;
}

function readSeveral(attribute: Attribute, value: unknown, where: string): Values[] | undefined {
  const list = Array.isArray(value) ? value : [value];
  if (list.length > MOST_VALUES) {
    throw invalidValue(`${where} has too many values`, {
      found: String(list.length),
      expected: `at most ${MOST_VALUES}`,
    });
  }
  const read = list.map((each, index) => readMembers(attribute.subAttributes!, each, `${where}[${index}]`));
  const kept = read.filter((each) => Object.keys(each).length > 0);
  return kept.length > 0 ? kept : undefined;
}

function requireFew(list: readonly unknown[], where: string): void {
  if (list.length <= MOST_VALUES) return;
  throw invalidValue(`${where} has too many values`, {
    found: String(list.length),
    expected: `at most ${MOST_VALUES}`,
  });
}

/** The attributes of a complex value; read-only ones are ignored. */
export function readMembers(attributes: readonly Attribute[], value: unknown, where: string): Values {
  if (!isObject(value)) throw invalidValue(`${where} is no object`, { found: shownValue(value) });
  const read: Values = {};
  for (const [key, each] of Object.entries(value)) {
    const attribute = findAttribute(attributes, key);
    if (!attribute) throw invalidValue(`${where} has no attribute ${shownValue(key)}`);
    if (attribute.mutability === "readOnly") continue;
    once(read, attribute.name, readValue(attribute, each, `${where}.${attribute.name}`));
  }
  return read;
}

function once(read: Values, name: string, value: Value | undefined): void {
  if (value === undefined) return;
  if (Object.hasOwn(read, name)) throw new ScimError("invalidSyntax", `${name} is given twice`);
  read[name] = value;
}

/** What the parts of a resource cannot say alone. @throws ScimError. */
export function checkResource(type: ResourceType, values: Values): void {
  for (const { name, required, multiValued } of type.attributes) {
    if (required && !Object.hasOwn(values, name)) throw invalidValue(`${name} is missing`, { expected: "a value" });
    if (!multiValued || !Array.isArray(values[name])) continue;
    requireFew(values[name], name);
    if (values[name].filter((each) => each.primary === true).length > 1) {
      throw invalidValue(`${name} has more than one primary value`);
    }
  }
  for (const { value } of (values.emails as Values[] | undefined) ?? []) {
    if (typeof value !== "string" || !/^[^\s@]+@[^\s@]+$/.test(value)) {
      throw invalidValue("an e-mail address has no form of one", { found: shownValue(value), expected: "name@domain" });
    }
  }
}
