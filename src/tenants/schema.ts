import { z } from "zod";
import { count, day, timestamp, uuid } from "../platform/formats.ts";
import type { Tenant, Usage } from "./store.ts";

export const tenantChange = z
  .strictObject({
    name: z.string().trim().min(1).max(200).optional(),
    coolingOffHours: z.number().int().min(0).max(720).optional(),
    plainMqtt: z.boolean().optional(),
    eventQuotaPerDay: z.number().int().min(1).optional(),
    byteQuotaPerDay: z.number().int().min(1).optional(),
    exportQuotaPerDay: z.number().int().min(1).max(100_000).optional(),
  })
  .meta({ examples: [{ coolingOffHours: 72, eventQuotaPerDay: 2_000_000 }] });

export const tenantAnswer = z
  .object({
    tenantId: uuid,
    name: z.string(),
    createdAt: timestamp,
    coolingOffHours: count.meta({ description: "How long a shortening of retention waits before it takes effect" }),
    plainMqtt: z.boolean().meta({ description: "Whether devices without certificates may come in" }),
    eventQuotaPerDay: count,
    byteQuotaPerDay: count,
    exportQuotaPerDay: count,
  })
  .meta({ id: "Tenant" }) satisfies z.ZodType<Tenant>;

const usage = z
  .object({ day, events: count, bytes: count, exports: count, rejected: count })
  .meta({ id: "Usage" }) satisfies z.ZodType<Usage>;
export const usageAnswer = z.object({ days: z.array(usage) });
