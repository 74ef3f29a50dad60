import { z } from "zod";
import { type CertificateDates, certificateDatesAnswer } from "../devices/index.ts";
import { count, timestamp } from "../platform/formats.ts";
import type { ServerCertificate } from "./broker.ts";
import { PARTS, type QueueState, type SystemState } from "./source.ts";

const certificate = z
  .object({ subject: z.string(), issuer: z.string(), notBefore: timestamp, notAfter: timestamp })
  .meta({ id: "ServerCertificate" }) satisfies z.ZodType<ServerCertificate>;

const states = z.array(
  z.object({
    state: z.string(),
    tasks: count,
    overdue: count.meta({ description: "Due for more than ten minutes, and not begun" }),
  }),
);

export const ROOM = ["enough", "short", "none"] as const;

export const healthAnswer = z
  .object({
    version: z.string().meta({ description: "Of the appliance" }),
    parts: z.array(z.object({ part: z.enum(PARTS), up: z.boolean() })),
    brokerCertificate: certificate.nullable().meta({ description: "As devices see it; null while it does not answer" }),
    room: z.enum(ROOM).meta({ description: "none: nothing more is acknowledged, and edges keep what they have" }),
    work: z.object({
      states,
      lastFinishedAt: timestamp.nullable(),
    }),
  })
  .meta({ id: "Health", description: "Of your own work alone, and whether the appliance's parts answer" });

const queue = z.object({
  queue: z.string(),
  waiting: count,
  active: count,
  delayed: count,
  workers: count,
}) satisfies z.ZodType<QueueState>;

export const applianceHealthAnswer = z
  .object({
    version: z.string(),
    tenants: count,
    tasks: states,
    parts: z.array(z.object({ part: z.enum(PARTS), up: z.boolean(), version: z.string().nullable() })),
    queues: z.array(queue).nullable().meta({ description: "Null while Redis is away: tasks wait in the database" }),
    certificates: z.array(certificateDatesAnswer),
    brokerCertificate: certificate.nullable(),
    freeBytes: count.meta({ description: "For images" }),
    minFreeBytes: count.meta({ description: "Below it nothing more is acknowledged" }),
    databaseBytes: count,
    witnesses: z.object({ directories: count, writable: count }),
    keys: z
      .object({ master: z.string(), signing: z.string(), nextSigning: z.string().nullable() })
      .meta({ description: "Fingerprints, never keys" }),
  })
  .meta({ id: "ApplianceHealth", description: "No tenant's content, no secret, no path" }) satisfies z.ZodType<
  SystemState & {
    tenants: number;
    tasks: z.output<typeof states>;
    minFreeBytes: number;
    certificates: CertificateDates[];
  }
>;
