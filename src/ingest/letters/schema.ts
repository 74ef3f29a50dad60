import { z } from "zod";
import { timestamp, uuid } from "../../platform/formats.ts";
import { nextPage, sortedQuery } from "../../platform/sorted-list.ts";
import { rejectReasons } from "../../record/wire.ts";
import type { OpenedLetter } from "./open.ts";
import type { Retried } from "./retry.ts";
import { LETTER_ORDER, type Letter } from "./store.ts";

export const letterQuery = z.strictObject({
  site: z.uuid().optional(),
  source: z.uuid().optional().meta({ description: "The device or API key that sent it" }),
  reason: z.enum(rejectReasons).optional(),
  ...sortedQuery(LETTER_ORDER),
});
export const discardSchema = z
  .strictObject({ reason: z.string().trim().min(1).max(2000) })
  .meta({ examples: [{ reason: "test messages of the installer" }] });

const fields = {
  letterId: uuid,
  siteId: uuid,
  received: timestamp,
  source: z.object({ type: z.enum(["device", "api-key"]), id: uuid }),
  reason: z.enum(rejectReasons),
  detail: z.string().meta({ description: "What was expected, without the sender's own words" }),
  heldBy: z.array(uuid).meta({ description: "Holds that keep it" }),
};
const letter = z.object(fields).meta({ id: "DeadLetter" }) satisfies z.ZodType<Letter>;
export const lettersAnswer = z.object({ letters: z.array(letter), next: nextPage });
export const letterAnswer = z
  .object({
    ...fields,
    content: z.string().meta({ description: "As it came; base64 when it is no text" }),
    encoding: z.enum(["text", "base64"]),
  })
  .meta({ id: "OpenedDeadLetter" }) satisfies z.ZodType<OpenedLetter>;
export const retriedAnswer = z
  .object({
    results: z.array(
      z.object({
        status: z.enum(["stored", "duplicate", "rejected"]),
        id: z.string().nullable(),
        reason: z.enum(rejectReasons).optional(),
        detail: z.string().optional(),
      }),
    ),
    removed: z.boolean().meta({ description: "False: it is refused as before, and stays" }),
  })
  .meta({ id: "RetriedDeadLetter" }) satisfies z.ZodType<Retried>;
