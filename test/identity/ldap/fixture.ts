import { authenticate, type LdapAccess, type LdapOutcome } from "../../../src/identity/ldap/authenticate.ts";
import { type LdapSettings, settingsSchema } from "../../../src/identity/ldap/schema.ts";
import { type Slapd, suffix } from "../../support/slapd.ts";

export const people = `ou=people,${suffix}`;
export const groups = `ou=groups,${suffix}`;

/** Settings for a test's own slapd, over LDAPS. */
export function settingsOf(slapd: Slapd, fields: Record<string, unknown> = {}): LdapSettings {
  return settingsSchema.parse({
    url: `ldaps://${slapd.host}:${slapd.port}`,
    caPem: slapd.ca.cert,
    bindDn: slapd.service.dn,
    timeoutMs: 2000,
    userBase: people,
    userFilter: "(&(objectClass=inetOrgPerson)(uid={user}))",
    subjectAttribute: "entryUUID",
    attributes: { userName: "uid", displayName: "cn" },
    groups: { base: groups, filter: "(objectClass=groupOfNames)" },
    ...fields,
  });
}

export const accessTo = (slapd: Slapd, fields: Record<string, unknown> = {}): LdapAccess => ({
  settings: settingsOf(slapd, fields),
  bindPassword: slapd.service.password,
  resolveHost: async (host) => [host],
});

export const tryLogin = (access: LdapAccess, userName: string, password: string): Promise<LdapOutcome> =>
  authenticate(access, { userName, password });

export const personDn = (uid: string, ou = people): string => `uid=${uid},${ou}`;
export const groupDn = (cn: string): string => `cn=${cn},${groups}`;

export const addPerson = (slapd: Slapd, uid: string, fields: Record<string, string | string[]> = {}, ou = people) =>
  slapd.add(personDn(uid, ou), {
    objectClass: ["inetOrgPerson"],
    uid,
    cn: `The ${uid}`,
    sn: uid,
    userPassword: `${uid}'s password`,
    ...fields,
  });

export const addGroup = (slapd: Slapd, cn: string, member: string[]) =>
  slapd.add(groupDn(cn), { objectClass: "groupOfNames", cn, member });

export async function addUnits(slapd: Slapd): Promise<void> {
  for (const ou of ["people", "groups"])
    await slapd.add(`ou=${ou},${suffix}`, { objectClass: "organizationalUnit", ou });
}
