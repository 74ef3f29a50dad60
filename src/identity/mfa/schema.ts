import { z } from "zod";
import { count, timestamp, uuid } from "../../platform/formats.ts";
import type { Factor } from "./store.ts";

const digits = z
  .string()
  .max(20)
  .transform((text) => text.replace(/\s/g, ""))
  .pipe(z.string().regex(/^\d{6}$/, "expected six digits"));

const encoded = z
  .string()
  .max(8192)
  .regex(/^[A-Za-z0-9_-]*$/);

/** What a browser's `credential.toJSON()` gives; the library checks what is in it. */
const credential = z.strictObject({
  id: encoded,
  rawId: encoded,
  type: z.literal("public-key"),
  authenticatorAttachment: z.string().max(50).nullish(),
  clientExtensionResults: z.record(z.string().max(100), z.unknown()).default({}),
  response: z.strictObject({
    clientDataJSON: encoded,
    attestationObject: z
      .string()
      .max(65_536)
      .regex(/^[A-Za-z0-9_-]*$/)
      .optional(),
    authenticatorData: encoded.optional(),
    signature: encoded.optional(),
    userHandle: encoded.nullish(),
    transports: z.array(z.string().max(50)).max(10).optional(),
    publicKeyAlgorithm: z.number().optional(),
    publicKey: encoded.nullish(),
  }),
});

/** A second factor as it is shown. */
export const proofSchema = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("totp"), code: digits }),
    z.strictObject({ kind: z.literal("email"), code: digits }),
    z.strictObject({ kind: z.literal("recovery"), code: z.string().min(16).max(40) }),
    z.strictObject({ kind: z.literal("webauthn"), response: credential }),
  ])
  .meta({ examples: [{ kind: "totp", code: "123456" }] });

export type Proof = z.output<typeof proofSchema>;

const name = z.string().trim().min(1).max(100);

export const renameSchema = z.strictObject({ name }).meta({ examples: [{ name: "Phone" }] });
export const confirmCodeSchema = z
  .strictObject({ name, code: digits })
  .meta({ examples: [{ name: "Phone", code: "123456" }] });
export const confirmKeySchema = z.strictObject({ name, response: credential }).meta({
  examples: [
    {
      name: "Key on my ring",
      response: { id: "AQ", rawId: "AQ", type: "public-key", response: { clientDataJSON: "e30" } },
    },
  ],
});

export const factorAnswer = z
  .object({
    factorId: uuid,
    kind: z.enum(["totp", "webauthn", "email"]),
    name: z.string(),
    createdAt: timestamp,
    lastUsedAt: timestamp.nullable(),
  })
  .meta({ id: "Factor" }) satisfies z.ZodType<Factor>;

export const factorsAnswer = z.object({
  factors: z.array(factorAnswer),
  recoveryCodesLeft: count,
  possible: z.array(z.enum(["totp", "webauthn", "email"])).meta({ description: "Which kinds can be added here" }),
});

/** Recovery codes come with the first factor, and are shown this once. */
export const addedAnswer = z.object({
  factor: factorAnswer,
  recoveryCodes: z.array(z.string()).nullable(),
  csrfToken: z.string().meta({ description: "The session goes on under a new token: so does this" }),
});
export const recoveryCodesAnswer = z.object({ recoveryCodes: z.array(z.string()) });
export const totpAnswer = z.object({ secret: z.string(), uri: z.string(), svg: z.string() });
/** For `navigator.credentials`, as JSON (WebAuthn level 3). */
export const webauthnOptionsAnswer = z.object({ publicKey: z.record(z.string(), z.unknown()) });
