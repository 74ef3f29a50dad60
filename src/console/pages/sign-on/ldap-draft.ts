import type { LdapDirectory } from "../../api/types.ts";

type Settings = LdapDirectory["settings"];

/** The settings as fields: texts, so that half-typed ones have a place. */
export type LdapDraft = {
  name: string;
  password: string;
  url: string;
  caPem: string;
  serverName: string;
  timeoutMs: string;
  bindDn: string;
  userBase: string;
  userFilter: string;
  subjectAttribute: Settings["subjectAttribute"];
  userName: string;
  displayName: string;
  email: string;
  groupBase: string;
  groupFilter: string;
  lookup: Settings["groups"]["lookup"];
  memberAttribute: string;
  memberIs: Settings["groups"]["memberIs"];
  nested: boolean;
  provisioning: Settings["provisioning"];
};

export const blank: LdapDraft = {
  name: "",
  password: "",
  url: "",
  caPem: "",
  serverName: "",
  timeoutMs: "5000",
  bindDn: "",
  userBase: "",
  userFilter: "(uid={user})",
  subjectAttribute: "entryUUID",
  userName: "uid",
  displayName: "displayName",
  email: "mail",
  groupBase: "",
  groupFilter: "(objectClass=*)",
  lookup: "auto",
  memberAttribute: "member",
  memberIs: "dn",
  nested: true,
  provisioning: "jit",
};

/** What is usual where (docs/ldap.md). */
export const presets = {
  "active-directory": {
    userFilter: "(&(objectClass=user)(objectCategory=person)(sAMAccountName={user}))",
    subjectAttribute: "objectGUID",
    userName: "sAMAccountName",
    displayName: "displayName",
    groupFilter: "(objectClass=group)",
  },
  openldap: {
    userFilter: "(&(objectClass=inetOrgPerson)(uid={user}))",
    subjectAttribute: "entryUUID",
    userName: "uid",
    displayName: "cn",
    groupFilter: "(objectClass=groupOfNames)",
  },
  freeipa: {
    userFilter: "(&(objectClass=person)(uid={user}))",
    subjectAttribute: "ipaUniqueID",
    userName: "uid",
    displayName: "displayName",
    groupFilter: "(objectClass=ipausergroup)",
  },
} as const satisfies Record<string, Partial<LdapDraft>>;
export type Product = keyof typeof presets;

export function draftOf({ name, settings }: LdapDirectory): LdapDraft {
  const { attributes, groups, url, caPem, serverName, timeoutMs, bindDn, userBase, userFilter } = settings;
  return {
    ...{ name, url, bindDn, userBase, userFilter, ...attributes },
    password: "",
    caPem: caPem ?? "",
    serverName: serverName ?? "",
    timeoutMs: String(timeoutMs),
    subjectAttribute: settings.subjectAttribute,
    provisioning: settings.provisioning,
    groupBase: groups.base,
    groupFilter: groups.filter,
    lookup: groups.lookup,
    memberAttribute: groups.memberAttribute,
    memberIs: groups.memberIs,
    nested: groups.nested,
  };
}

/** As the API takes them. `before`: a CA that was not touched goes back byte for byte, or the password would be asked for. */
export function settingsOf(draft: LdapDraft, before?: Settings): Settings {
  const text = (value: string): string => value.trim();
  const orNull = (value: string): string | null => (text(value) === "" ? null : text(value));
  return {
    url: text(draft.url),
    caPem: draft.caPem === before?.caPem ? draft.caPem : orNull(draft.caPem),
    serverName: orNull(draft.serverName),
    timeoutMs: Number(draft.timeoutMs),
    bindDn: text(draft.bindDn),
    userBase: text(draft.userBase),
    userFilter: text(draft.userFilter),
    subjectAttribute: draft.subjectAttribute,
    attributes: { userName: text(draft.userName), displayName: text(draft.displayName), email: text(draft.email) },
    groups: {
      base: text(draft.groupBase),
      filter: text(draft.groupFilter),
      lookup: draft.lookup,
      memberAttribute: text(draft.memberAttribute),
      memberIs: draft.memberIs,
      nested: draft.nested,
    },
    provisioning: draft.provisioning,
  };
}
