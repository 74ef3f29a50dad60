import { z } from "zod";
import { isMailAddress } from "../../platform/mail-address.ts";
import { sortedQuery } from "../../platform/sorted-list.ts";
import { TOKEN } from "../../platform/tokens.ts";
import { LAWS } from "./clock.ts";
import { CASE_ORDER } from "./store.ts";

const text = (max: number) => z.string().trim().min(1).max(max);
const email = z.string().trim().refine(isMailAddress, "expected a mail address");
const optional = <T extends z.ZodType>(type: T) =>
  z.preprocess((value) => (value === "" ? undefined : value), type.optional());

/** What anybody sends by the public page. An empty field of a form is none. */
export const intakeSchema = z
  .strictObject({ name: optional(text(200)), email: optional(email), about: text(4000) })
  .meta({
    examples: [{ name: "J. Doe", email: "j.doe@mail.example", about: "My car, plate AB12CDE, at your north gate" }],
  });

export const tokenSchema = z.strictObject({ token: z.string().regex(TOKEN) });

/** A request that came by letter, by telephone or in person. */
export const newCaseSchema = z
  .strictObject({
    name: text(200).nullable().default(null),
    email: email.nullable().default(null),
    about: text(4000),
    law: z.enum(LAWS).default("gdpr"),
    receivedOn: z.iso.date().optional().meta({ description: "The UTC day on which it reached you; today unless told" }),
  })
  .meta({ examples: [{ name: "J. Doe", about: "by letter: plate AB12CDE", receivedOn: "2026-11-20" }] });

export const identityMethods = [
  "signed-in",
  "email-reply",
  "document-seen",
  "in-person",
  "shared-secret",
  "callback",
  "representative",
] as const;
const evidence = text(4000).meta({ description: "What was seen. Goes with the case's words." });
export const identityCheckSchema = z
  .strictObject({ method: z.enum(identityMethods), evidence: evidence.optional() })
  .meta({ examples: [{ method: "document-seen", evidence: "vehicle registration shown at the gate office" }] });
export const reasonSchema = z
  .strictObject({ reason: text(2000) })
  .meta({ examples: [{ reason: "the register of visitors must be searched by hand" }] });

export const acceptSchema = z
  .strictObject({
    subjects: z.array(text(128)).max(50).default([]).meta({ description: "`user:<id>` is an account of yours" }),
    eventIds: z.array(z.uuid()).max(10_000).default([]),
    imagesOnly: z.boolean().default(false).meta({ description: "Of the single events, erase the images alone" }),
  })
  .refine((body) => body.subjects.length + body.eventIds.length > 0, "name subjects or event ids")
  .meta({ examples: [{ subjects: ["plate:AB12CDE"] }] });

export const caseQuery = z.strictObject({
  ...sortedQuery(CASE_ORDER),
  open: z.enum(["true", "false"]).default("true"),
});

export type IntakeInput = z.output<typeof intakeSchema>;
export type NewCaseInput = z.output<typeof newCaseSchema>;
export type AcceptInput = z.output<typeof acceptSchema>;
export type IdentityCheck = z.output<typeof identityCheckSchema>;
