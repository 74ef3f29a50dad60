import type { SeenApproval } from "../../api/types.ts";

/** What each act of high stakes is, in few words, by its route. */
export const asks: Readonly<Record<string, string>> = {
  "post /api/v1/holds/:holdId/release": "Release a legal hold",
  "put /api/v1/sites/:siteId/retention": "Shorten a site's retention",
  "post /api/v1/erasure-requests": "Erase by a request",
  "post /api/v1/erasure-cases/:caseId/acceptance": "Accept an erasure request",
  "post /api/v1/exports": "Export evidence",
  "post /api/v1/invitations": "Invite somebody",
  "post /api/v1/grants": "Give a role",
  "patch /api/v1/roles/:roleId": "Change a role",
  "post /api/v1/groups/:groupId/members": "Change who is in a group",
  "delete /api/v1/groups/:groupId": "Delete a group",
  "patch /api/v1/users/:userId": "Change an account",
  "post /api/v1/users/:userId/reactivate": "Let somebody in again",
  "post /api/v1/users/:userId/sign-in-link": "Make a sign-in link",
  "delete /api/v1/users/:userId/factors": "Remove somebody's second factors",
  "post /api/v1/users/:userId/links": "Link an account to a person outside",
  "put /api/v1/directory/mapping": "Change what a directory's groups give",
  "put /api/v1/saml": "Change sign-in by SAML",
  "post /api/v1/saml/keys/rotate": "Use the next SAML key",
  "post /api/v1/ldap/directories": "Add an LDAP directory",
  "put /api/v1/ldap/directories/:directoryId": "Change an LDAP directory",
  "delete /api/v1/ldap/directories/:directoryId": "Remove an LDAP directory",
  "post /api/v1/keys/data/rotate": "Make a new data key",
  "post /api/v1/keys/signing/rotate": "Change the signing key",
  "patch /api/v1/approval-rules": "Change what needs a second person",
  "patch /api/v1/tenant": "Change the organisation's settings",
};

/** What was asked for, in few words; the act of high stakes that it is, for what has none. */
export const askWords = ({ method, route, title }: Pick<SeenApproval, "method" | "route" | "title">): string =>
  asks[`${method} ${route}`] ?? title;

/** Which act of high stakes that is, as far as the few words do not say it. */
export function stakesWords(asked: Pick<SeenApproval, "method" | "route" | "title">): string {
  const words = askWords(asked);
  const rest = asked.title.startsWith(`${words}: `) ? asked.title.slice(words.length + 2) : asked.title;
  return rest === words ? "" : rest.charAt(0).toUpperCase() + rest.slice(1);
}
