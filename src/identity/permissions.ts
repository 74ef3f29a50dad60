/** Every permission there is: what a role or an API key can be given, and what a route can ask for. */
export const PERMISSIONS = [
  "tenant:read",
  "tenant:write",
  "sites:read",
  "sites:write",
  "devices:read",
  "devices:write",
  "events:read",
  "events:write",
  "images:read",
  "retention:read",
  "retention:write",
  "holds:read",
  "holds:write",
  "holds:release",
  "erasures:read",
  "erasures:write",
  "evidence:read",
  "evidence:export",
  "ledger:read",
  "tasks:read",
  "tasks:write",
  "api-keys:read",
  "api-keys:write",
  "access:read",
  "access:write",
  "approvals:read",
  "approvals:decide",
  "sign-in:read",
  "sign-in:write",
  "keys:rotate",
  "scim:provision",
] as const;

export type Permission = (typeof PERMISSIONS)[number];

/** What the appliance's operator may do, in the operator's own tenant alone. Not to be given to anybody else. */
export const APPLIANCE_PERMISSIONS = ["appliance:read", "appliance:write"] as const;
export type AppliancePermission = (typeof APPLIANCE_PERMISSIONS)[number];

/** What every signed-in person may do, and nothing else may: their own account. Not to be given or taken. */
export const OWN_ACCOUNT = "account:own";
