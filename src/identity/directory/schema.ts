import { z } from "zod";
import { BUILTIN_ROLE_NAMES } from "../access/roles.ts";
import { canonicalDn } from "./dn.ts";

const kind = z.enum(["saml", "ldap"]);
const issuer = z
  .string()
  .min(1)
  .max(1024)
  .meta({ description: "SAML: the provider's entity id. LDAP: the directory's id" });
export const sourceSchema = z.strictObject({ kind, issuer });

export const ruleSchema = z
  .strictObject({
    kind,
    issuer: issuer.nullable().default(null).describe("Null: any of this kind"),
    value: z
      .string()
      .min(1)
      .max(2000)
      .describe("The group outside. SAML: an attribute's value, exactly. LDAP: a distinguished name, in any spelling"),
    builtinRole: z.enum(BUILTIN_ROLE_NAMES).nullable().default(null),
    roleId: z.uuid().nullable().default(null).describe("A role of your own"),
    groupId: z.uuid().nullable().default(null).describe("A local group to become a member of"),
    siteIds: z.array(z.uuid()).min(1).max(1000).nullable().default(null).describe("Of a role. Null: all sites"),
  })
  .refine((rule) => [rule.builtinRole, rule.roleId, rule.groupId].filter((each) => each !== null).length === 1, {
    error: "expected exactly one of builtinRole, roleId and groupId",
  })
  .refine((rule) => rule.groupId === null || rule.siteIds === null, {
    error: "a group's sites are those of its own grants: expected siteIds null",
    path: ["siteIds"],
  })
  .refine((rule) => rule.kind !== "ldap" || canonicalDn(rule.value) !== null, {
    error: "expected a distinguished name, such as cn=staff,ou=groups,dc=example,dc=org",
    path: ["value"],
  });

const exampleRule = {
  kind: "ldap",
  value: "cn=staff,ou=groups,dc=example,dc=org",
  builtinRole: "viewer",
} as const;

export const mappingSchema = z
  .strictObject({
    version: z.int().min(0).describe("The version that you have seen: 0 before the first"),
    rules: z.array(ruleSchema).max(1000),
    scimLinks: z
      .array(sourceSchema)
      .max(20)
      .default([])
      .describe("Issuers whose subject is the SCIM external id of the same person"),
  })
  .meta({ examples: [{ version: 0, rules: [exampleRule] }] });

export const previewSchema = z
  .strictObject({
    kind,
    issuer,
    groups: z.array(z.string().min(1).max(2000)).max(10_000),
    rules: z.array(ruleSchema).max(1000).optional().describe("Rules to try. Absent: those in force"),
  })
  .meta({ examples: [{ kind: "ldap", issuer: "*", groups: ["cn=staff,ou=groups,dc=example,dc=org"] }] });

export const linkSchema = z
  .strictObject({ kind, issuer, subject: z.string().min(1).max(1024) })
  .meta({ examples: [{ kind: "saml", issuer: "urn:example:idp", subject: "a1b2c3" }] });

export type NewMapping = z.output<typeof mappingSchema>;
export type PreviewRequest = z.output<typeof previewSchema>;
export type NewLink = z.output<typeof linkSchema>;
