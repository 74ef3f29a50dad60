import type { Attribute, ResourceType } from "./attributes.ts";
import { ScimError, type ScimType } from "./errors.ts";
import type { Condition, Path } from "./filter.ts";
import { findAttribute, findExtension, readBoolean, sameName, type Values } from "./values.ts";

/** What a path means in a kind of resource. `extension` alone is all of an extension. */
export type Target = { extension: string | null; attribute: Attribute | null; sub: Attribute | null };

/**
 * An attribute of an extension may come without its URN, as some mappings in Entra write it. @throws ScimError of `scimType`
 * for what is no attribute.
 */
export function resolvePath(type: ResourceType, path: Path, scimType: ScimType): Target {
  const unknown = (): ScimError =>
    new ScimError(scimType, `${type.name} has no attribute ${JSON.stringify(nameOf(path))} here`, {
      remedy: "/scim/v2/Schemas tells which attributes are kept",
    });
  const found = path.schema ? inSchema(type, path.schema, path.name) : anywhere(type, path.name);
  if (!found) throw unknown();
  const { extension, attribute } = found;
  if (!path.sub) return { extension, attribute, sub: null };
  const sub = attribute && findAttribute(attribute.subAttributes ?? [], path.sub);
  if (!sub) throw unknown();
  return { extension, attribute, sub };
}

const nameOf = ({ schema, name, sub }: Path): string =>
  `${schema ? `${schema}${name && ":"}` : ""}${name}${sub ? `.${sub}` : ""}`.slice(0, 100);

type Found = Pick<Target, "extension" | "attribute"> | undefined;

function inSchema(type: ResourceType, schema: string, name: string): Found {
  const extension = findExtension(type, schema) ?? null;
  if (!extension && !sameName(schema, type.schema)) return undefined;
  if (name === "") return extension ? { extension, attribute: null } : undefined;
  const attribute = findAttribute(extension ? type.extensions[extension]! : type.attributes, name);
  return attribute && { extension, attribute };
}

function anywhere(type: ResourceType, name: string): Found {
  const attribute = findAttribute(type.attributes, name);
  if (attribute) return { extension: null, attribute };
  for (const [extension, attributes] of Object.entries(type.extensions)) {
    const extended = findAttribute(attributes, name);
    if (extended) return { extension, attribute: extended };
  }
  return undefined;
}

/** Whether one value of a multi-valued attribute is what the brackets ask for. @throws ScimError `invalidPath`. */
export function isAsked(attribute: Attribute, value: Values, conditions: readonly Condition[]): boolean {
  return conditions.every(({ path, op, value: wanted }) => {
    const sub = requireSub(attribute, path);
    const found = value[sub.name];
    if (wanted === null) return op === "eq" && found === undefined;
    if (sub.type === "boolean") return op === "eq" && (found ?? false) === readBoolean(wanted, sub.name);
    if (typeof found !== "string") return false;
    const [a, b] = sub.caseExact ? [found, String(wanted)] : [found.toLowerCase(), String(wanted).toLowerCase()];
    return op === "eq" ? a === b : op === "sw" ? a.startsWith(b) : a.includes(b);
  });
}

/** A value that the brackets ask for: `[type eq "work"]` → `{type: "work"}`. Undefined when they do not say all of it. */
export function askedFor(attribute: Attribute, conditions: readonly Condition[]): Values | undefined {
  const value: Values = {};
  for (const { path, op, value: wanted } of conditions) {
    const sub = requireSub(attribute, path);
    if (op !== "eq" || wanted === null) return undefined;
    value[sub.name] = sub.type === "boolean" ? readBoolean(wanted, sub.name) : String(wanted);
  }
  return value;
}

function requireSub(attribute: Attribute, { schema, name, sub }: Path): Attribute {
  const found = schema || sub ? undefined : findAttribute(attribute.subAttributes ?? [], name);
  if (found) return found;
  throw new ScimError("invalidPath", `${attribute.name} has no sub-attribute ${JSON.stringify(name.slice(0, 100))}`);
}
