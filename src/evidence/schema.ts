import { z } from "zod";
import { isToken, isUuid } from "../record/text.ts";
import { isTimestamp, timestampFromRfc3339 } from "../record/time.ts";

const uuid = z.string().refine(isUuid, "expected a lower-case uuid").meta({ format: "uuid" });
const token = z.string().refine(isToken, "expected a token");
const timestamp = z
  .string()
  .transform((text) => timestampFromRfc3339(text) ?? text)
  .refine(isTimestamp, "expected a UTC time like 2026-11-21T20:50:00Z")
  .meta({ format: "date-time" });

const scope = {
  from: timestamp.optional(),
  to: timestamp.optional(),
  events: z.array(uuid).min(1).max(1000).optional(),
  /** Events of other sites, kinds and subjects are withheld, and listed as such. */
  sites: z.array(uuid).min(1).max(1000).optional(),
  kinds: z.array(token).min(1).max(100).optional(),
};
type WantedScope = { from?: string | undefined; to?: string | undefined; events?: string[] | undefined };
const isOneScope = ({ from, to, events }: WantedScope): boolean =>
  events ? !from && !to : Boolean(from && to && from < to);
const oneScope = { error: "expected from and to, from before to, or else events" };

/** What a person asks for: a time range (of receipt, half-open), or the events of one incident. */
export const exportSchema = z
  .strictObject({
    ...scope,
    subjects: z.array(z.string().min(1).max(128)).min(1).max(100).optional(),
    /** Erasable units of ledger rows to hold back: names, or all of them. */
    withholdUnits: z.union([z.literal("all"), z.array(token).max(50)]).default([]),
    /** Image files are held back; what they are stays shown. */
    withholdImages: z.boolean().default(false),
    /** Sizes of checkpoints that the auditor holds: each gets a consistency proof. */
    previous: z.array(z.int().min(1)).max(20).default([]),
    /** Several ZIPs, each shorter than this; together they hold the bag. */
    partBytes: z.int().min(1_048_576).max(4_294_967_295).optional(),
    /** Encrypts the ZIP with age. Kept sealed until the export is made, then forgotten. */
    passphrase: z.string().min(16).max(1024).optional(),
    recipient: z
      .string()
      .regex(/^age1[a-z0-9]{20,4000}$/)
      .optional(),
  })
  .refine(isOneScope, oneScope)
  .refine(({ passphrase, recipient }) => !(passphrase && recipient), "expected a passphrase or a recipient, not both")
  .meta({ examples: [{ from: "2026-11-01T00:00:00Z", to: "2026-11-08T00:00:00Z", kinds: ["gate.opened"] }] });

/** How large an export would be. Nothing personal and no secret is asked for it. */
export const estimateSchema = z
  .strictObject(scope)
  .refine(isOneScope, oneScope)
  .meta({ examples: [{ from: "2026-11-01T00:00:00Z", to: "2026-11-08T00:00:00Z" }] });
export type EstimateInput = z.output<typeof estimateSchema>;

export type ExportInput = z.input<typeof exportSchema>;
export type ExportRequest = z.output<typeof exportSchema>;

export type BundleScope = { kind: "range"; from: string; to: string } | { kind: "incident"; events: string[] };

/** What the exporter works from: subjects as HMACs, no secret. Sites null: all of the tenant. */
export type BundleRequest = {
  scope: BundleScope;
  sites: string[] | null;
  kinds: string[] | null;
  subjects: Buffer[] | null;
  withholdUnits: "all" | string[];
  withholdImages: boolean;
  previous: number[];
};

/** How a request is kept in exports.scope: nothing personal in clear, no secret that the tenant's key does not seal. */
export type StoredRequest = Omit<BundleRequest, "subjects"> & {
  /** HMACs, hex. */
  subjects: string[] | null;
  partBytes?: number;
  recipient?: string;
  /** Under the tenant's data key, base64; removed when the export has ended. */
  sealedPassphrase?: string;
};
