import { isUuid } from "../../record/text.ts";
import { groupType } from "./attributes.ts";
import { invalidSyntax, invalidValue, ScimError, shownValue } from "./errors.ts";
import type { Path } from "./filter.ts";
import type { Operation } from "./patch-operations.ts";
import { resolvePath } from "./target.ts";
import { findAttribute, isObject, isUnassigned, readValue, requireObject, requireSchema, sameName } from "./values.ts";

/** What a group is, or is to be. `members` are ids; a group may have tens of thousands. */
export type GroupValues = { displayName: string; externalId: string | null; members: Set<string> };

const MOST_MEMBERS = 50_000;
const attribute = (name: string) => findAttribute(groupType.attributes, name)!;

/** The body of POST and PUT; `members` is null when it says nothing of them. @throws ScimError. */
export function readGroup(body: unknown): Omit<GroupValues, "members"> & { members: Set<string> | null } {
  const object = requireObject(body, "the body");
  requireSchema(object, groupType.schema);
  const read: Partial<GroupValues> = {};
  for (const [key, value] of Object.entries(object)) {
    if (["schemas", "id", "meta"].some((common) => sameName(common, key))) continue;
    const name = findAttribute(groupType.attributes, key)?.name as keyof GroupValues | undefined;
    if (!name) throw invalidValue(`Group has no attribute ${shownValue(key)} here`);
    if (Object.hasOwn(read, name)) throw invalidSyntax(`${name} is given twice`);
    Object.assign(read, { [name]: name === "members" ? new Set(readMembers(value)) : readText(name, value) });
  }
  if (!read.displayName) throw invalidValue("displayName is missing", { expected: "a name" });
  return { displayName: read.displayName, externalId: read.externalId ?? null, members: read.members ?? null };
}

/**
 * The group after all operations, or none of them. Entra removes members by `members[value eq "…"]` or by a value array, and
 * Okta sends the group's own `id` beside its name. @throws ScimError.
 */
export function applyToGroup(
  { id, values }: { id: string; values: GroupValues },
  operations: readonly Operation[],
): GroupValues {
  const changed = { ...values, members: new Set(values.members) };
  for (const operation of operations) apply(changed, id, operation);
  if (!changed.displayName) throw invalidValue("displayName is missing", { expected: "a name" });
  return changed;
}

function apply(values: GroupValues, id: string, { op, path, value }: Operation): void {
  if (!path.schema && ["id", "meta", "schemas"].some((common) => sameName(common, path.name))) {
    if (sameName(path.name, "id") && op !== "remove" && value === id) return;
    throw new ScimError("mutability", `${path.name} is read-only`);
  }
  const { attribute: found, sub } = resolvePath(groupType, path, "invalidPath");
  const name = found?.name;
  if (name === "members") {
    applyToMembers(values.members, { op, path, value });
    return;
  }
  if (sub || path.where) throw new ScimError("invalidPath", `${name} has no parts`);
  if (name === "externalId") values.externalId = op === "remove" ? null : (readText(name, value) ?? null);
  if (name !== "displayName") return;
  if (op === "remove") throw new ScimError("mutability", "displayName cannot be removed: it is required");
  values.displayName = readText(name, value) ?? "";
}

function applyToMembers(members: Set<string>, { op, path, value }: Operation): void {
  if (path.where) {
    const chosen = chosenBy(path);
    if (op !== "remove") {
      throw new ScimError("invalidPath", "members are added by their value", {
        expected: 'path "members" and a value such as [{"value": "<id>"}]',
      });
    }
    members.delete(chosen);
    return;
  }
  if (path.sub) throw new ScimError("invalidPath", "members are changed as a whole", { expected: 'path "members"' });
  const given = readMembers(value);
  if (op === "replace" || (op === "remove" && given.length === 0)) members.clear();
  for (const each of given) {
    if (op === "remove") members.delete(each);
    else members.add(each);
  }
}

function chosenBy({ where, sub }: Path): string {
  const [condition, ...more] = where!;
  const { path, op, value } = condition!;
  if (more.length > 0 || sub || !sameName(path.name, "value") || op !== "eq" || typeof value !== "string") {
    throw new ScimError("invalidPath", "members are chosen by their value", { expected: 'members[value eq "<id>"]' });
  }
  return value.toLowerCase();
}

function readText(name: string, value: unknown): string | undefined {
  return readValue(attribute(name), value, name) as string | undefined;
}

/** Ids in lower case, each once. One that cannot be an id is nobody: adding it is refused here. */
function readMembers(value: unknown): string[] {
  if (isUnassigned(value)) return [];
  const list = Array.isArray(value) ? value : [value];
  if (list.length > MOST_MEMBERS) {
    throw new ScimError("tooMany", "too many members at once", {
      found: String(list.length),
      expected: `at most ${MOST_MEMBERS}`,
    });
  }
  return [...new Set(list.map(readMember))];
}

function readMember(each: unknown, index: number): string {
  const where = `members[${index}]`;
  if (!isObject(each)) throw invalidValue(`${where} is no object`, { found: shownValue(each) });
  let id: unknown;
  for (const [key, value] of Object.entries(each)) {
    const name = ["value", "$ref", "display", "type"].find((known) => sameName(known, key));
    if (!name) throw invalidValue(`${where} has no attribute ${shownValue(key)}`);
    if (name === "value") id = value;
    if (name === "type" && !isUnassigned(value) && !(typeof value === "string" && sameName(value, "User"))) {
      throw invalidValue(`${where} is no person: groups in groups are not kept`, { found: shownValue(value) });
    }
  }
  if (typeof id === "string" && isUuid(id.toLowerCase())) return id.toLowerCase();
  throw invalidValue(`${where} names nobody`, { found: shownValue(id), expected: "value, the id of a user" });
}
