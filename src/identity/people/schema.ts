import { z } from "zod";
import { count, timestamp, uuid } from "../../platform/formats.ts";
import { nextPage, sortedQuery } from "../../platform/sorted-list.ts";
import { GROUP_ORDER, type Group } from "./store-groups.ts";
import { type ListedUser, USER_ORDER, USER_STATES, type User } from "./store-users.ts";

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

const text = z.string().trim().min(1).max(200).optional();
const sources = ["local", "saml", "ldap", "scim"] as const;
const groupSources = ["local", "scim"] as const;
export const userQuery = z.strictObject({
  text: text.meta({ description: "In user name, name or e-mail address" }),
  state: z.enum(USER_STATES).optional(),
  source: z.enum(sources).optional().meta({ description: "Who keeps the account" }),
  group: uuid.optional().meta({ description: "Members of this group" }),
  ...sortedQuery(USER_ORDER),
});
export const groupQuery = z.strictObject({
  text: text.meta({ description: "In the name" }),
  source: z.enum(groupSources).optional().meta({ description: "Who keeps the members" }),
  member: uuid.optional().meta({ description: "Groups that this person is in" }),
  ...sortedQuery(GROUP_ORDER),
});

export const userAnswer = z
  .object({
    userId: uuid,
    userName: z.string(),
    displayName: z.string(),
    email: z.string().nullable(),
    source: z.enum(sources).meta({ description: "Who keeps this account" }),
    externalId: z.string().nullable(),
    active: z.boolean(),
    version: count,
    createdAt: timestamp,
    changedAt: timestamp,
    deactivatedAt: timestamp.nullable(),
    erasedAt: timestamp.nullable(),
  })
  .meta({ id: "User" }) satisfies z.ZodType<User>;
const listedUser = userAnswer
  .extend({
    lastSignInAt: timestamp.nullable().meta({ description: "Of sessions that are still kept" }),
    factors: count.meta({ description: "How many second factors" }),
  })
  .meta({ id: "ListedUser" }) satisfies z.ZodType<ListedUser>;
export const usersAnswer = z.object({ users: z.array(listedUser), next: nextPage });

const groupName = name.max(256);
export const newGroup = z.strictObject({ name: groupName }).meta({ examples: [{ name: "Night shift" }] });
export const membersChange = z
  .strictObject({ add: z.array(uuid).max(1000).default([]), remove: z.array(uuid).max(1000).default([]) })
  .meta({ examples: [{ add: ["3f0c1d52-6a0e-4a57-9a0d-8f1f5c1f7a10"] }] });

export const groupAnswer = z
  .object({
    groupId: uuid,
    name: z.string(),
    source: z.enum(groupSources).meta({ description: "Who keeps its members" }),
    externalId: z.string().nullable(),
    version: count,
    members: count,
    createdAt: timestamp,
    changedAt: timestamp,
  })
  .meta({ id: "Group" }) satisfies z.ZodType<Group>;
export const groupsAnswer = z.object({ groups: z.array(groupAnswer), next: nextPage });
export const membersQuery = z.strictObject({
  after: uuid.optional().meta({ description: "`next` of the page before" }),
  limit: z.coerce.number().int().min(1).max(500).default(500),
});
export const membersAnswer = z.object({
  members: z.array(uuid),
  next: uuid.nullable().meta({ description: "For `after` of the next page; null: there is none" }),
});
