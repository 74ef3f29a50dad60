import { z } from "zod";
import { count, timestamp, uuid } from "../../platform/formats.ts";
import { nextPage, sortedQuery } from "../../platform/sorted-list.ts";
import { PERMISSIONS } from "../permissions.ts";
import type { Explained } from "./explain.ts";
import { BUILTIN_ROLE_NAMES, OPERATOR_ROLE } from "./roles.ts";
import type { Grant } from "./store.ts";
import { GRANT_ORDER } from "./store.ts";
import type { Role } from "./store-roles.ts";

const permissionNames = z.array(z.enum(PERMISSIONS)).min(1).max(PERMISSIONS.length);
const roleName = z.string().trim().min(1).max(100);

export const newRole = z
  .strictObject({ name: roleName, permissions: permissionNames })
  .meta({ examples: [{ name: "Gate keeper", permissions: ["sites:read", "events:read", "images:read"] }] });
export const roleChange = z
  .strictObject({ name: roleName.optional(), permissions: permissionNames.optional() })
  .meta({ examples: [{ permissions: ["sites:read", "events:read"] }] });

export const roleAnswer = z
  .object({
    roleId: uuid,
    name: z.string(),
    permissions: z.array(z.string()),
    grants: count.meta({ description: "How many grants of it hold now" }),
    version: count,
    createdAt: timestamp,
    changedAt: timestamp,
  })
  .meta({ id: "Role" }) satisfies z.ZodType<Role>;
const builtinRole = z.enum(BUILTIN_ROLE_NAMES);
const anyBuiltin = z.enum([...BUILTIN_ROLE_NAMES, OPERATOR_ROLE]);
export const rolesAnswer = z.object({
  builtin: z.array(z.object({ role: builtinRole, permissions: z.array(z.string()) })),
  custom: z.array(roleAnswer),
});

export const grantQuery = z.strictObject({
  userId: uuid.optional(),
  groupId: uuid.optional(),
  ...sortedQuery(GRANT_ORDER),
});

const to = z
  .union([z.strictObject({ userId: uuid }), z.strictObject({ groupId: uuid })])
  .meta({ description: "A user, or a group for all its members" });
const role = z
  .union([z.strictObject({ builtin: builtinRole }), z.strictObject({ roleId: uuid })])
  .meta({ description: "A built-in role, or one of the tenant's own" });
export const newGrant = z
  .strictObject({
    to,
    role,
    siteIds: z.array(uuid).min(1).max(1000).nullable().default(null).meta({ description: "Null: all sites" }),
    expiresAt: z.iso
      .datetime()
      .nullable()
      .default(null)
      .refine((at) => at === null || Date.parse(at) > Date.now(), "expected a time to come")
      .meta({ description: "Ends by itself; null: never" }),
  })
  .meta({
    examples: [{ to: { userId: "3f0c1d52-6a0e-4a57-9a0d-8f1f5c1f7a10" }, role: { builtin: "viewer" }, siteIds: null }],
  });

export const grantAnswer = z
  .object({
    grantId: uuid,
    userId: uuid.nullable(),
    groupId: uuid.nullable(),
    builtinRole: builtinRole.nullable(),
    roleId: uuid.nullable(),
    siteIds: z.array(uuid).nullable().meta({ description: "Null: all sites" }),
    origin: z.enum(["manual", "mapping"]).meta({ description: "mapping: follows what the directory says" }),
    grantedBy: z.string(),
    createdAt: timestamp,
    expiresAt: timestamp.nullable(),
    revokedAt: timestamp.nullable(),
  })
  .meta({ id: "Grant" }) satisfies z.ZodType<Grant>;
export const grantsAnswer = z.object({ grants: z.array(grantAnswer), next: nextPage });

const sitesOf = z.array(uuid).readonly().nullable().meta({ description: "Null: all sites" });
export const accessAnswer = z
  .object({
    permissions: z.array(z.object({ permission: z.string(), siteIds: sitesOf, grants: z.array(uuid) })),
    grants: z.array(
      z.object({
        grantId: uuid,
        builtinRole: anyBuiltin.nullable(),
        roleId: uuid.nullable(),
        roleName: z.string().nullable(),
        permissions: z.array(z.string()).readonly(),
        siteIds: z.array(uuid).nullable(),
        groupId: uuid.nullable().meta({ description: "The group that gives it; null: given to the person" }),
        groupName: z.string().nullable(),
        origin: z.enum(["manual", "mapping"]),
        grantedBy: z.string(),
        expiresAt: timestamp.nullable(),
      }),
    ),
  })
  .meta({ id: "EffectiveAccess" }) satisfies z.ZodType<Explained>;
