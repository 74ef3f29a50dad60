import type { z } from "zod";
import type { codeAnswer, deviceAnswer, registeredAnswer } from "../../devices/schema.ts";
import type { eventAnswer, eventPageAnswer } from "../../events/schema.ts";
import type { apiKeyAnswer, createdKeyAnswer } from "../../identity/api-keys/answers.ts";
import type { sessionAnswer } from "../../identity/local/schema.ts";
import type { factorsAnswer } from "../../identity/mfa/schema.ts";
import type { userAnswer } from "../../identity/people/schema.ts";
import type { holdAnswer, keptDaysAnswer, previewAnswer, retentionAnswer } from "../../retention/answers.ts";
import type { siteAnswer } from "../../sites/schema.ts";
import type { taskAnswer } from "../../tasks/schema.ts";

// What the API answers with, from the very schemas that it checks with. Types alone: none of the server comes into the browser.

export type OwnSession = z.output<typeof sessionAnswer>;
export type OwnFactors = z.output<typeof factorsAnswer>;
export type Site = z.output<typeof siteAnswer>;
export type SiteRetention = z.output<typeof retentionAnswer>;
export type PolicyPreview = z.output<typeof previewAnswer>;
export type KeptDays = z.output<typeof keptDaysAnswer>;
export type Device = z.output<typeof deviceAnswer>;
export type RegisteredDevice = z.output<typeof registeredAnswer>;
export type EnrolmentCode = z.output<typeof codeAnswer>;
export type EventSummary = z.output<typeof eventPageAnswer>["events"][number];
export type EventDetail = z.output<typeof eventAnswer>;
export type Hold = z.output<typeof holdAnswer>;
export type Task = z.output<typeof taskAnswer>;
export type User = z.output<typeof userAnswer>;
export type ApiKey = z.output<typeof apiKeyAnswer>;
export type CreatedApiKey = z.output<typeof createdKeyAnswer>;
/** What an act of high stakes is answered with when a second person must agree (202). */
export type Approval = { approval?: { approvalId: string } };
