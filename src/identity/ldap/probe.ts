import type { Entry } from "ldapts";
import { FilterParser } from "ldapts";
import { AppError } from "../../platform/errors.ts";
import { bindService, type FoundPerson, findPerson, isUsableName, type LdapAccess } from "./authenticate.ts";
import { readUrl } from "./connect.ts";
import { type LdapConnection, openConnection } from "./connection.ts";
import { isDisabled } from "./entry.ts";
import { LdapFailure, type LdapStep } from "./failure.ts";
import { findGroups } from "./groups.ts";
import type { LdapSettings } from "./schema.ts";

export type ProbeStep = { step: LdapStep; ok: boolean; message: string; remedy: string | null };

export type Probe = {
  /** In order; the first that is not ok is the last. */
  steps: ProbeStep[];
  person: { dn: string; subject: string; userName: string; disabled: boolean; groups: string[] } | null;
};

/** Tries a directory step by step, without anybody's password, and says in words how far it came. No secret is in the answer. */
export async function probe(access: LdapAccess, userName: string | null): Promise<Probe> {
  const steps: ProbeStep[] = [];
  const passed = (step: LdapStep, message: string) => steps.push({ step, ok: true, message, remedy: null });
  let connection: LdapConnection | undefined;
  try {
    connection = await connect(access, passed);
    await bindService(connection, access);
    passed("bind", `the service account ${access.settings.bindDn} signed in`);
    const found = await search(connection, access.settings, userName, passed);
    return { steps, person: await groupsOf(connection, access.settings, found, passed) };
  } catch (error) {
    steps.push(failed(error));
    return { steps, person: null };
  } finally {
    connection?.close();
  }
}

type Passed = (step: LdapStep, message: string) => void;

async function connect({ settings, resolveHost }: LdapAccess, passed: Passed): Promise<LdapConnection> {
  const { host, port, plain } = readUrl(settings.url);
  let addresses: readonly string[] = [];
  // Told to us by the one look-up that counts: the connection is made to what it gave.
  const connection = await openConnection(settings, async (name, at) => {
    addresses = await resolveHost(name, at);
    return addresses;
  });
  passed("address", `${host} is ${addresses.join(", ")}`);
  passed("connect", `port ${port} answers`);
  passed(
    "tls",
    `${plain ? "StartTLS" : "TLS"} is up, and the certificate is trusted and ${settings.serverName ?? host}'s`,
  );
  return connection;
}

async function search(
  connection: LdapConnection,
  settings: LdapSettings,
  userName: string | null,
  passed: Passed,
): Promise<FoundPerson | null> {
  await requireBase(connection, "search", settings.userBase);
  if (userName === null) {
    passed("search", `${settings.userBase} is there`);
    return null;
  }
  const found = isUsableName(userName)
    ? await findPerson(connection, settings, userName)
    : { ok: false as const, reason: "unknown-name" as const };
  if (!found.ok) {
    const [message, remedy] = words[found.reason];
    throw new LdapFailure("search", message, remedy);
  }
  passed("search", `${userName} is ${found.entry.dn}${isDisabled(found.entry) ? ", which is disabled" : ""}`);
  return found;
}

const words = {
  "unknown-name": ["nobody has this name", "check the base, the filter, and what the service account may see"],
  "ambiguous-name": ["several entries have this name", "narrow the base or the filter until one is left"],
  "incomplete-entry": [
    "the entry lacks the attribute that names a person for good, or the one of the user name",
    "check both attributes, and whether the service account may read them",
  ],
} as const;

async function groupsOf(
  connection: LdapConnection,
  settings: LdapSettings,
  found: FoundPerson | null,
  passed: Passed,
): Promise<Probe["person"]> {
  await requireBase(connection, "groups", settings.groups.base);
  if (!found) {
    passed("groups", `${settings.groups.base} is there`);
    return null;
  }
  const groups = await findGroups(connection, settings, found);
  if (!groups)
    throw new LdapFailure("groups", "more groups than are followed", "name a narrower base or filter of groups");
  passed("groups", groups.length === 1 ? "1 group" : `${groups.length} groups`);
  const { entry, subject, userName } = found;
  return { dn: entry.dn, subject, userName, disabled: isDisabled(entry), groups };
}

async function requireBase(connection: LdapConnection, step: LdapStep, base: string): Promise<void> {
  const filter = FilterParser.parseString("(objectClass=*)");
  const [entry]: Entry[] = await connection.search(step, base, { filter, scope: "base", attributes: ["1.1"], most: 1 });
  if (entry) return;
  throw new LdapFailure(
    step,
    `${base} is not there, or not to be seen`,
    "check its spelling and the service account's rights",
  );
}

function failed(error: unknown): ProbeStep {
  if (error instanceof LdapFailure)
    return { step: error.step, ok: false, message: error.message, remedy: error.remedy };
  if (!(error instanceof AppError)) throw error;
  const { message, found, expected, remedy } = error;
  const facts = [found && `found ${found}`, expected && `expected ${expected}`].filter(Boolean).join(", ");
  return { step: "address", ok: false, message: facts ? `${message}: ${facts}` : message, remedy: remedy ?? null };
}
