import { ENTERPRISE_URN, GROUP_URN, type ResourceType, USER_URN } from "./attributes.ts";
import { invalidValue } from "./errors.ts";
import { type Path, parsePath } from "./filter.ts";
import type { ScimUserRow } from "./store.ts";
import type { ScimGroupRow, ScimMember } from "./store-groups.ts";
import { resolvePath } from "./target.ts";
import { sameName, type Values } from "./values.ts";

/** Where SCIM is reached: `https://host/scim/v2`, or the path alone where no public address is configured. */
export type Base = string;
export type Resource = { schemas: string[]; id: string } & Record<string, unknown>;

export const LIST_URN = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/** Weak: groups of a person, and names of members, are in the answer too and count in other versions. */
export const etagOf = ({ version }: { version: number }): string => `W/"${version}"`;

/** What SCIM keeps of an account, in the schema's form: what PATCH works on. */
export function userValues(row: ScimUserRow): Values {
  const seen: Values = row.attributes ?? {
    displayName: row.displayName,
    ...(row.email && { emails: [{ value: row.email, type: "work", primary: true }] }),
  };
  return {
    userName: row.userName,
    ...(row.externalId && { externalId: row.externalId }),
    ...structuredClone(seen),
    active: row.active,
  };
}

export function userResource(row: ScimUserRow, base: Base): Resource {
  const values = userValues(row);
  const groups = row.groups.map(({ groupId, name }) => ({
    value: groupId,
    $ref: `${base}/Groups/${groupId}`,
    display: name,
    type: "direct",
  }));
  return {
    schemas: values[ENTERPRISE_URN] ? [USER_URN, ENTERPRISE_URN] : [USER_URN],
    id: row.userId,
    ...values,
    ...(groups.length > 0 && { groups }),
    meta: meta("User", `${base}/Users/${row.userId}`, row),
  };
}

export function groupResource(row: ScimGroupRow, members: readonly ScimMember[], base: Base): Resource {
  return {
    schemas: [GROUP_URN],
    id: row.groupId,
    ...(row.externalId && { externalId: row.externalId }),
    displayName: row.name,
    members: members.map(({ userId, displayName }) => ({
      value: userId,
      $ref: `${base}/Users/${userId}`,
      display: displayName,
      type: "User",
    })),
    meta: meta("Group", `${base}/Groups/${row.groupId}`, row),
  };
}

function meta(resourceType: string, location: string, row: { createdAt: string; changedAt: string; version: number }) {
  return { resourceType, created: row.createdAt, lastModified: row.changedAt, location, version: etagOf(row) };
}

export type Page = { startIndex: number; totalResults: number };

export function listResponse(resources: readonly object[], { startIndex, totalResults }: Page) {
  return { schemas: [LIST_URN], totalResults, startIndex, itemsPerPage: resources.length, Resources: resources };
}

/** Which attributes an answer has (RFC 7644 section 3.9). */
export type Projection = { only: Path[] | null; without: Path[] };

/** @throws ScimError `invalidValue` for both at once, or for what is no attribute. */
export function readProjection(
  type: ResourceType,
  { attributes, excludedAttributes }: { attributes?: string; excludedAttributes?: string },
): Projection {
  if (attributes && excludedAttributes) throw invalidValue("attributes and excludedAttributes exclude each other");
  const read = (list: string | undefined): Path[] =>
    (list ?? "")
      .split(",")
      .map((each) => each.trim())
      .filter((each) => each !== "")
      .slice(0, 100)
      .map((each) => {
        const path = parsePath(each);
        if (!["id", "schemas"].some((name) => sameName(name, path.name)) && !isMeta(path)) {
          resolvePath(type, path, "invalidValue");
        }
        return path;
      });
  const only = read(attributes);
  return { only: only.length > 0 ? only : null, without: read(excludedAttributes) };
}

const isMeta = ({ schema, name }: Path): boolean => !schema && sameName(name, "meta");

export const shows = ({ only, without }: Projection, name: string): boolean =>
  only
    ? only.some((path) => sameName(path.name, name))
    : !without.some((path) => sameName(path.name, name) && path.sub === null);

/** `id` and `schemas` always stand in an answer. */
export function project(type: ResourceType, resource: Resource, projection: Projection): Resource {
  const { only, without } = projection;
  if (!only && without.length === 0) return resource;
  const { schemas, id, ...rest } = resource;
  return { schemas, id, ...(only ? pick(type, rest, only) : omit(type, rest, without)) };
}

/** The keys that lead to what a path names. */
function keysOf(type: ResourceType, path: Path): string[] {
  if (isMeta(path)) return path.sub ? ["meta", path.sub] : ["meta"];
  if (["id", "schemas"].some((name) => sameName(name, path.name))) return [];
  const { extension, attribute, sub } = resolvePath(type, path, "invalidValue");
  return [extension, attribute?.name, sub?.name].filter((each) => typeof each === "string");
}

function pick(type: ResourceType, resource: Record<string, unknown>, paths: readonly Path[]): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const path of paths) {
    const keys = keysOf(type, path);
    if (keys.length > 0) copy(resource, picked, keys);
  }
  return picked;
}

function copy(from: Record<string, unknown>, to: Record<string, unknown>, [key, ...rest]: string[]): void {
  const value = from[key!];
  if (value === undefined) return;
  if (rest.length === 0) {
    to[key!] = value;
  } else if (Array.isArray(value)) {
    const before = to[key!] as Record<string, unknown>[] | undefined;
    to[key!] = value.map((each, index) => {
      const part = before?.[index] ?? {};
      copy(each, part, rest);
      return part;
    });
  } else {
    to[key!] ??= {};
    copy(value as Record<string, unknown>, to[key!] as Record<string, unknown>, rest);
  }
}

function omit(type: ResourceType, resource: Record<string, unknown>, paths: readonly Path[]): Record<string, unknown> {
  const left = structuredClone(resource);
  for (const path of paths) {
    const keys = keysOf(type, path);
    if (keys.length > 0) drop(left, keys);
  }
  return left;
}

function drop(from: Record<string, unknown>, [key, ...rest]: string[]): void {
  const value = from[key!];
  if (rest.length === 0) delete from[key!];
  else if (Array.isArray(value)) for (const each of value) drop(each, rest);
  else if (value !== undefined) drop(value as Record<string, unknown>, rest);
}
