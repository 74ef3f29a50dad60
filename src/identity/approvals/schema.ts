import { z } from "zod";
import { actor, count, timestamp, uuid } from "../../platform/formats.ts";
import { nextPage, sortedQuery } from "../../platform/sorted-list.ts";
import { BUILTIN_ROLE_NAMES } from "../access/roles.ts";
import { ACT_NAMES, SECOND_PERSON } from "./acts.ts";
import type { RulesView } from "./rules.ts";
import { STANDINGS } from "./standing.ts";
import { APPROVAL_ORDER } from "./store.ts";
import type { ApprovalDetail, ApprovalView, SeenApproval } from "./view.ts";

const STATES = ["pending", "executed", "refused", "withdrawn", "expired"] as const;

export const approvalQuery = z.strictObject({
  state: z.enum(STATES).optional(),
  ...sortedQuery(APPROVAL_ORDER),
});

const shape = {
  approvalId: uuid,
  act: z.string().meta({ description: "Which act of high stakes", examples: ["hold.release"] }),
  title: z.string().meta({ description: "What would happen, in words" }),
  method: z.string(),
  route: z.string().meta({ description: "The route that was asked for" }),
  permission: z.string(),
  requestedBy: actor,
  person: uuid.nullable().meta({ description: "The person behind it, who cannot approve; null: the appliance itself" }),
  siteIds: z.array(uuid).nullable().meta({ description: "Over which sites the act runs; null: all" }),
  requestedAt: timestamp,
  expiresAt: timestamp,
  aloneFrom: timestamp
    .nullable()
    .meta({ description: "From when on who asked may confirm it, being the only one who could decide; null: never" }),
  state: z.enum(STATES),
  decidedBy: uuid.nullable(),
  decidedAt: timestamp.nullable(),
};

export const approvalAnswer = z.object(shape).meta({ id: "Approval" }) satisfies z.ZodType<ApprovalView>;
const standing = z.enum(STANDINGS).meta({ description: "How whoever reads it stands to the decision" });
const seenAnswer = z.object({ ...shape, standing }).meta({ id: "SeenApproval" }) satisfies z.ZodType<SeenApproval>;
export const approvalsAnswer = z.object({
  approvals: z.array(seenAnswer),
  next: nextPage,
});

const given = z.object({ status: z.int(), body: z.unknown() });
export const approvalDetailAnswer = z
  .object({
    ...shape,
    standing,
    request: z
      .object({ params: z.record(z.string(), z.string()), query: z.unknown(), body: z.unknown() })
      .nullable()
      .meta({ description: "What was sent, without secrets; null 30 days after the end" }),
    answer: given.nullable().meta({ description: "What the act answered" }),
  })
  .meta({ id: "ApprovalDetail" }) satisfies z.ZodType<ApprovalDetail>;

/** What an act of high stakes answers that has to wait. */
export const askedAnswer = z.object({ approval: approvalAnswer }).meta({ id: "AskedApproval" });

export const approvedAnswer = z.object({ approval: approvalAnswer, answer: given });

export const refusal = z
  .strictObject({ reason: z.string().trim().min(1).max(2000) })
  .meta({ examples: [{ reason: "the case is still open" }] });

const role = z
  .union([z.strictObject({ builtin: z.enum(BUILTIN_ROLE_NAMES) }), z.strictObject({ roleId: uuid })])
  .nullable()
  .meta({ description: "Whoever does the act, and whoever approves it, holds this role; null: none is named" });
const secondPerson = z
  .enum(SECOND_PERSON)
  .meta({ description: "off; when-two: as soon as two people could decide; on: always" });
const act = z.enum(ACT_NAMES);

export const rulesChange = z
  .strictObject({
    approvalHours: z.int().min(1).max(720).optional(),
    soloCoolingOffHours: z.int().min(0).max(720).optional(),
    rules: z
      .array(z.strictObject({ act, secondPerson: secondPerson.optional(), role: role.optional() }))
      .max(ACT_NAMES.length)
      .optional(),
  })
  .meta({ examples: [{ approvalHours: 48, rules: [{ act: "evidence.export", secondPerson: "on" }] }] });

export const rulesAnswer = z
  .object({
    approvalHours: count.meta({ description: "How long a request waits for a decision" }),
    soloCoolingOffHours: count.meta({ description: "How long who is alone waits before confirming his own request" }),
    deciders: count.meta({ description: "How many people could decide now" }),
    rules: z.array(z.object({ act, title: z.string(), secondPerson, role })),
  })
  .meta({ id: "ApprovalRules" }) satisfies z.ZodType<RulesView>;
