/** Of a directory that nobody reaches: for what is asked of settings alone. */
export const directorySettings = {
  url: "ldaps://127.0.0.1",
  bindDn: "cn=ledgerstone,dc=example,dc=org",
  userBase: "ou=people,dc=example,dc=org",
  userFilter: "(uid={user})",
  subjectAttribute: "entryUUID",
  attributes: { userName: "uid" },
  groups: { base: "ou=groups,dc=example,dc=org" },
};
