/** What each permission lets somebody do, by what it is about, in the order in which people look for it. */
export const permissionGroups: readonly { title: string; permissions: Readonly<Record<string, string>> }[] = [
  {
    title: "What came in",
    permissions: {
      "events:read": "See events",
      "images:read": "See images",
      "events:write": "Send events",
    },
  },
  {
    title: "Estate",
    permissions: {
      "sites:read": "See sites",
      "sites:write": "Make and change sites",
      "devices:read": "See devices",
      "devices:write": "Enrol and revoke devices",
    },
  },
  {
    title: "Keeping and erasing",
    permissions: {
      "retention:read": "See how long things are kept",
      "retention:write": "Change how long things are kept",
      "holds:read": "See legal holds",
      "holds:write": "Place legal holds",
      "holds:release": "Release legal holds",
      "erasures:read": "See erasure requests",
      "erasures:write": "Answer erasure requests and erase",
    },
  },
  {
    title: "Proof",
    permissions: {
      "ledger:read": "Read the ledger",
      "evidence:read": "See exports of evidence",
      "evidence:export": "Export evidence",
    },
  },
  {
    title: "Access",
    permissions: {
      "access:read": "See people, groups and roles",
      "access:write": "Manage people, groups and roles",
      "approvals:read": "See requests for a second person",
      "approvals:decide": "Decide on requests of others",
      "sign-in:read": "See how people sign in",
      "sign-in:write": "Change how people sign in",
      "scim:provision": "Keep people and groups by SCIM",
      "api-keys:read": "See API keys",
      "api-keys:write": "Make and revoke API keys",
    },
  },
  {
    title: "System",
    permissions: {
      "tenant:read": "See the organisation's settings",
      "tenant:write": "Change the organisation's settings",
      "tasks:read": "See work under way",
      "tasks:write": "Let waiting work go on",
      "keys:rotate": "Change encryption and signing keys",
    },
  },
];

const words: ReadonlyMap<string, string> = new Map(
  permissionGroups.flatMap(({ permissions }) => Object.entries(permissions)),
);

/** A permission that a later release has shows by its name. */
export const permissionWords = (permission: string): string => words.get(permission) ?? permission;
