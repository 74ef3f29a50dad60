import { z } from "zod";
import { count, day, timestamp, uuid } from "../platform/formats.ts";
import type { Setup } from "./setup.ts";
import { SETUP_STEPS, type Tenant, type Usage } from "./store.ts";

export const tenantChange = z
  .strictObject({
    name: z.string().trim().min(1).max(200).optional(),
    coolingOffHours: z.number().int().min(0).max(720).optional(),
    plainMqtt: z.boolean().optional(),
    eventQuotaPerDay: z.number().int().min(1).optional(),
    byteQuotaPerDay: z.number().int().min(1).optional(),
    exportQuotaPerDay: z.number().int().min(1).max(100_000).optional(),
    sessionIdleMinutes: z.number().int().min(5).max(1440).optional(),
    sessionHours: z.number().int().min(1).max(168).optional(),
    sessionRetentionDays: z.number().int().min(1).max(3650).optional(),
    mfaRequired: z.boolean().optional(),
    erasurePage: z.boolean().optional(),
    erasurePauses: z.boolean().optional(),
    erasureCaseDays: z.number().int().min(1).max(3650).optional(),
    setupSkipped: z.array(z.enum(SETUP_STEPS)).max(SETUP_STEPS.length).optional(),
    setupDismissed: z.boolean().optional(),
  })
  .meta({ examples: [{ coolingOffHours: 72, eventQuotaPerDay: 2_000_000 }] });

export const tenantAnswer = z
  .object({
    tenantId: uuid,
    name: z.string(),
    slug: z.string().meta({ description: "Part of the addresses of the tenant's public pages" }),
    createdAt: timestamp,
    coolingOffHours: count.meta({ description: "How long a shortening of retention waits before it takes effect" }),
    plainMqtt: z.boolean().meta({ description: "Whether devices without certificates may come in" }),
    eventQuotaPerDay: count,
    byteQuotaPerDay: count,
    exportQuotaPerDay: count,
    sessionIdleMinutes: count.meta({ description: "A session ends so long after its last request" }),
    sessionHours: count.meta({ description: "A session ends so long after it began, whatever happens" }),
    sessionRetentionDays: count.meta({ description: "Ended sessions are removed after so many days" }),
    mfaRequired: z.boolean().meta({ description: "Whether everybody needs a second factor" }),
    erasurePage: z.boolean().meta({ description: "Whether anybody can ask for an erasure at /erasure/<slug>" }),
    erasurePauses: z.boolean().meta({ description: "Whether its clock stands while an identity is asked for" }),
    erasureCaseDays: count.meta({ description: "How long after its end a request keeps what the person wrote" }),
    setupSkipped: z.array(z.enum(SETUP_STEPS)).meta({ description: "Steps of the setup that were left out" }),
    setupDismissed: z.boolean().meta({ description: "Whether the guide through the setup was put away" }),
  })
  .meta({ id: "Tenant" }) satisfies z.ZodType<Tenant>;

const usage = z
  .object({ day, events: count, bytes: count, exports: count, rejected: count })
  .meta({ id: "Usage" }) satisfies z.ZodType<Usage>;
export const usageAnswer = z.object({ days: z.array(usage) });

export const setupAnswer = z
  .object({
    steps: z.array(z.object({ step: z.enum(SETUP_STEPS), done: z.boolean(), skipped: z.boolean() })),
    open: z.boolean().meta({ description: "Whether a step is neither done nor skipped, and the guide not put away" }),
    siteId: uuid.nullable().meta({ description: "The tenant's first site" }),
  })
  .meta({ id: "Setup" }) satisfies z.ZodType<Setup>;
