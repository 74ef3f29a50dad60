import type { Entry } from "ldapts";
import { FilterParser } from "ldapts";
import { canonicalDn } from "../directory/dn.ts";
import type { LdapConnection } from "./connection.ts";
import { textsOf } from "./entry.ts";
import { groupFilter } from "./filter.ts";
import type { LdapSettings } from "./schema.ts";

export const mostGroups = 2000;
/** Groups in groups in groups: no further than this. */
export const mostDepth = 10;
/** So many names in one search. */
const batch = 50;

/** Distinguished names of a person's groups, as the directory spells them; null when there are more than `mostGroups`. */
export type FoundGroups = string[] | null;

/**
 * The groups of a person, those that he is in through other groups too where `nested` says so. Each group is looked at once,
 * so that groups that hold each other come to an end. The connection is bound as the service account.
 */
export async function findGroups(
  connection: LdapConnection,
  settings: LdapSettings,
  person: { entry: Entry; userName: string },
): Promise<FoundGroups> {
  const { lookup, nested, memberIs } = settings.groups;
  if (lookup === "memberOf")
    return walk(settings, textsOf(person.entry, "memberOf"), (dns) => parentsOf(connection, dns));
  const inChain = lookup === "auto" && nested && memberIs === "dn" && (await isActiveDirectory(connection));
  const searched = (members: readonly string[]) => groupsWith(connection, settings, members, inChain);
  const first = await searched([memberIs === "dn" ? person.entry.dn : person.userName]);
  // The directory followed the chain itself; names of accounts lead to no further group.
  if (inChain || memberIs === "userName")
    return walk({ groups: { ...settings.groups, nested: false } }, first, searched);
  return walk(settings, first, searched);
}

/** Level by level from `first`, each group once. */
async function walk(
  { groups: { base, nested } }: Pick<LdapSettings, "groups">,
  first: readonly string[],
  next: (dns: readonly string[]) => Promise<string[]>,
): Promise<FoundGroups> {
  const within = canonicalDn(base);
  const known = new Map<string, string>();
  let level: readonly string[] = first;
  for (let depth = 1; level.length > 0; depth++) {
    const fresh = level.filter((dn) => {
      const name = canonicalDn(dn);
      if (name === null || known.has(name) || !(name === within || name.endsWith(`,${within}`))) return false;
      known.set(name, dn);
      return true;
    });
    if (known.size > mostGroups) return null;
    if (!nested || depth >= mostDepth) break;
    level = await inBatches(fresh, next);
  }
  return [...known.values()];
}

async function inBatches(
  dns: readonly string[],
  next: (dns: readonly string[]) => Promise<string[]>,
): Promise<string[]> {
  const found: string[] = [];
  for (let at = 0; at < dns.length; at += batch) found.push(...(await next(dns.slice(at, at + batch))));
  return found;
}

async function groupsWith(
  connection: LdapConnection,
  { groups }: LdapSettings,
  members: readonly string[],
  inChain: boolean,
): Promise<string[]> {
  const filter = groupFilter(groups.filter, { attribute: groups.memberAttribute, members, inChain });
  const found = await connection.search("groups", groups.base, { filter, attributes: ["1.1"], most: mostGroups });
  return found.map(({ dn }) => dn);
}

async function parentsOf(connection: LdapConnection, dns: readonly string[]): Promise<string[]> {
  const filter = FilterParser.parseString("(objectClass=*)");
  const found: string[] = [];
  for (const dn of dns) {
    // A group of another domain is not here.
    const [group] = await connection.search("groups", dn, {
      filter,
      scope: "base",
      attributes: ["memberOf"],
      most: 1,
      maybeAbsent: true,
    });
    if (group) found.push(...textsOf(group, "memberOf"));
  }
  return found;
}

const activeDirectory = "1.2.840.113556.1.4.800";

/** Active Directory and Samba say so in their root entry. Other directories take the matching rule, and find nothing by it. */
async function isActiveDirectory(connection: LdapConnection): Promise<boolean> {
  const [root] = await connection.search("groups", "", {
    filter: FilterParser.parseString("(objectClass=*)"),
    scope: "base",
    attributes: ["supportedCapabilities"],
    most: 1,
  });
  return root !== undefined && textsOf(root, "supportedCapabilities").includes(activeDirectory);
}
