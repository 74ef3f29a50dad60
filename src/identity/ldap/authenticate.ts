import type { Entry } from "ldapts";
import type { ResolveHost } from "./connect.ts";
import { type BindRefusal, type LdapConnection, openConnection } from "./connection.ts";
import { isDisabled, subjectOf, textOf } from "./entry.ts";
import { LdapFailure } from "./failure.ts";
import { personFilter } from "./filter.ts";
import { findGroups } from "./groups.ts";
import type { LdapSettings } from "./schema.ts";

export type LdapPerson = {
  subject: string;
  userName: string;
  displayName: string;
  email: string | null;
  groups: string[];
};

export type LdapRefusal =
  | BindRefusal
  /** Empty, too long, or with control characters: never sent. */
  | "unusable-name"
  | "empty-password"
  | "unknown-name"
  /** The name finds several entries. */
  | "ambiguous-name"
  /** The entry lacks the attribute that names a person for good, or a user name. */
  | "incomplete-entry"
  | "too-many-groups";

export type LdapOutcome =
  | { ok: true; person: LdapPerson }
  /** `subject` where the person was found. */
  | { ok: false; reason: LdapRefusal; subject?: string };

export type LdapAccess = { settings: LdapSettings; bindPassword: string; resolveHost: ResolveHost };

/** `afterSearch` is told who was found, or that nobody was, before the password is tried; it may throw to stop. */
type Attempt = { userName: string; password: string; afterSearch?: (subject: string | null) => Promise<void> };

/**
 * Whether a directory takes name and password: the service account looks for exactly one entry, the password is tried on it,
 * and the service account reads its groups. Throws LdapFailure when the directory cannot say.
 */
export async function authenticate(access: LdapAccess, attempt: Attempt): Promise<LdapOutcome> {
  const { userName, password, afterSearch } = attempt;
  if (!isUsableName(userName)) return { ok: false, reason: "unusable-name" };
  // Before anything is sent: a directory takes a bind without password for an anonymous one, and says yes.
  if (password === "") return { ok: false, reason: "empty-password" };
  const { settings } = access;
  const connection = await openConnection(settings, access.resolveHost);
  try {
    await bindService(connection, access);
    const found = await findPerson(connection, settings, userName);
    await afterSearch?.(found.ok ? found.subject : null);
    if (!found.ok) return found;
    const { entry, subject } = found;
    const refusal = isDisabled(entry) ? "account-disabled" : await connection.bind(entry.dn, password);
    if (refusal) return { ok: false, reason: refusal, subject };
    await bindService(connection, access);
    const groups = await findGroups(connection, settings, found);
    return groups
      ? { ok: true, person: describe(settings, found, groups) }
      : { ok: false, reason: "too-many-groups", subject };
  } finally {
    connection.close();
  }
}

export async function bindService(connection: LdapConnection, { settings, bindPassword }: LdapAccess): Promise<void> {
  const refusal = await connection.bind(settings.bindDn, bindPassword);
  if (!refusal) return;
  const remedy = "check its name and password, and that it is not locked";
  throw new LdapFailure("bind", `the directory refused the service account (${refusal})`, remedy);
}

export type FoundPerson = { ok: true; entry: Entry; subject: string; userName: string };

/** The one entry that a typed name finds. */
export async function findPerson(
  connection: LdapConnection,
  settings: LdapSettings,
  typed: string,
): Promise<FoundPerson | { ok: false; reason: "unknown-name" | "ambiguous-name" | "incomplete-entry" }> {
  const { attributes, subjectAttribute, groups } = settings;
  const wanted = [subjectAttribute, ...Object.values(attributes), "userAccountControl", "nsAccountLock"];
  const found = await connection.search("search", settings.userBase, {
    filter: personFilter(settings.userFilter, typed),
    attributes: groups.lookup === "memberOf" ? [...wanted, "memberOf"] : wanted,
    binary: ["objectGUID", "objectguid"],
    most: 1,
  });
  const [entry, another] = found;
  if (!entry) return { ok: false, reason: "unknown-name" };
  if (another) return { ok: false, reason: "ambiguous-name" };
  const subject = subjectOf(entry, subjectAttribute);
  const userName = textOf(entry, attributes.userName);
  if (!subject || !userName || entry.dn === "") return { ok: false, reason: "incomplete-entry" };
  return { ok: true, entry, subject, userName };
}

function describe(
  { attributes }: LdapSettings,
  { entry, subject, userName }: FoundPerson,
  groups: string[],
): LdapPerson {
  return {
    subject,
    userName,
    displayName: textOf(entry, attributes.displayName) ?? userName,
    email: textOf(entry, attributes.email),
    groups,
  };
}

export function isUsableName(userName: string): boolean {
  return userName.trim() !== "" && userName.length <= 256 && !/[\p{Cc}\p{Cs}]/u.test(userName);
}
