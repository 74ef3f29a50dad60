import { z } from "zod";
import { actor, count, sha256, timestamp, uuid } from "../platform/formats.ts";
import { nextPage } from "../platform/sorted-list.ts";
import type { Estimate } from "./estimate.ts";
import type { ExportView } from "./request.ts";
import type { TrustView } from "./trust.ts";

const scope = z
  .object({
    scope: z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("range"), from: timestamp, to: timestamp }),
      z.object({ kind: z.literal("incident"), events: z.array(uuid) }),
    ]),
    sites: z.array(uuid).nullable().meta({ description: "Null: all of the tenant" }),
    kinds: z.array(z.string()).nullable(),
    subjects: z.array(z.string()).nullable().meta({ description: "HMACs, hex: never the subjects" }),
    withholdUnits: z.union([z.literal("all"), z.array(z.string())]),
    withholdImages: z.boolean(),
    previous: z.array(count),
    partBytes: count.optional(),
    recipient: z.string().optional(),
  })
  .meta({ id: "ExportScope" });

const fields = {
  exportId: uuid,
  state: z.enum(["ready", "running", "done", "failed", "expired"]),
  scope,
  bytes: count.nullable(),
  events: count.nullable(),
  images: count.nullable(),
  parts: z.array(z.object({ bytes: count, sha256 })).nullable(),
  encrypted: z.boolean(),
  checkpointSize: count.nullable(),
  madeBy: actor,
  createdAt: timestamp,
  finishedAt: timestamp.nullable(),
  expiresAt: timestamp.nullable(),
  error: z.string().nullable(),
  done: count,
  total: count.nullable().meta({ description: "Null until it is known" }),
  taskId: uuid.nullable().meta({ description: "The work on it; null when that was forgotten" }),
};

export const exportAnswer = z.object(fields).meta({ id: "Export" }) satisfies z.ZodType<ExportView>;
export const exportsAnswer = z.object({ exports: z.array(exportAnswer), next: nextPage });

export const estimateAnswer = z
  .object({
    rows: count.meta({ description: "Rows of the ledger in the range, or of the batches of the events" }),
    events: count,
    images: count,
    bytes: count.meta({ description: "About, unencrypted: images that are withheld are not taken off" }),
    imageBytes: count.meta({ description: "How much of it are images" }),
    isUpperBound: z.boolean().meta({ description: "A filter by kind will take some of them out" }),
    missing: z.array(uuid).meta({ description: "Events that are not here: the export would be refused" }),
  })
  .meta({ id: "ExportEstimate" }) satisfies z.ZodType<Estimate>;

export const trustAnswer = z
  .object({
    trust: z.string().meta({ description: "trust.json: the keys that auditors check against" }),
    sha256: sha256.meta({ description: "Of trust.json" }),
    certificate: z.object({
      subject: z.string(),
      sha256,
      validFrom: timestamp,
      validTo: timestamp,
    }),
    verifiers: z.array(z.object({ name: z.string(), bytes: count, sha256 })),
  })
  .meta({ id: "EvidenceTrust" }) satisfies z.ZodType<TrustView>;
