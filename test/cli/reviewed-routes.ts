const ownSession = "a person's own session: nobody on the box is that person";
const ownFactors = "a person's own password and second factors, shown by that person alone";
const ownNotices = "a person's own notices, read in the console or by mail";
const decides = "a second person decides in a session of their own: nobody on the box is one";
const directory = "SCIM is for directories; on the box people and groups are kept by 'user' and 'group'";

/** Routes that no command is made of, each with the command that does the same by hand, or the reason why there is none. */
export const reviewed: Readonly<Record<string, { command: string } | { reason: string }>> = {
  "post /api/v1/api-keys": { command: "api-key create" },
  "post /api/v1/retention/confirm": { command: "retention confirm" },
  "post /api/v1/appliance/tenants": { command: "tenant create" },

  "get /api/v1/tasks/:taskId/stream": { command: "task show" },

  "post /api/v1/notices/test-mail": { command: "mail test" },

  "post /api/v1/events": { reason: "systems and devices send events, with a key or certificate of their own" },

  "get /api/v1/session": { reason: ownSession },
  "delete /api/v1/session": { reason: ownSession },
  "post /api/v1/session/step-up": { reason: ownSession },
  "post /api/v1/session/step-up/webauthn": { reason: ownSession },
  "post /api/v1/session/step-up/email": { reason: ownSession },
  "get /api/v1/sessions": { reason: ownSession },
  "delete /api/v1/sessions/:sessionId": { reason: ownSession },
  "post /api/v1/sessions/log-out-everywhere": { reason: ownSession },

  "post /api/v1/account/password": { reason: ownFactors },
  "get /api/v1/account/factors": { reason: ownFactors },
  "patch /api/v1/account/factors/:factorId": { reason: ownFactors },
  "delete /api/v1/account/factors/:factorId": { reason: ownFactors },
  "post /api/v1/account/recovery-codes": { reason: ownFactors },
  "post /api/v1/account/factors/totp/begin": { reason: ownFactors },
  "post /api/v1/account/factors/webauthn/begin": { reason: ownFactors },
  "post /api/v1/account/factors/email/begin": { reason: ownFactors },
  "post /api/v1/account/factors/totp": { reason: ownFactors },
  "post /api/v1/account/factors/webauthn": { reason: ownFactors },
  "post /api/v1/account/factors/email": { reason: ownFactors },

  "get /api/v1/notices": { reason: ownNotices },
  "post /api/v1/notices/read": { reason: ownNotices },
  "get /api/v1/notices/settings": { reason: ownNotices },
  "put /api/v1/notices/settings": { reason: ownNotices },

  "post /api/v1/approvals/:approvalId/approve": { reason: decides },
  "post /api/v1/approvals/:approvalId/refuse": { reason: decides },

  "get /scim/v2/ServiceProviderConfig": { reason: directory },
  "get /scim/v2/ResourceTypes": { reason: directory },
  "get /scim/v2/ResourceTypes/:typeName": { reason: directory },
  "get /scim/v2/Schemas": { reason: directory },
  "get /scim/v2/Schemas/:schemaUrn": { reason: directory },
  "get /scim/v2/Users": { reason: directory },
  "post /scim/v2/Users": { reason: directory },
  "get /scim/v2/Users/:scimUserId": { reason: directory },
  "put /scim/v2/Users/:scimUserId": { reason: directory },
  "patch /scim/v2/Users/:scimUserId": { reason: directory },
  "delete /scim/v2/Users/:scimUserId": { reason: directory },
  "get /scim/v2/Groups": { reason: directory },
  "post /scim/v2/Groups": { reason: directory },
  "get /scim/v2/Groups/:scimGroupId": { reason: directory },
  "put /scim/v2/Groups/:scimGroupId": { reason: directory },
  "patch /scim/v2/Groups/:scimGroupId": { reason: directory },
  "delete /scim/v2/Groups/:scimGroupId": { reason: directory },
};
