import { z } from "zod";
import { actor, count, sha256, timestamp, uuid } from "../platform/formats.ts";
import { nextPage, pageLimit } from "../platform/sorted-list.ts";
import { actorTypes, channels } from "../record/row.ts";
import { isToken } from "../record/text.ts";
import type { Check } from "./store-checks.ts";

const token = z.string().refine(isToken, "expected a token");
const number = z.coerce.number().int().min(1);
const instant = z.iso.datetime({ offset: true });

export const rowQuery = z.strictObject({
  actorType: z.enum(actorTypes).optional(),
  actorId: token.optional(),
  person: z
    .string()
    .trim()
    .min(2)
    .max(200)
    .optional()
    .meta({ description: "Part of a name or address of an account; asks for access:read" }),
  action: z
    .string()
    .regex(/^[A-Za-z0-9._:@/+-]{1,128}\*?$/)
    .optional()
    .meta({ description: "An action, or with a star at its end all that begin so: `session.*`" }),
  via: z.enum(channels).optional(),
  entityType: token.optional(),
  entityId: token.optional(),
  from: instant.optional(),
  to: instant.optional(),
  fromSeq: number.optional(),
  toSeq: number.optional(),
  after: number.optional().meta({ description: "`next` of the page before" }),
  limit: pageLimit,
});
export type RowQuery = z.output<typeof rowQuery>;

const named = z.object({
  type: z.string(),
  id: z.string(),
  name: z.string().nullable().meta({
    description: "What it is called now; null: unknown, erased, or not shown to the reader",
  }),
});
const shown = {
  seq: count,
  epoch: count,
  at: timestamp,
  actor: named,
  via: z.enum(channels),
  action: z.string(),
  entity: named,
  correlation: uuid,
  hash: sha256,
};

export const rowsAnswer = z.object({
  rows: z.array(z.object(shown).meta({ id: "LedgerRow" })),
  next: count.nullable().meta({ description: "`after` of the next page; null: there is no more" }),
});
export type LedgerRow = z.output<typeof rowsAnswer>["rows"][number];

const tombstone = z.object({ seq: count, erasureId: uuid, basis: z.string(), at: timestamp });
const unit = z.discriminatedUnion("state", [
  z.object({
    state: z.literal("open"),
    name: z.string(),
    hash: sha256,
    salt: z.string().meta({ description: "Hex: the key of the HMAC that gives the hash" }),
    content: z.string(),
  }),
  z.object({
    state: z.literal("erased"),
    name: z.string(),
    hash: sha256,
    tombstones: z.array(tombstone).meta({ description: "The rows that erased it, or can have" }),
  }),
]);
const base64 = z.string();
const proof = z
  .object({
    size: count.meta({ description: "Of the checkpoint's tree" }),
    root: base64,
    path: z.array(base64).meta({ description: "Audit path from the row's leaf to the root (RFC 6962, 2.1.1)" }),
    checkpoint: z.string().meta({ description: "The signed note" }),
  })
  .meta({ id: "LedgerRowProof" });

export const rowAnswer = z
  .object({
    ...shown,
    prev: sha256,
    control: count.meta({ description: "The latest earlier row whose action begins `ledger.`; 0: none" }),
    lines: z.string().meta({ description: "What is hashed, to the byte" }),
    commits: z.array(z.object({ name: z.string(), hash: sha256 })),
    units: z.array(unit),
    last: count.meta({ description: "The chain's last row" }),
    proof: proof.nullable().meta({ description: "Null until the next checkpoint covers the row" }),
  })
  .meta({ id: "LedgerRowDetail" });
export type RowDetail = z.output<typeof rowAnswer>;

export const actionsAnswer = z.object({
  actions: z.array(z.string()).meta({ description: "Every action that the chain has, by name" }),
});

export const checkpointsAnswer = z.object({
  checkpoints: z.array(
    z
      .object({
        epoch: count,
        size: count,
        root: sha256,
        sealedAt: timestamp,
        note: z.string().meta({ description: "The signed note, to keep as it is" }),
      })
      .meta({ id: "Checkpoint" }),
  ),
  next: z.string().nullable().meta({ description: "`after` of the next page; null: there is no more" }),
});
export const checkpointQuery = z.strictObject({
  after: z
    .string()
    .regex(/^\d{1,9}-\d{1,16}-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
    .optional()
    .meta({ description: "`next` of the page before" }),
  limit: pageLimit,
});

const fault = z.object({
  seq: count.meta({ description: "The first row that shows it; 0: none can be named" }),
  check: z.string(),
  found: z.string(),
  expected: z.string(),
});
const report = z
  .object({
    ok: z.boolean(),
    rows: count,
    root: z.string().meta({ description: "Of the tree over all rows, hex; empty when it could not be read" }),
    checkpoints: count,
    openings: z.object({ checked: count, erased: count }),
    events: z.object({ events: count, images: count }),
    firstBad: count.nullable(),
    faultCount: count,
    faults: z.array(fault).meta({ description: "The first twenty, by row" }),
    elapsedMs: count,
  })
  .meta({ id: "ChainReport" });
export type ChainReport = z.output<typeof report>;

export const checkAnswer = z
  .object({
    checkId: uuid,
    taskId: uuid,
    state: z.enum(["waiting", "running", "done", "failed"]),
    askedBy: actor,
    askedAt: timestamp,
    finishedAt: timestamp.nullable(),
    report: report.nullable().meta({ description: "Null until it is done" }),
    note: z.string().nullable().meta({ description: "Why it could not be done" }),
  })
  .meta({ id: "ChainCheck" }) satisfies z.ZodType<Check>;
export const checksAnswer = z.object({ checks: z.array(checkAnswer), next: nextPage });
