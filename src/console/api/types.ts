import type { z } from "zod";
import type { codeAnswer, deviceAnswer, registeredAnswer } from "../../devices/schema.ts";
import type { eventAnswer, eventPageAnswer } from "../../events/schema.ts";
import type { accessAnswer, grantAnswer, roleAnswer, rolesAnswer } from "../../identity/access/schema.ts";
import type { apiKeyAnswer, createdKeyAnswer } from "../../identity/api-keys/answers.ts";
import type { approvalDetailAnswer, approvalsAnswer, rulesAnswer } from "../../identity/approvals/schema.ts";
import type {
  linkAnswer,
  mappingAnswer,
  previewAnswer as mappingPreviewAnswer,
} from "../../identity/directory/answers.ts";
import type { directoryAnswer, probeAnswer } from "../../identity/ldap/answers.ts";
import type { invitedAnswer, sessionAnswer, waysInAnswer } from "../../identity/local/schema.ts";
import type { factorsAnswer } from "../../identity/mfa/schema.ts";
import type { anomaliesAnswer, noticeSettingsAnswer, noticesAnswer } from "../../identity/notices/schema.ts";
import type { groupAnswer, userAnswer, usersAnswer } from "../../identity/people/schema.ts";
import type { metadataAnswer, openedTestAnswer, samlAnswer, testAnswer } from "../../identity/saml/answers.ts";
import type { provisioningAnswer } from "../../identity/scim/status-routes.ts";
import type { allSessionsAnswer, sessionsAnswer } from "../../identity/sessions/schema.ts";
import type { checkAnswer, checkpointsAnswer, rowAnswer, rowsAnswer } from "../../ledger/schema.ts";
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
export type LedgerRow = z.output<typeof rowsAnswer>["rows"][number];
export type LedgerRowDetail = z.output<typeof rowAnswer>;
export type Checkpoint = z.output<typeof checkpointsAnswer>["checkpoints"][number];
export type ChainCheck = z.output<typeof checkAnswer>;
export type Task = z.output<typeof taskAnswer>;
export type Roles = z.output<typeof rolesAnswer>;
export type Group = z.output<typeof groupAnswer>;
export type User = z.output<typeof userAnswer>;
export type ListedUser = z.output<typeof usersAnswer>["users"][number];
export type Role = z.output<typeof roleAnswer>;
export type Grant = z.output<typeof grantAnswer>;
export type EffectiveAccess = z.output<typeof accessAnswer>;
export type WaysIn = z.output<typeof waysInAnswer>;
export type Invited = z.output<typeof invitedAnswer>;
export type DirectoryLink = z.output<typeof linkAnswer>;
export type ListedSession = z.output<typeof sessionsAnswer>["sessions"][number];
export type PersonsSession = z.output<typeof allSessionsAnswer>["sessions"][number];
export type SeenApproval = z.output<typeof approvalsAnswer>["approvals"][number];
export type ApprovalDetail = z.output<typeof approvalDetailAnswer>;
export type ApprovalRules = z.output<typeof rulesAnswer>;
export type ApiKey = z.output<typeof apiKeyAnswer>;
export type CreatedApiKey = z.output<typeof createdKeyAnswer>;
export type Saml = z.output<typeof samlAnswer>;
export type SamlSettings = NonNullable<Saml["configuration"]>["settings"];
export type CertificateFacts = Saml["certificates"][number];
export type ProviderMetadata = z.output<typeof metadataAnswer>;
export type OpenedTest = z.output<typeof openedTestAnswer>;
export type SamlTest = z.output<typeof testAnswer>;
export type LdapDirectory = z.output<typeof directoryAnswer>;
export type LdapProbe = z.output<typeof probeAnswer>;
export type DirectoryMapping = z.output<typeof mappingAnswer>;
export type MappingRule = DirectoryMapping["rules"][number];
export type MappingPreview = z.output<typeof mappingPreviewAnswer>;
export type Provisioning = z.output<typeof provisioningAnswer>;
export type Notice = z.output<typeof noticesAnswer>["notices"][number];
export type NoticeSettings = z.output<typeof noticeSettingsAnswer>;
export type Anomaly = z.output<typeof anomaliesAnswer>["anomalies"][number];
/** What an act of high stakes is answered with when a second person must agree (202). */
export type Approval = { approval?: { approvalId: string } };
