import { setTimeout as sleep } from "node:timers/promises";
import { appendRow, type Principal, type TenantTx, withTenant } from "../../audit/index.ts";
import { AppError, notFound } from "../../platform/errors.ts";
import { personUnit } from "../deps.ts";
import { type ExternalRefusal, signInExternal } from "../directory/index.ts";
import { selectLink } from "../directory/store-links.ts";
import type { Knock } from "../local/deps.ts";
import { knownBrowser } from "../local/known-browser.ts";
import { refusedSignIn } from "../local/refuse.ts";
import { forgetTries, isLocking, type Tried, takeTry } from "../local/tries.ts";
import { afterFirstFactor, type EnterDeps, type Entered } from "../mfa/pending.ts";
import { requireUser } from "../people/users.ts";
import { authenticate, type LdapOutcome, type LdapPerson, type LdapRefusal } from "./authenticate.ts";
import { openAccess, requireDirectory } from "./configure.ts";
import type { LdapDeps } from "./deps.ts";
import { LdapFailure } from "./failure.ts";
import { type LdapDirectory, selectDirectories } from "./store.ts";

export type LdapSignInDeps = LdapDeps &
  EnterDeps & {
    /** A refusal takes at least so long: a name that nobody has is answered no sooner than a wrong password. */
    refusalMs?: number;
  };

export type LdapCredentials = { directoryId: string; userName: string; password: string };

type Reason = LdapRefusal | ExternalRefusal | "sso-enforced" | "no-directory" | "directory-failed";
type Refused = { reason: Reason; userId?: string | undefined; step?: string; message?: string };
type Attempt = { deps: LdapSignInDeps; knock: Knock; given: LdapCredentials; tries: number; tried: Tried[] };

/** The directories that a person can choose among on the sign-in page. */
export async function signInDirectories(tx: TenantTx): Promise<{ directoryId: string; name: string }[]> {
  const enabled = (await selectDirectories(tx)).filter((directory) => directory.enabled);
  return enabled.map(({ directoryId, name }) => ({ directoryId, name }));
}

/**
 * Signs in by name and password of an LDAP directory. Every refusal has its row in the ledger, and the same words for the
 * person. @throws AppError `sign-in-refused`, `too-many` while locked, `outbound-failed` when the directory cannot be asked.
 */
export async function signInByLdap(deps: LdapSignInDeps, knock: Knock, given: LdapCredentials): Promise<Entered> {
  const noSooner = sleep(deps.refusalMs ?? 500, undefined, { ref: false });
  const attempt: Attempt = { deps, knock, given, tries: 0, tried: [] };
  const access = await begin(attempt);
  const asked = access && (await ask(attempt, access));
  const entered = asked && (await settle(attempt, asked));
  if (entered) return entered;
  await noSooner;
  throw refusedSignIn();
}

const principalOf = ({ knock: { tenantId, correlation } }: Attempt): Principal => ({
  tenantId,
  actor: { type: "system", id: "sign-in" },
  via: "ldap",
  correlation,
  sites: "all",
});

const inTenant = <T>(attempt: Attempt, work: (tx: TenantTx) => Promise<T>): Promise<T> =>
  withTenant(attempt.deps.pool, principalOf(attempt), work);

/** Opens the directory. Nobody's network is asked within a transaction. */
async function begin(attempt: Attempt) {
  const { deps, given } = attempt;
  return inTenant(attempt, async (tx) => {
    const directory = (await signInDirectories(tx)).find(({ directoryId }) => directoryId === given.directoryId);
    if (!directory) return refuse(attempt, tx, { reason: "no-directory" });
    if (await deps.isSsoEnforced(tx)) return refuse(attempt, tx, { reason: "sso-enforced" });
    return openAccess(deps, tx, given.directoryId);
  });
}

async function ask(attempt: Attempt, access: Awaited<ReturnType<typeof openAccess>>): Promise<LdapOutcome | null> {
  const { userName, password } = attempt.given;
  // Once the directory has answered: its outage is nobody's wrong password.
  const afterSearch = (subject: string | null) => inTenant(attempt, (tx) => countTries(attempt, tx, subject));
  try {
    return await authenticate(access, { userName, password, afterSearch });
  } catch (error) {
    const failed = error instanceof LdapFailure || (error instanceof AppError && outbound.has(error.code));
    if (!failed) throw error;
    const step = error instanceof LdapFailure ? error.step : "address";
    const refused: Refused = { reason: "directory-failed", step, message: error.message };
    await inTenant(attempt, (tx) => refuse(attempt, tx, refused));
    throw new AppError("outbound-failed", "the directory cannot be asked", {
      remedy: "try again, or tell an administrator, with the correlation id",
      cause: error,
    });
  }
}

const outbound = new Set(["destination-refused", "outbound-failed"]);

async function settle(attempt: Attempt, outcome: LdapOutcome): Promise<Entered | null> {
  try {
    return await inTenant(attempt, (tx) =>
      outcome.ok ? accept(attempt, tx, outcome.person) : reject(attempt, tx, outcome),
    );
  } catch (error) {
    // Of what was looked at, something changed before we wrote: that transaction is over.
    const reason = error instanceof AppError ? meanwhile[error.code] : undefined;
    if (!reason) throw error;
    return inTenant(attempt, (tx) => refuse(attempt, tx, { reason, message: (error as AppError).message }));
  }
}

const meanwhile: Readonly<Record<string, Reason>> = { conflict: "user-name-taken", "not-found": "no-directory" };

async function reject(attempt: Attempt, tx: TenantTx, { reason, subject }: LdapOutcome & { ok: false }): Promise<null> {
  const user = subject ? await linkedUser(attempt, tx, subject) : undefined;
  return refuse(attempt, tx, { reason, userId: user?.userId });
}

async function accept(attempt: Attempt, tx: TenantTx, found: LdapPerson): Promise<Entered | null> {
  const { deps, knock, given } = attempt;
  const { directoryId } = given;
  const { provisioning } = (await requireEnabled(tx, directoryId)).settings;
  const signedIn = await signInExternal(deps, tx, { kind: "ldap", issuer: directoryId, ...found, provisioning });
  if (!signedIn.ok) return refuse(attempt, tx, signedIn);
  // Again: whoever removes it takes what it gave, and may have looked before ours was there. By now we hold the chain's head.
  await requireEnabled(tx, directoryId);
  const { userId } = signedIn;
  for (const tried of attempt.tried) await forgetTries(deps, tx, tried);
  const entered = await afterFirstFactor(deps, tx, { ...knock, userId, via: "ldap" });
  const detail = { directoryId, subject: found.subject, address: knock.address, next: entered.state };
  await appendRow(tx, {
    action: "ldap.accepted",
    entity: { type: "user", id: userId },
    units: [await personUnit(deps, tx, userId, detail, "detail")],
  });
  return entered;
}

async function requireEnabled(tx: TenantTx, directoryId: string): Promise<LdapDirectory> {
  const directory = await requireDirectory(tx, directoryId);
  if (!directory.enabled) throw notFound("directory");
  return directory;
}

async function linkedUser({ given }: Attempt, tx: TenantTx, subject: string) {
  const link = await selectLink(tx, { kind: "ldap", issuer: given.directoryId, subject });
  return link && requireUser(tx, link.userId);
}

/**
 * By the name as typed, whether anybody has it or not; and by the account, since a directory takes many spellings of its name:
 * an account here by its own name, as its local password's tries. Committed before the password is tried: tries at once are
 * counted one by one.
 */
async function countTries(attempt: Attempt, tx: TenantTx, subject: string | null): Promise<void> {
  const { directoryId, userName } = attempt.given;
  const user = subject === null ? undefined : await linkedUser(attempt, tx, subject);
  const names = [`ldap ${directoryId} name ${userName.normalize("NFKC").trim()}`];
  if (subject !== null) names.push(user ? user.userName : `ldap ${directoryId} subject ${subject}`);
  const from = user && (await knownBrowser(attempt.deps, tx, user, attempt.knock.device));
  for (const name of names) {
    const tried = { userName: name, from };
    const { tries } = await takeTry(attempt.deps, tx, tried);
    attempt.tries = Math.max(attempt.tries, tries);
    attempt.tried.push(tried);
  }
}

async function refuse(
  { deps, knock, given, tries }: Attempt,
  tx: TenantTx,
  { userId, ...why }: Refused,
): Promise<null> {
  const { address, userAgent } = knock;
  const { directoryId, userName } = given;
  const who = { directoryId, userName: userName.slice(0, 256), address, userAgent: userAgent.slice(0, 400) };
  const content = JSON.stringify({ ...why, ...who, ...(userId && { userId }), tries });
  const subject = userId ? `user:${userId}` : `ldap:${who.userName}`;
  const units = [{ name: "detail", content, subjects: [await deps.hashSubject(tx, subject)] }];
  const entity = { type: "sign-in", id: tx.principal.correlation };
  await deps.watch?.refused(tx, { userId: userId ?? null, address });
  await appendRow(tx, { action: "ldap.refused", entity, units });
  if (tries > 0 && isLocking(tries)) await appendRow(tx, { action: "sign-in.locked", entity, units });
  return null;
}
