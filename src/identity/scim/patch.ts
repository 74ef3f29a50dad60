import { isDeepStrictEqual } from "node:util";
import type { Attribute, ResourceType } from "./attributes.ts";
import { ScimError } from "./errors.ts";
import type { Operation } from "./patch-operations.ts";
import { askedFor, isAsked, resolvePath } from "./target.ts";
import {
  checkResource,
  findAttribute,
  isUnassigned,
  readMembers,
  readValue,
  refuseUnkept,
  requireObject,
  sameName,
  type Value,
  type Values,
} from "./values.ts";

/**
 * The resource after all operations, or none of them (RFC 7644 section 3.5.2). Beside the RFC: an operation on
 * `emails[type eq "work"].value` makes the value where there is none, as Entra expects; `id` may stand in a value when it is
 * the resource's own, as Okta writes it. @throws ScimError.
 */
export function applyOperations(
  type: ResourceType,
  { id, values }: { id: string; values: Values },
  operations: readonly Operation[],
): Values {
  const changed = structuredClone(values);
  for (const operation of operations) apply(type, { id, values: changed }, operation);
  checkResource(type, changed);
  return changed;
}

function apply(type: ResourceType, { id, values }: { id: string; values: Values }, operation: Operation): void {
  const { op, path, value } = operation;
  if (!path.schema && ["id", "meta", "schemas"].some((common) => sameName(common, path.name))) {
    if (sameName(path.name, "id") && op !== "remove" && value === id) return;
    throw readOnly(path.name);
  }
  if (!path.schema && Object.keys(type.unkept).some((name) => sameName(name, path.name))) {
    refuseUnkept(type, path.name, value);
    return;
  }
  const { extension, attribute, sub } = resolvePath(type, path, "invalidPath");
  if (!attribute) {
    applyToExtension(type, { id, values }, { ...operation, extension: extension! });
    return;
  }
  if (attribute.mutability === "readOnly" || sub?.mutability === "readOnly") throw readOnly(path.name);
  if (op === "remove" && attribute.required) {
    throw new ScimError("mutability", `${attribute.name} cannot be removed: it is required`);
  }
  const holder = extension ? ((values[extension] as Values | undefined) ?? {}) : values;
  if (attribute.multiValued) applyToSeveral(attribute, sub, { holder, operation });
  else if (path.where) throw new ScimError("invalidPath", `${attribute.name} has one value: brackets choose nothing`);
  else applyToOne(attribute, sub, { holder, operation });
  if (extension) put(values, extension, holder);
}

const readOnly = (name: string): ScimError => new ScimError("mutability", `${name} is read-only`);

function applyToExtension(
  type: ResourceType,
  resource: { id: string; values: Values },
  { op, value, extension }: Operation & { extension: string },
): void {
  if (op === "remove") {
    delete resource.values[extension];
    return;
  }
  for (const [name, part] of Object.entries(requireObject(value, `the value of ${extension}`))) {
    apply(type, resource, { op, path: { schema: extension, name, sub: null, where: null }, value: part });
  }
}

type Place = { holder: Values; operation: Operation };

function applyToOne(attribute: Attribute, sub: Attribute | null, { holder, operation: { op, value } }: Place): void {
  const given = op === "remove" ? undefined : value;
  if (sub) {
    const whole = { ...(holder[attribute.name] as Values | undefined) };
    put(whole, sub.name, readValue(sub, given, `${attribute.name}.${sub.name}`));
    put(holder, attribute.name, whole);
  } else if (attribute.type === "complex" && !isUnassigned(given)) {
    // What is not named stays; what is named without a value goes.
    const read = readValue(attribute, given, attribute.name) as Values | undefined;
    const whole = { ...(holder[attribute.name] as Values | undefined), ...read };
    for (const name of clearedBy(attribute, given)) delete whole[name];
    put(holder, attribute.name, whole);
  } else {
    put(holder, attribute.name, readValue(attribute, given, attribute.name));
  }
}

function clearedBy(attribute: Attribute, value: unknown): string[] {
  const object = typeof value === "object" && value !== null ? value : {};
  return Object.entries(object).flatMap(([key, each]) => {
    const sub = isUnassigned(each) && findAttribute(attribute.subAttributes ?? [], key);
    return sub ? [sub.name] : [];
  });
}

function applyToSeveral(attribute: Attribute, sub: Attribute | null, place: Place): void {
  const { holder, operation } = place;
  const { op, path, value } = operation;
  const list = (holder[attribute.name] as Values[] | undefined) ?? [];
  if (path.where) {
    applyToChosen(attribute, sub, place);
    return;
  }
  if (sub) {
    throw new ScimError("invalidPath", `${attribute.name} has several values`, {
      expected: `brackets, such as ${attribute.name}[type eq "work"].${sub.name}`,
    });
  }
  const given = (readValue(attribute, value, attribute.name) as Values[] | undefined) ?? [];
  if (op === "remove") {
    const gone = (each: Values) =>
      given.length === 0 || given.some((one) => Object.entries(one).every(([name, part]) => same(each[name], part)));
    put(
      holder,
      attribute.name,
      list.filter((each) => !gone(each)),
    );
  } else if (op === "replace") {
    put(holder, attribute.name, given);
  } else {
    put(holder, attribute.name, onePrimary(...addTo(list, given)));
  }
}

/** The values of `list` that the brackets choose, changed; where none is chosen, one that they describe. */
function applyToChosen(attribute: Attribute, sub: Attribute | null, { holder, operation }: Place): void {
  const { op, path, value } = operation;
  const list = (holder[attribute.name] as Values[] | undefined) ?? [];
  const chosen = list.filter((each) => isAsked(attribute, each, path.where!));
  if (op === "remove" || isUnassigned(value)) {
    // Entra clears a value by its sub-attribute: what has no value left is none.
    const whole = !sub || sub.name === "value";
    if (!whole) for (const each of chosen) delete each[sub.name];
    put(holder, attribute.name, whole ? list.filter((each) => !chosen.includes(each)) : list);
    return;
  }
  const where = `${attribute.name}[…]`;
  const given = sub
    ? { [sub.name]: readValue(sub, value, `${where}.${sub.name}`)! }
    : readMembers(attribute.subAttributes!, value, where);
  if (chosen.length === 0) {
    const made = askedFor(attribute, path.where!);
    if (!made) {
      throw new ScimError("noTarget", `no value of ${attribute.name} is what the brackets ask for`, {
        expected: 'brackets that describe one, such as [type eq "work"]',
      });
    }
    list.push(made);
    chosen.push(made);
  }
  for (const each of chosen) Object.assign(each, given);
  put(holder, attribute.name, onePrimary(list, chosen));
}

const same = (a: Value | undefined, b: Value): boolean =>
  typeof a === "string" && typeof b === "string" ? sameName(a, b) : isDeepStrictEqual(a, b);

/** A value that is there already, by `value` and `type`, is changed; others come behind. The second list is what was given. */
function addTo(list: Values[], given: readonly Values[]): [Values[], Values[]] {
  const all = [...list];
  const touched = given.map((one) => {
    const there = all.find(
      (each) =>
        isDeepStrictEqual(each, one) ||
        (one.value !== undefined && same(each.value, one.value) && isDeepStrictEqual(each.type, one.type)),
    );
    if (!there) all.push(one);
    return there ? Object.assign(there, one) : one;
  });
  return [all, touched];
}

/** A value that becomes primary takes it from the one that was (RFC 7644 section 3.5.2). */
function onePrimary(list: Values[], touched: readonly Values[]): Values[] {
  if (!touched.some((each) => each.primary === true)) return list;
  for (const each of list) if (!touched.includes(each)) delete each.primary;
  return list;
}

/** Nothing is kept of what has no value. */
function put(holder: Values, name: string, value: Value | undefined): void {
  const none =
    value === undefined || (Array.isArray(value) ? value.length === 0 : typeof value === "object" && isEmpty(value));
  if (none) delete holder[name];
  else holder[name] = value;
}

const isEmpty = (value: Values): boolean => Object.keys(value).length === 0;
