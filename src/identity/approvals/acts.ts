import type { BuiltinRole } from "../access/roles.ts";

/**
 * When an act needs a second person. when-two: as soon as two people could decide; on: always, and who is alone waits instead.
 */
export const SECOND_PERSON = ["off", "when-two", "on"] as const;
export type SecondPerson = (typeof SECOND_PERSON)[number];

export type RoleName = { builtin: BuiltinRole } | { roleId: string };

/**
 * The acts of high stakes, what each does in words, and what it needs unless a tenant has decided otherwise. Evidence leaves often,
 * to people who are owed it, and each export is a row: it needs nobody else by default. The others cannot be taken back, or take
 * away what would tell of misuse.
 */
export const ACTS = {
  "hold.release": { title: "Release a legal hold: what it kept may be erased", secondPerson: "when-two" },
  "retention.shorten": { title: "Shorten a site's retention: older days are erased", secondPerson: "when-two" },
  "erasure.request": { title: "Erase what is kept about a subject, or single events", secondPerson: "when-two" },
  "evidence.export": { title: "Export evidence: content leaves the appliance", secondPerson: "off" },
  "sign-in.change": { title: "Change how people sign in by SAML or LDAP", secondPerson: "when-two" },
  "keys.rotate": { title: "Change a key", secondPerson: "when-two" },
  "forwarding.disable": { title: "Stop forwarding records", secondPerson: "when-two" },
  "access.decider": { title: "Change who may decide on requests", secondPerson: "when-two" },
  "approvals.weaken": { title: "Ask for less before an act of high stakes", secondPerson: "when-two" },
} as const satisfies Record<string, { title: string; secondPerson: SecondPerson }>;

export type Act = keyof typeof ACTS;
export const ACT_NAMES = Object.keys(ACTS) as [Act, ...Act[]];

export const isAct = (name: string): name is Act => Object.hasOwn(ACTS, name);
