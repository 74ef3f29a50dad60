import { z } from "zod";
import { actor, count, day, timestamp, uuid } from "../../platform/formats.ts";
import { nextPage } from "../../platform/sorted-list.ts";
import { LAWS } from "./clock.ts";
import { contentSchema } from "./content.ts";
import type { CaseSummary, CaseView, UrgentCases } from "./view.ts";

const summaryFields = {
  caseId: uuid,
  channel: z.enum(["page", "staff"]),
  law: z.enum(LAWS),
  state: z.enum(["unconfirmed", "received", "identifying", "identified", "accepted", "refused", "executed"]),
  receivedAt: timestamp,
  dueOn: day.meta({ description: "The last UTC day on which an answer is in time" }),
  daysLeft: z.int().nullable().meta({ description: "0 on the last day; below: overdue. Null once it is closed" }),
  overdue: z.boolean(),
  extended: z.boolean(),
  paused: z.boolean().meta({ description: "The clock stands while an identity is asked for" }),
  confirmedAt: timestamp.nullable().meta({ description: "When the sender followed the link in the mail" }),
  identity: z.object({ method: z.string(), by: actor, at: timestamp }).nullable(),
  decision: z.object({ by: actor, at: timestamp }).nullable(),
  closedAt: timestamp.nullable(),
  requests: z.array(z.object({ requestId: uuid, state: z.enum(["open", "held", "done", "cancelled"]) })),
};
const summary = z.object(summaryFields).meta({ id: "ErasureCaseSummary" }) satisfies z.ZodType<CaseSummary>;

export const caseAnswer = z
  .object({
    ...summaryFields,
    content: contentSchema.nullable().meta({ description: "Null once it is kept no longer" }),
  })
  .meta({ id: "ErasureCase" }) satisfies z.ZodType<CaseView>;
export const urgentCasesAnswer = z
  .object({ open: count, cases: z.array(summary).meta({ description: "At most five" }) })
  .meta({ id: "UrgentErasureCases" }) satisfies z.ZodType<UrgentCases>;
export const casesAnswer = z.object({ cases: z.array(summary), next: nextPage });
export const receivedAnswer = z.object({
  confirmBy: z.enum(["mail", "nothing"]).meta({ description: "mail: it counts once the link in the mail is followed" }),
});
