import { z } from "zod";
import { count, timestamp, uuid } from "../../platform/formats.ts";
import type { CertificateFacts } from "./certificates.ts";
import type { ImportedMetadata } from "./idp-metadata.ts";
import { samlSettings } from "./schema.ts";
import type { SpAddresses } from "./service-provider.ts";
import type { SpKey } from "./sp-keys.ts";
import type { SamlConfiguration } from "./store.ts";

const facts = z
  .object({
    subject: z.string(),
    fingerprint: z.string().meta({ description: "SHA-256, lower-case hex" }),
    notBefore: z.iso.datetime(),
    notAfter: z.iso.datetime(),
    keyBits: count,
    warnings: z.array(z.string()),
  })
  .meta({ id: "CertificateFacts" }) satisfies z.ZodType<CertificateFacts>;

const key = z
  .object({
    keyId: uuid,
    state: z.enum(["next", "current", "previous"]),
    certificate: z.string(),
    createdAt: timestamp,
    facts,
  })
  .meta({ id: "SamlKey" }) satisfies z.ZodType<SpKey>;

const addresses = z
  .object({ entityId: z.string(), acsUrl: z.string(), loginUrl: z.string() })
  .meta({ id: "SamlAddresses", description: "What the provider is told" }) satisfies z.ZodType<SpAddresses>;

const configuration = z
  .object({ version: count, settings: samlSettings, madeBy: z.string(), createdAt: timestamp })
  .meta({ id: "SamlConfiguration" }) satisfies z.ZodType<SamlConfiguration>;

export const samlAnswer = z
  .object({
    addresses,
    configuration: configuration.nullable(),
    certificates: z.array(facts).meta({ description: "The provider's, in the order of the settings" }),
    keys: z.array(key),
  })
  .meta({ id: "Saml" });
export const keysAnswer = z.object({ keys: z.array(key) });

export const metadataAnswer = z
  .object({
    entityId: z.string(),
    ssoUrl: z.string(),
    certificates: z.array(z.object({ pem: z.string(), facts })),
    warnings: z.array(z.string()),
  })
  .meta({ id: "SamlProviderMetadata" }) satisfies z.ZodType<ImportedMetadata>;

export const openedTestAnswer = z.object({
  testId: uuid,
  loginUrl: z.string().meta({ description: "To be opened in a browser within the hour" }),
});

export const testAnswer = z
  .object({
    testId: uuid,
    createdAt: timestamp,
    result: z
      .union([
        z.object({
          ok: z.literal(true),
          nameId: z.string(),
          nameIdFormat: z.string().nullable(),
          authnContext: z.string().nullable(),
          attributes: z.array(z.object({ name: z.string(), values: z.array(z.string()) })),
          person: z.object({
            userName: z.string(),
            displayName: z.string(),
            email: z.string().nullable(),
            groups: z.array(z.string()),
          }),
        }),
        z.object({ ok: z.literal(false), reason: z.string(), meaning: z.string(), detail: z.string().nullable() }),
      ])
      .nullable()
      .meta({ description: "Null until somebody has come back from the provider" }),
  })
  .meta({ id: "SamlTest" });
