import type { z } from "zod";
import type { chainAnswer } from "../../audit/schema.ts";
import type { certificatesAnswer, devicesOverviewAnswer } from "../../devices/overview-routes.ts";
import type {
  codeAnswer,
  deviceAnswer,
  deviceDetailAnswer,
  passwordAnswer,
  registeredAnswer,
} from "../../devices/schema.ts";
import type { eventAnswer, eventPageAnswer, receivedAnswer } from "../../events/schema.ts";
import type { estimateAnswer, exportAnswer, trustAnswer } from "../../evidence/answers.ts";
import type { applianceHealthAnswer, healthAnswer } from "../../health/schema.ts";
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
import type { letterAnswer, lettersAnswer, retriedAnswer } from "../../ingest/letters/schema.ts";
import type { keysAnswer } from "../../keys/schema.ts";
import type { checkAnswer, checkpointsAnswer, rowAnswer, rowsAnswer } from "../../ledger/schema.ts";
import type {
  certificateAnswer,
  holdAnswer,
  keptDaysAnswer,
  previewAnswer,
  requestsAnswer,
  retentionAnswer,
  tombstonesAnswer,
} from "../../retention/answers.ts";
import type { caseAnswer, casesAnswer, urgentCasesAnswer } from "../../retention/cases/answers.ts";
import type { holdsOverviewAnswer, retentionOverviewAnswer } from "../../retention/overview-routes.ts";
import type {
  policiesAnswer,
  stateAnswer,
  upcomingAnswer,
  upcomingSitesAnswer,
} from "../../retention/upcoming-answers.ts";
import type { siteAnswer, sitesAnswer } from "../../sites/schema.ts";
import type { taskAnswer } from "../../tasks/schema.ts";
import type { tenantOverviewAnswer } from "../../tenants/appliance-routes.ts";
import type { setupAnswer, tenantAnswer, usageAnswer } from "../../tenants/schema.ts";

// What the API answers with, from the very schemas that it checks with. Types alone: none of the server comes into the browser.

export type OwnSession = z.output<typeof sessionAnswer>;
export type Setup = z.output<typeof setupAnswer>;
export type Received = z.output<typeof receivedAnswer>;
export type DevicesOverview = z.output<typeof devicesOverviewAnswer>;
export type HoldsOverview = z.output<typeof holdsOverviewAnswer>;
export type UrgentCases = z.output<typeof urgentCasesAnswer>;
export type Approvals = z.output<typeof approvalsAnswer>;
export type OwnFactors = z.output<typeof factorsAnswer>;
export type Tenant = z.output<typeof tenantAnswer>;
export type Site = z.output<typeof siteAnswer>;
export type SiteSummary = z.output<typeof sitesAnswer>["sites"][number];
export type SiteRetention = z.output<typeof retentionAnswer>;
export type PolicyPreview = z.output<typeof previewAnswer>;
export type KeptDays = z.output<typeof keptDaysAnswer>;
export type Device = z.output<typeof deviceAnswer>;
export type DeviceDetail = z.output<typeof deviceDetailAnswer>;
export type DevicePassword = z.output<typeof passwordAnswer>;
export type RegisteredDevice = z.output<typeof registeredAnswer>;
export type EnrolmentCode = z.output<typeof codeAnswer>;
export type EventSummary = z.output<typeof eventPageAnswer>["events"][number];
export type EventDetail = z.output<typeof eventAnswer>;
export type SitePolicy = z.output<typeof policiesAnswer>["policies"][number];
export type UpcomingDay = z.output<typeof upcomingAnswer>["upcoming"][number];
export type UpcomingSite = z.output<typeof upcomingSitesAnswer>["upcoming"][number];
export type RetentionState = z.output<typeof stateAnswer>;
export type Tombstone = z.output<typeof tombstonesAnswer>["erasures"][number];
export type DeadLetter = z.output<typeof lettersAnswer>["letters"][number];
export type OpenedDeadLetter = z.output<typeof letterAnswer>;
export type RetriedDeadLetter = z.output<typeof retriedAnswer>;
export type ErasureCaseSummary = z.output<typeof casesAnswer>["cases"][number];
export type ErasureCase = z.output<typeof caseAnswer>;
export type ErasureRequest = z.output<typeof requestsAnswer>["requests"][number];
export type ErasureCertificate = z.output<typeof certificateAnswer>;
export type Hold = z.output<typeof holdAnswer>;
export type LedgerRow = z.output<typeof rowsAnswer>["rows"][number];
export type LedgerRowDetail = z.output<typeof rowAnswer>;
export type Checkpoint = z.output<typeof checkpointsAnswer>["checkpoints"][number];
export type ChainCheck = z.output<typeof checkAnswer>;
export type EvidenceExport = z.output<typeof exportAnswer>;
export type ExportEstimate = z.output<typeof estimateAnswer>;
export type EvidenceTrust = z.output<typeof trustAnswer>;
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
export type Health = z.output<typeof healthAnswer>;
export type ApplianceHealth = z.output<typeof applianceHealthAnswer>;
export type TenantKey = z.output<typeof keysAnswer>["keys"][number];
export type TenantOverview = z.output<typeof tenantOverviewAnswer>;
export type Usage = z.output<typeof usageAnswer>;
export type CertificateDates = z.output<typeof certificatesAnswer>["certificates"][number];
export type ChainState = z.output<typeof chainAnswer>;
export type RetentionOverview = z.output<typeof retentionOverviewAnswer>;
/** What an act of high stakes is answered with when a second person must agree (202). */
export type Approval = { approval?: { approvalId: string } };
