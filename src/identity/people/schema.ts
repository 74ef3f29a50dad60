import { z } from "zod";
import { count, timestamp, uuid } from "../../platform/formats.ts";
import type { Group } from "./store-groups.ts";
import type { User } from "./store-users.ts";

const name = z.string().trim().min(1);
// What one types to sign in: no blanks at its ends, no control characters.
const userName = name.max(256).regex(/^[^\p{Cc}\p{Cf}]+$/u, "expected visible characters");
const email = z.email().max(320).nullable();

export const newUser = z
  .strictObject({ userName, displayName: name.max(200), email: email.default(null) })
  .meta({ examples: [{ userName: "ada", displayName: "Ada Byron", email: "ada@example.com" }] });
export const userChange = z
  .strictObject({ userName: userName.optional(), displayName: name.max(200).optional(), email: email.optional() })
  .meta({ examples: [{ displayName: "Ada Lovelace" }] });

const limit = z.coerce.number().int().min(1).max(500).default(100);
const after = z.string().max(1000).optional().meta({ description: "`next` of the page before" });
export const userQuery = z.strictObject({
  text: z.string().trim().min(1).max(200).optional().meta({ description: "In user name, name or e-mail address" }),
  after,
  limit,
});
export const groupQuery = z.strictObject({ after, limit });

export const userAnswer = z
  .object({
    userId: uuid,
    userName: z.string(),
    displayName: z.string(),
    email: z.string().nullable(),
    source: z.enum(["local", "saml", "ldap", "scim"]).meta({ description: "Who keeps this account" }),
    externalId: z.string().nullable(),
    active: z.boolean(),
    version: count,
    createdAt: timestamp,
    changedAt: timestamp,
    deactivatedAt: timestamp.nullable(),
    erasedAt: timestamp.nullable(),
  })
  .meta({ id: "User" }) satisfies z.ZodType<User>;
const next = z.string().nullable().meta({ description: "`after` of the next page; null at the end" });
export const usersAnswer = z.object({ users: z.array(userAnswer), next });

const groupName = name.max(256);
export const newGroup = z.strictObject({ name: groupName }).meta({ examples: [{ name: "Night shift" }] });
export const membersChange = z
  .strictObject({ add: z.array(uuid).max(1000).default([]), remove: z.array(uuid).max(1000).default([]) })
  .meta({ examples: [{ add: ["3f0c1d52-6a0e-4a57-9a0d-8f1f5c1f7a10"] }] });

export const groupAnswer = z
  .object({
    groupId: uuid,
    name: z.string(),
    source: z.enum(["local", "scim"]).meta({ description: "Who keeps its members" }),
    externalId: z.string().nullable(),
    version: count,
    members: count,
    createdAt: timestamp,
    changedAt: timestamp,
  })
  .meta({ id: "Group" }) satisfies z.ZodType<Group>;
export const groupsAnswer = z.object({ groups: z.array(groupAnswer), next });
export const membersQuery = z.strictObject({
  after: uuid.optional().meta({ description: "`next` of the page before" }),
  limit: z.coerce.number().int().min(1).max(500).default(500),
});
export const membersAnswer = z.object({
  members: z.array(uuid),
  next: uuid.nullable().meta({ description: "For `after` of the next page; null: there is none" }),
});
