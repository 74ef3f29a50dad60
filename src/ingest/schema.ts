import { z } from "zod";
import { count, sha256, uuid } from "../platform/formats.ts";
import type { EventResult } from "./http-events.ts";
import type { MultipartResult } from "./multipart.ts";

const token = z.string().regex(/^[A-Za-z0-9._:@/+-]{1,128}$/);
const example = {
  id: "019a2c5e-7d10-7c3a-9f00-5a2b3c4d5e6f",
  kind: "gate.opened",
  occurred: "2026-11-21T20:50:00Z",
  body: { lane: 2 },
  subjects: ["plate:AB12CDE"],
};

/** How an event comes over HTTPS, for the OpenAPI document; record/wire.ts reads it, since the body's very bytes are kept. */
export const sentEvent = z
  .strictObject({
    id: uuid.optional().meta({ description: "UUIDv7 of the sender's; sent again, it is stored once" }),
    kind: token,
    occurred: z.iso.datetime({ precision: undefined }).meta({ description: "UTC, up to six decimals" }),
    outbox: uuid.optional(),
    seq: z.int().min(1).optional().meta({ description: "Only together with outbox" }),
    body: z.unknown().meta({ description: "Any JSON; its very bytes are kept and hashed" }),
    subjects: z.array(z.string().min(1).max(128)).max(16).optional(),
    images: z
      .array(
        z.strictObject({
          sha256,
          bytes: z.int().min(1),
          type: z.enum(["image/jpeg", "image/png", "image/webp"]),
        }),
      )
      .max(16)
      .optional(),
  })
  .meta({ id: "SentEvent" });

export const sentEvents = z.array(sentEvent).meta({ examples: [[example]] });
export const sentLines = z
  .string()
  .meta({ description: "One event a line", examples: [`${JSON.stringify(example)}\n`] });
export const sentForm = z
  .object({ event: z.union([sentEvent, z.array(sentEvent).max(200)]) })
  .catchall(z.string())
  .meta({
    description: "First the part `event`; then each image as a part named by its SHA-256",
    examples: [{ event: example }],
  });

const result = z
  .object({
    item: z.int().min(1).meta({ description: "The line, or the place in the array" }),
    status: z.enum(["stored", "duplicate", "rejected"]),
    id: z.string().nullable(),
    reason: z.string().optional(),
    detail: z.string().optional(),
    images: z.array(z.object({ n: count, sha256, status: z.enum(["pending", "stored", "mismatch"]) })).optional(),
  })
  .meta({
    id: "EventResult",
    description: "What became of one event, told after the commit",
  }) satisfies z.ZodType<EventResult>;

export const resultsAnswer = z.object({
  results: z.array(result),
  ignored: z
    .array(z.string())
    .optional()
    .meta({ description: "Of a form: parts that no event of the request waits for" }),
}) satisfies z.ZodType<Omit<MultipartResult, "ignored"> & Partial<Pick<MultipartResult, "ignored">>>;
