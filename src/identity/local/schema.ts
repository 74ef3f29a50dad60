import { z } from "zod";
import { count, timestamp, uuid } from "../../platform/formats.ts";
import { BUILTIN_ROLE_NAMES } from "../access/roles.ts";
import { factorAnswer, proofSchema } from "../mfa/schema.ts";
import type { WaysIn } from "./ways-in.ts";

// Longer than any rule allows, so that the rule and not the shape says no.
const password = z.string().min(1).max(1024);
const userName = z.string().trim().min(1).max(256);

export const credentialsSchema = z
  .strictObject({ userName, password })
  .meta({ examples: [{ userName: "anna", password: "gravel umbrella ninety tin" }] });

export const newPasswordSchema = z
  .strictObject({ token: z.string().min(1).max(200), password })
  .meta({ examples: [{ token: "from the link, behind the #", password: "gravel umbrella ninety tin" }] });

export const changePasswordSchema = z
  .strictObject({ current: password, password })
  .meta({ examples: [{ current: "gravel umbrella ninety tin", password: "copper lantern sixteen moss" }] });

const method = z.enum(["webauthn", "totp", "email", "recovery"]);

export const enteredAnswer = z
  .discriminatedUnion("state", [
    z.object({ state: z.literal("signed-in"), userId: uuid, csrfToken: z.string() }),
    z.object({ state: z.literal("second-factor"), methods: z.array(method) }),
  ])
  .meta({ id: "SignIn", description: "The session, or what must be shown besides; the cookie comes with it" });

export const steppedUpAnswer = z.object({ steppedUpAt: timestamp, csrfToken: z.string() });
export { proofSchema };

const siteIds = z.array(z.uuid()).min(1).max(1000).nullable();

export const invitationSchema = z
  .strictObject({
    userName: userName.regex(/^[^\p{Cc}\p{Cf}\p{Cs}]+$/u, "expected no control or invisible characters"),
    displayName: z
      .string()
      .trim()
      .min(1)
      .max(200)
      .regex(/^[^\p{Cc}\p{Cs}]+$/u, "expected no control characters"),
    email: z.email().max(320).nullable().default(null),
    role: z.enum(BUILTIN_ROLE_NAMES),
    siteIds: siteIds.default(null),
    expiresAt: z.iso.datetime().nullable().default(null),
  })
  .meta({ examples: [{ userName: "anna", displayName: "Anna Muster", email: "anna@example.org", role: "viewer" }] });

export const invitedAnswer = z.object({
  userId: uuid,
  link: z
    .object({ url: z.string(), expiresAt: timestamp })
    .nullable()
    .meta({ description: "Shown this once, to be handed over; null when it was mailed" }),
  mailedTo: z.string().nullable(),
});

export const waysInAnswer = z
  .object({
    passwordSetAt: timestamp.nullable().meta({ description: "Null: no password that the appliance keeps" }),
    linkUntil: timestamp.nullable().meta({ description: "Until when an unused one-time link is good; null: none is" }),
    lastSignInAt: timestamp.nullable().meta({ description: "Of sessions that are still kept" }),
    lockedUntil: timestamp.nullable().meta({ description: "After too many tries; null: not locked" }),
    factors: z.array(factorAnswer),
    recoveryCodesLeft: count,
  })
  .meta({ id: "WaysIn" }) satisfies z.ZodType<WaysIn>;

export const sessionAnswer = z
  .object({
    user: z.object({
      userId: uuid,
      userName: z.string(),
      displayName: z.string(),
      email: z.string().nullable(),
      source: z.enum(["local", "saml", "ldap", "scim"]),
    }),
    tenant: z.object({ tenantId: uuid, slug: z.string(), name: z.string() }),
    access: z
      .record(z.string(), z.union([z.literal("all"), z.array(uuid)]))
      .meta({ description: "Over which sites you have each permission" }),
    csrfToken: z.string().meta({ description: "For the header X-CSRF-Token of every change" }),
    session: z.object({
      sessionId: uuid,
      via: z.enum(["web", "saml", "ldap"]),
      strength: z.union([z.literal(1), z.literal(2)]).meta({ description: "2: a second factor was shown" }),
      createdAt: timestamp,
      expiresAt: timestamp,
      steppedUpUntil: timestamp
        .nullable()
        .meta({ description: "Until when what needs a fresh second factor may be done" }),
    }),
    mfa: z.object({
      required: z.boolean(),
      factors: z.int(),
      recoveryCodesLeft: z.int(),
      missing: z
        .boolean()
        .meta({ description: "True: this session reaches its own account alone until a factor is added" }),
    }),
  })
  .meta({ id: "OwnSession" });
