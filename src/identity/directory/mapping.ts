import type { BuiltinRole } from "../access/roles.ts";
import { canonicalDn } from "./dn.ts";

/** Who vouches: a provider of one kind. */
export type Source = { kind: "saml" | "ldap"; issuer: string };

/** Members of a group outside get a role over sites, or become members of a group here: one of the three is given. */
export type MappingRule = {
  kind: Source["kind"];
  /** Null: any issuer of this kind. */
  issuer: string | null;
  /** SAML: an attribute's value, compared exactly. LDAP: the group's distinguished name, in any spelling. */
  value: string;
  builtinRole: BuiltinRole | null;
  roleId: string | null;
  groupId: string | null;
  /** Of a role; null: all sites. */
  siteIds: string[] | null;
};

export type Mapping = { version: number; rules: MappingRule[]; scimLinks: Source[] };

export type DueGrant = Pick<MappingRule, "builtinRole" | "roleId" | "siteIds">;

/** What groups give by the rules. */
export type Due = { grants: DueGrant[]; groupIds: string[] };

/** What is there of what rules name: a rule gives nothing that is gone. */
export type Named = { sites: ReadonlySet<string>; roles: ReadonlySet<string>; groups: ReadonlySet<string> };

/** The form in which a group's value is compared. Null: the value can be no group of this kind. */
export function comparedValue(kind: Source["kind"], value: string): string | null {
  return kind === "ldap" ? canonicalDn(value) : value;
}

export function isOfSource(rule: Pick<MappingRule, "kind" | "issuer">, source: Source): boolean {
  return rule.kind === source.kind && (rule.issuer === null || rule.issuer === source.issuer);
}

/** The rules that a person of this source with these groups meets. */
export function metRules(rules: readonly MappingRule[], source: Source, groups: readonly string[]): MappingRule[] {
  const held = new Set(groups.map((group) => comparedValue(source.kind, group)));
  held.delete(null);
  return rules.filter((rule) => isOfSource(rule, source) && held.has(comparedValue(rule.kind, rule.value)));
}

/** What rules give, each thing once. */
export function dueBy(rules: readonly MappingRule[], named: Named): Due {
  const grants = new Map<string, DueGrant>();
  const groupIds = new Set<string>();
  for (const { builtinRole, roleId, groupId, siteIds } of rules) {
    if (groupId) {
      if (named.groups.has(groupId)) groupIds.add(groupId);
      continue;
    }
    const sites = siteIds && [...new Set(siteIds)].filter((site) => named.sites.has(site)).sort();
    // Sites that are all gone are no sites, and never "all sites".
    if (sites?.length === 0 || (roleId && !named.roles.has(roleId))) continue;
    const grant = { builtinRole, roleId, siteIds: sites };
    grants.set(grantKey(grant), grant);
  }
  return { grants: [...grants.values()], groupIds: [...groupIds] };
}

/** Equal for grants of the same role over the same sites. */
export function grantKey({ builtinRole, roleId, siteIds }: DueGrant): string {
  return `${builtinRole ?? roleId} ${siteIds ? [...siteIds].sort().join(",") : "all"}`;
}
