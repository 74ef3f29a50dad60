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
] as const;

export type Permission = (typeof PERMISSIONS)[number];
