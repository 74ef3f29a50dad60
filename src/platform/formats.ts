import { z } from "zod";

// What the answers of the API are made of. Descriptions go into the OpenAPI document.

export const uuid = z.uuid();
export const timestamp = z.iso
  .datetime()
  .meta({ description: "UTC, six decimals", examples: ["2026-11-21T20:50:00.000000Z"] });
export const day = z.iso.date().meta({ description: "A UTC day" });
export const count = z.int().min(0);
export const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .meta({ description: "SHA-256, lower-case hex" });
export const hex = z.string().regex(/^(?:[0-9a-f]{2})*$/);
export const actor = z
  .object({ type: z.string(), id: z.string() })
  .meta({ id: "Actor", description: "Who did it: a user, an API key, a device or the appliance" });
