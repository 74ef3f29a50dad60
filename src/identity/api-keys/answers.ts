import { z } from "zod";
import { count, timestamp, uuid } from "../../platform/formats.ts";
import { nextPage } from "../../platform/sorted-list.ts";
import type { CreatedApiKey } from "./manage.ts";
import type { ApiKey } from "./store.ts";

export const apiKeyAnswer = z
  .object({
    keyId: uuid,
    name: z.string(),
    prefix: z.string().meta({ description: "The public part", examples: ["atc_live_4fGh2KlmNp0Q"] }),
    fingerprint: z.string().meta({
      description: "Keyed hash of the whole key: tells two keys apart, and is worth nothing as a credential",
      examples: ["k3v5q2xw7mzn4tpa"],
    }),
    permissions: z.array(z.string()),
    siteIds: z.array(uuid).nullable().meta({ description: "Null: all sites" }),
    ipAllowlist: z.array(z.string()).nullable().meta({ description: "Null: from anywhere" }),
    corsOrigins: z.array(z.string()),
    version: count,
    madeBy: z.string(),
    limitedBy: uuid.nullable().meta({ description: "The person whose access limits it; null: the tenant's own key" }),
    access: z
      .record(z.string(), z.union([z.literal("all"), z.array(uuid)]))
      .meta({ description: "What it can do now: of its permissions, over its sites, what `limitedBy` has" }),
    createdAt: timestamp,
    expiresAt: timestamp.nullable(),
    revokedAt: timestamp.nullable(),
    lastUsedAt: timestamp.nullable(),
  })
  .meta({ id: "ApiKey" }) satisfies z.ZodType<ApiKey>;

export const apiKeysAnswer = z.object({ apiKeys: z.array(apiKeyAnswer), next: nextPage });
export const createdKeyAnswer = z
  .object({ key: z.string().meta({ description: "The whole key, shown this once" }), apiKey: apiKeyAnswer })
  .meta({ id: "CreatedApiKey" }) satisfies z.ZodType<CreatedApiKey>;
