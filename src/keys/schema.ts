import { z } from "zod";
import { count, timestamp } from "../platform/formats.ts";
import type { TenantKeyInfo } from "./store.ts";

export const keysAnswer = z.object({
  keys: z.array(
    z
      .object({
        purpose: z.enum(["data", "index"]),
        version: count,
        masterFingerprint: z.string().meta({ description: "Of the master key that wraps it" }),
        createdAt: timestamp,
      })
      .meta({ id: "TenantKey" }) satisfies z.ZodType<TenantKeyInfo>,
  ),
});
export const rotated = z.object({
  version: count.meta({ description: "What is sealed from now on is sealed by this one" }),
});
export const signed = z.object({ seq: count.meta({ description: "The row ledger.key.rotated" }) });
