import { z } from "zod";
import { count, timestamp, uuid } from "../../platform/formats.ts";
import type { Probe } from "./probe.ts";
import { settingsSchema } from "./schema.ts";
import type { LdapDirectory } from "./store.ts";

export const directoryAnswer = z
  .object({
    directoryId: uuid,
    version: count,
    name: z.string(),
    enabled: z.boolean(),
    settings: settingsSchema,
    createdAt: timestamp,
    changedAt: timestamp,
  })
  .meta({
    id: "LdapDirectory",
    description: "Without the service account's password, which is never shown",
  }) satisfies z.ZodType<LdapDirectory>;

export const directoriesAnswer = z.object({ directories: z.array(directoryAnswer) });

export const probeAnswer = z
  .object({
    steps: z.array(
      z.object({
        step: z.enum(["address", "connect", "tls", "bind", "search", "groups"]),
        ok: z.boolean(),
        message: z.string(),
        remedy: z.string().nullable(),
      }),
    ),
    person: z
      .object({
        dn: z.string(),
        subject: z.string(),
        userName: z.string(),
        disabled: z.boolean(),
        groups: z.array(z.string()),
      })
      .nullable(),
  })
  .meta({ id: "LdapProbe" }) satisfies z.ZodType<Probe>;
