import { isUuid } from "../../record/text.ts";
import type { Attribute, ResourceType } from "./attributes.ts";
import { ScimError } from "./errors.ts";
import { type Condition, parseFilter } from "./filter.ts";
import { resolvePath } from "./target.ts";
import { readBoolean } from "./values.ts";

/** What a list asks for, as columns: null or [] where nothing is asked. Undefined in place of it: nothing can match. */
export type UserQuery = {
  userId: string | null;
  userName: string | null;
  externalId: string | null;
  manager: string | null;
  active: boolean | null;
  /** Patterns of LIKE, each of which must fit. */
  userNames: string[];
  externalIds: string[];
  displayNames: string[];
  /** Each is an address of the person: "<type><tab><address>" in lower case; without the type, of any. */
  emails: string[];
  emailPatterns: string[];
};
export type GroupQuery = {
  groupId: string | null;
  externalId: string | null;
  displayNames: string[];
  externalIds: string[];
  /** Each is a member. */
  members: string[];
};

const noUser: UserQuery = {
  ...{ userId: null, userName: null, externalId: null, manager: null, active: null },
  ...{ userNames: [], externalIds: [], displayNames: [], emails: [], emailPatterns: [] },
};
const noGroup: GroupQuery = { groupId: null, externalId: null, displayNames: [], externalIds: [], members: [] };

/** @throws ScimError `invalidFilter`. */
export function userQuery(type: ResourceType, filter: string | undefined): UserQuery | undefined {
  const query = structuredClone(noUser);
  const all = conditionsOf(type, filter).map((condition) => {
    switch (condition.name) {
      case "id":
        return setId(query, "userId", condition);
      case "userName":
        if (condition.op === "eq") return set(query, "userName", condition.value, sameText);
        return query.userNames.push(pattern(condition));
      case "externalId":
        if (condition.op === "eq") return set(query, "externalId", condition.value);
        return query.externalIds.push(pattern(condition));
      case "displayName":
        return query.displayNames.push(pattern(condition));
      case "active":
        return set(query, "active", readActive(condition));
      case "emails.value":
        if (condition.op === "eq") return query.emails.push(`${emailType(condition)}\t${lower(condition)}`);
        return query.emailPatterns.push(`${literal(emailType(condition))}\t${pattern(lowered(condition))}`);
      case "manager.value":
        if (condition.op === "eq") return set(query, "manager", condition.value);
    }
    throw notFiltered(condition);
  });
  return all.every(Boolean) ? query : undefined;
}

/** @throws ScimError `invalidFilter`. */
export function groupQuery(type: ResourceType, filter: string | undefined): GroupQuery | undefined {
  const query = structuredClone(noGroup);
  const all = conditionsOf(type, filter).map((condition) => {
    switch (condition.name) {
      case "id":
        return setId(query, "groupId", condition);
      case "displayName":
        return query.displayNames.push(pattern(condition));
      case "externalId":
        if (condition.op === "eq") return set(query, "externalId", condition.value);
        return query.externalIds.push(pattern(condition));
      case "members.value":
        if (condition.op === "eq") return isUuid(lower(condition)) && query.members.push(lower(condition));
    }
    throw notFiltered(condition);
  });
  return all.every(Boolean) ? query : undefined;
}

type Named = Omit<Condition, "value"> & { name: string; value: string };

function conditionsOf(type: ResourceType, filter: string | undefined): Named[] {
  if (filter === undefined) return [];
  return parseFilter(filter).map((condition) => {
    const name = nameOf(type, condition);
    const { value } = condition;
    if (typeof value === "string" || (name === "active" && typeof value === "boolean")) {
      return { ...condition, name, value: String(value) };
    }
    throw new ScimError("invalidFilter", `${name} is compared with a text`, { found: JSON.stringify(value) });
  });
}

// `emails eq "x"`, `members eq "x"` and `manager eq "x"`, as Entra writes them, mean the value.
function nameOf(type: ResourceType, { path }: Condition): string {
  if (!path.schema && !path.sub && path.name.toLowerCase() === "id") return "id";
  const { attribute, sub } = resolvePath(type, path, "invalidFilter");
  if (!attribute) throw new ScimError("invalidFilter", "a schema is no attribute to compare");
  const part: Attribute | undefined = sub ?? attribute.subAttributes?.find(({ name }) => name === "value");
  return part ? `${attribute.name}.${part.name}` : attribute.name;
}

const notFiltered = ({ name, op }: Named): ScimError =>
  new ScimError("invalidFilter", `nothing can be found by ${name} ${op}`, {
    expected:
      "users by id, userName, externalId, displayName, emails.value, active; groups by id, displayName, externalId, members.value",
  });

/** False when it was set to something else: nothing is both. */
function set<Q, K extends keyof Q>(query: Q, key: K, value: Q[K], same = (a: Q[K], b: Q[K]) => a === b): boolean {
  const before = query[key];
  query[key] = value;
  return before === null || same(before, value);
}

const sameText = (a: string | null, b: string | null): boolean => a?.toLowerCase() === b?.toLowerCase();
const lower = ({ value }: Named): string => value.toLowerCase();
const lowered = (condition: Named): Named => ({ ...condition, value: lower(condition) });

// What is no id of ours is nobody's.
function setId<Q, K extends keyof Q>(query: Q, key: K, condition: Named): boolean {
  if (condition.op !== "eq") throw notFiltered(condition);
  return isUuid(lower(condition)) && set(query, key, lower(condition) as Q[K]);
}

function readActive(condition: Named): boolean {
  if (condition.op !== "eq") throw notFiltered(condition);
  try {
    return readBoolean(condition.value, "active");
  } catch (cause) {
    throw new ScimError("invalidFilter", "active is true or false", { found: JSON.stringify(condition.value), cause });
  }
}

const literal = (text: string): string => text.replace(/[\\%_]/g, "\\$&");

function pattern({ op, value }: Pick<Named, "op" | "value">): string {
  return `${op === "co" ? "%" : ""}${literal(value)}${op === "eq" ? "" : "%"}`;
}

/** The type that brackets ask for, "" without. */
function emailType({ path: { where } }: Named): string {
  const asked = where ?? [];
  const other = asked.find(({ path, op }) => path.name.toLowerCase() !== "type" || op !== "eq");
  if (other || asked.length > 1) {
    throw new ScimError("invalidFilter", "an address is found by its type and value", {
      expected: 'emails[type eq "work"].value eq "…"',
    });
  }
  return asked.length > 0 ? String(asked[0]!.value).toLowerCase() : "";
}
