import { z } from "zod";
import { count, uuid } from "../../platform/formats.ts";
import { ENTERPRISE_URN, GROUP_URN, USER_URN } from "./attributes.ts";
import { PATCH_URN } from "./patch-operations.ts";
import { LIST_URN } from "./present.ts";

// Shapes for the OpenAPI document. Bodies are read by values.ts and patch-operations.ts: names without case, errors by scimType.

const anyObject = (id: string, description: string, example: object) =>
  z.unknown().meta({ id, type: "object", description, examples: [example] });

const member = { value: "7f4bc1a3-285e-48ae-8202-5accb43efb0e" };
export const userBody = anyObject("ScimUserBody", "RFC 7643 section 4.1; /scim/v2/Schemas lists what is kept", {
  schemas: [USER_URN, ENTERPRISE_URN],
  userName: "ada@example.com",
  externalId: "00u1",
  name: { givenName: "Ada", familyName: "Lovelace" },
  emails: [{ value: "ada@example.com", type: "work", primary: true }],
  active: true,
  [ENTERPRISE_URN]: { department: "Engines" },
});
export const groupBody = anyObject("ScimGroupBody", "RFC 7643 section 4.2", {
  schemas: [GROUP_URN],
  displayName: "Gate keepers",
  members: [member],
});
export const patchBody = anyObject("ScimPatch", "RFC 7644 section 3.5.2: all operations or none", {
  schemas: [PATCH_URN],
  Operations: [
    { op: "replace", path: "active", value: false },
    { op: "add", path: "members", value: [member] },
  ],
});

const meta = z
  .object({
    resourceType: z.string(),
    created: z.iso.datetime().optional(),
    lastModified: z.iso.datetime().optional(),
    location: z.string(),
    version: z.string().optional().meta({ description: "The ETag" }),
  })
  .meta({ id: "ScimMeta" });
const schemaUrns = z.array(z.string());

export const userAnswer = z
  .looseObject({
    schemas: schemaUrns,
    id: uuid,
    userName: z.string().optional(),
    externalId: z.string().optional(),
    active: z.boolean().optional(),
    meta: meta.optional(),
  })
  .meta({ id: "ScimUser", description: "And what else the directory said, as /scim/v2/Schemas describes it" });
export const groupAnswer = z
  .looseObject({
    schemas: schemaUrns,
    id: uuid,
    displayName: z.string().optional(),
    externalId: z.string().optional(),
    members: z.array(z.looseObject({ value: uuid.optional(), display: z.string().optional() })).optional(),
    meta: meta.optional(),
  })
  .meta({ id: "ScimGroup" });
export const descriptionAnswer = z
  .looseObject({ schemas: schemaUrns, meta })
  .meta({ id: "ScimDescription", description: "RFC 7643 sections 5 to 7" });

export const listOf = <T extends z.ZodType>(resource: T, id: string) =>
  z
    .object({
      schemas: z.tuple([z.literal(LIST_URN)]),
      totalResults: count,
      startIndex: z.int().min(1),
      itemsPerPage: count,
      Resources: z.array(resource),
    })
    .meta({ id });

const text = z.string().max(5000).optional();
// Switches that Entra's administrators put into the tenant's address, and that come back with each request.
const flags = { aadOptscim062020: text, AzureAdScimPatch062020: text, AzureAdScimPatch2017: text };
const projection = {
  attributes: text.meta({ description: "Only these, by commas" }),
  excludedAttributes: text.meta({ description: "All but these, by commas" }),
};

export const oneQuery = z.strictObject({ ...projection, ...flags });
export const listQuery = z.strictObject({
  filter: text.meta({ description: "eq, sw and co, joined by and", examples: ['userName eq "ada@example.com"'] }),
  startIndex: z.coerce.number().int().optional().meta({ description: "Of the first resource, from 1" }),
  count: z.coerce.number().int().optional().meta({ description: "How many at most; 0 counts alone" }),
  ...projection,
  ...flags,
});
