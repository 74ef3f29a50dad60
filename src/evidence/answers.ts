import { z } from "zod";
import { nextPage } from "../platform/cursor.ts";
import { actor, count, sha256, timestamp, uuid } from "../platform/formats.ts";
import type { ExportView } from "./request.ts";

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
};

export const exportAnswer = z.object(fields).meta({ id: "Export" }) satisfies z.ZodType<ExportView>;
export const exportsAnswer = z.object({ exports: z.array(exportAnswer), next: nextPage });
export const requestedExportAnswer = z.object({ ...fields, taskId: uuid }).meta({ id: "RequestedExport" });
