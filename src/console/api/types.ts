import type { z } from "zod";
import type { codeAnswer, deviceAnswer, registeredAnswer } from "../../devices/schema.ts";
import type { eventAnswer, eventPageAnswer } from "../../events/schema.ts";
import type { rolesAnswer } from "../../identity/access/schema.ts";
import type { apiKeyAnswer, createdKeyAnswer } from "../../identity/api-keys/answers.ts";
import type { mappingAnswer, previewAnswer as mappingPreviewAnswer } from "../../identity/directory/answers.ts";
import type { directoryAnswer, probeAnswer } from "../../identity/ldap/answers.ts";
import type { sessionAnswer } from "../../identity/local/schema.ts";
import type { factorsAnswer } from "../../identity/mfa/schema.ts";
import type { groupAnswer, userAnswer } from "../../identity/people/schema.ts";
import type { metadataAnswer, openedTestAnswer, samlAnswer, testAnswer } from "../../identity/saml/answers.ts";
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
export type Roles = z.output<typeof rolesAnswer>;
export type Group = z.output<typeof groupAnswer>;
export type User = z.output<typeof userAnswer>;
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
/** What an act of high stakes is answered with when a second person must agree (202). */
export type Approval = { approval?: { approvalId: string } };
