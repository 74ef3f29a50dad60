export { type Access, accessOf, lacking } from "./access/access.ts";
export { recordExpiries } from "./access/expiry.ts";
export { grantRole, keepingAnOwner, type NewGrant, revokeGrant } from "./access/grants.ts";
export { BUILTIN_ROLE_NAMES, BUILTIN_ROLES, type BuiltinRole, OPERATOR_ROLE } from "./access/roles.ts";
export { countOwners } from "./access/store.ts";
export { isUnusuallyLarge, wideRights } from "./anomalies/limits.ts";
export { deviceCookie, deviceName, deviceToken } from "./anomalies/places.ts";
export { type AnomalyKind, type NewAnomaly, reportAnomaly } from "./anomalies/report.ts";
export { watchSignIns } from "./anomalies/sign-ins.ts";
export * from "./api-keys/index.ts";
export * from "./approvals/index.ts";
export { type IdentityDeps, personUnit, type SignInWatch, userSubject } from "./deps.ts";
export { type LdapSignInDeps, signInByLdap, signInDirectories } from "./ldap/index.ts";
export * from "./local/index.ts";
export { signInSubjects } from "./local/tries.ts";
export { type FactorList, listFactors } from "./mfa/factors.ts";
export { type Entered, type FactorMethod, factorMethods } from "./mfa/pending.ts";
export { type Proof, proofSchema } from "./mfa/schema.ts";
export { tellAccount } from "./notices/account.ts";
export type { MailDeps, NoticeDeps } from "./notices/deps.ts";
export type { NoticeKind } from "./notices/kinds.ts";
export { type Audience, type Notice, notify } from "./notices/notify.ts";
export { mailKind, type NewMail, queueMail } from "./notices/queue-mail.ts";
export { type SendDeps, sendQueuedMail } from "./notices/send-mail.ts";
export {
  changeGroup,
  changeMembers,
  createGroup,
  deleteGroup,
  requireGroup,
  setMembers,
} from "./people/groups.ts";
export type { Group } from "./people/store-groups.ts";
export type { NewUser, User, UserSource } from "./people/store-users.ts";
export {
  createUser,
  deactivateUser,
  findUser,
  findUserByName,
  reactivateUser,
  requireUser,
  type UserChange,
  updateUser,
} from "./people/users.ts";
export { APPLIANCE_PERMISSIONS, OWN_ACCOUNT, PERMISSIONS, type Permission } from "./permissions.ts";
export { hasSaml, isSamlOn, isSsoEnforced } from "./saml/configure.ts";
export { createValidator, type Validator } from "./saml/validator.ts";
export { scimErrorBody } from "./scim/errors.ts";
export { csrfToken, endedCookie, isCsrfToken, readCookies, SESSION_COOKIE, sessionCookie } from "./sessions/cookie.ts";
export { freshUntil } from "./sessions/fresh.ts";
export { type ListedSession, listSessions } from "./sessions/list.ts";
export {
  endSession,
  endSessionsOf,
  type NewSession,
  type StartedSession,
  startSession,
  stepUpSession,
} from "./sessions/sessions.ts";
export { type Session, type SignInVia, selectTenantBySlug } from "./sessions/store.ts";
export { createSessionVerifier, type SessionVerifier, type VerifiedSession } from "./sessions/verify.ts";
export { recordEnds, tidyIdentity, tidyTenant, type UpkeepDeps } from "./upkeep.ts";
