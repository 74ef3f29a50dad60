import { z } from "zod";
import { isToken, isUuid } from "../record/text.ts";
import { isTimestamp, timestampFromRfc3339 } from "../record/time.ts";

const uuid = z.string().refine(isUuid, "expected a lower-case uuid");
const token = z.string().refine(isToken, "expected a token");
const timestamp = z
  .string()
  .transform((text) => timestampFromRfc3339(text) ?? text)
  .refine(isTimestamp, "expected a UTC time like 2026-11-21T20:50:00Z");

const range = z
  .strictObject({ kind: z.literal("range"), from: timestamp, to: timestamp })
  .refine(({ from, to }) => from < to, "expected from before to");
const incident = z.strictObject({ kind: z.literal("incident"), events: z.array(uuid).min(1).max(1000) });

/** What a person asks for. Times are of receipt, half-open. */
export const exportRequestSchema = z.strictObject({
  scope: z.union([range, incident]),
  /** Events of other sites, kinds and subjects are withheld, and listed as such. */
  sites: z.array(uuid).min(1).max(1000).optional(),
  kinds: z.array(token).min(1).max(100).optional(),
  subjects: z.array(z.string().min(1).max(128)).min(1).max(100).optional(),
  /** Erasable units of ledger rows to hold back: names, or all of them. */
  withholdUnits: z.union([z.literal("all"), z.array(token).max(50)]).default([]),
  /** Image files are held back; what they are stays shown. */
  withholdImages: z.boolean().default(false),
  /** Sizes of checkpoints that the auditor holds: each gets a consistency proof. */
  previous: z.array(z.int().min(1)).max(20).default([]),
  /** Several ZIPs, each shorter than this; together they hold the bag. */
  partBytes: z.int().min(1_048_576).max(4_294_967_295).optional(),
  encryption: z
    .union([
      z.strictObject({ kind: z.literal("passphrase"), passphrase: z.string().min(16).max(1024) }),
      z.strictObject({ kind: z.literal("recipient"), recipient: z.string().regex(/^age1[a-z0-9]{20,4000}$/) }),
    ])
    .optional(),
});

export type ExportRequestInput = z.input<typeof exportRequestSchema>;
export type ExportRequest = z.output<typeof exportRequestSchema>;

/** What the exporter works from: subjects as HMACs, no secret. Sites null: all of the tenant. */
export type BundleRequest = Pick<ExportRequest, "scope" | "withholdUnits" | "withholdImages" | "previous"> & {
  sites: string[] | null;
  kinds: string[] | null;
  subjects: Buffer[] | null;
};
