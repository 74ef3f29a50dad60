import { z } from "zod";
import { timestamp, uuid } from "../../platform/formats.ts";
import { BUILTIN_ROLE_NAMES } from "../access/roles.ts";
import type { Due, Mapping } from "./mapping.ts";
import { ruleSchema, sourceSchema } from "./schema.ts";
import type { Link } from "./store-links.ts";

export const mappingAnswer = z
  .object({ version: z.int(), rules: z.array(ruleSchema), scimLinks: z.array(sourceSchema) })
  .meta({ id: "DirectoryMapping" }) satisfies z.ZodType<Mapping>;

export const previewAnswer = z
  .object({
    rules: z.array(ruleSchema).meta({ description: "Those that these groups meet" }),
    grants: z.array(
      z.object({
        builtinRole: z.enum(BUILTIN_ROLE_NAMES).nullable(),
        roleId: uuid.nullable(),
        siteIds: z.array(uuid).nullable(),
      }),
    ),
    groupIds: z.array(uuid),
    permissions: z
      .record(z.string(), z.union([z.literal("all"), z.array(uuid)]))
      .meta({ description: "What the roles allow, over which sites" }),
  })
  .meta({ id: "MappingPreview" }) satisfies z.ZodType<Due & { rules: unknown; permissions: unknown }>;

export const linkAnswer = z
  .object({
    linkId: uuid,
    kind: z.enum(["saml", "ldap"]),
    issuer: z.string(),
    subject: z.string(),
    userId: uuid,
    linkedBy: z.enum(["jit", "scim", "admin"]),
    createdAt: timestamp,
  })
  .meta({ id: "DirectoryLink" }) satisfies z.ZodType<Link>;
export const linksAnswer = z.object({ links: z.array(linkAnswer) });
