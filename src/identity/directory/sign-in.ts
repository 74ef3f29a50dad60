import { appendRow, type TenantTx } from "../../audit/index.ts";
import { accessOf, standingOf } from "../access/access.ts";
import { type IdentityDeps, personUnit } from "../deps.ts";
import { selectUser, type User } from "../people/store-users.ts";
import { createUser, findUserByName, requireUser, updateUser } from "../people/users.ts";
import { checkPerson } from "./check-person.ts";
import type { ExternalPerson, ExternalSignIn } from "./contract.ts";
import { type Due, dueBy, type Mapping, metRules } from "./mapping.ts";
import { selectMapping, selectNamed } from "./store.ts";
import { insertLink, type Link, lockSubject, selectLink } from "./store-links.ts";
import { syncAccess } from "./sync.ts";

/**
 * Signs in somebody whom SAML or LDAP has authenticated: finds or makes the account, brings name, address and access up to
 * what the directory says. The caller then starts the session, or writes the row of the refusal, in this same transaction: a
 * refusal may have taken grants. `tx` needs all sites bound, since rules name sites.
 *
 * An account is found by its link alone. A user name or an address that somebody else has leads nowhere.
 */
export async function signInExternal(deps: IdentityDeps, tx: TenantTx, given: ExternalPerson): Promise<ExternalSignIn> {
  const person = checkPerson(given);
  if (!person) return { ok: false, reason: "invalid-person" };
  await lockSubject(tx, person);
  const mapping = await selectMapping(tx);
  const due = await dueTo(tx, mapping, person);
  const known = await findLinked(deps, tx, mapping, person);
  if (known === "not-by-scim") return { ok: false, reason: "unknown-user" };
  const found = known ? await bringUpToDate(deps, tx, known, person) : await provision(deps, tx, person, due);
  if (!found.ok) return found;
  const { userId } = found;
  await syncAccess(tx, userId, person, due);
  await followMapping(tx, userId, person, mapping);
  if ((await accessOf(tx, userId)).size === 0) return { ok: false, reason: "no-role", userId };
  return found;
}

async function dueTo(tx: TenantTx, { rules }: Mapping, person: ExternalPerson): Promise<Due> {
  const met = metRules(rules, person, person.groups);
  return dueBy(met, await selectNamed(tx, met));
}

// Somebody may have put other rules in force since we read them, and looked through all grants before ours were there. Whoever
// gave anything holds the chain's head by now, as setMapping does from its beginning: so this reads the rules that stay.
async function followMapping(tx: TenantTx, userId: string, person: ExternalPerson, read: Mapping): Promise<void> {
  const mapping = await selectMapping(tx);
  if (mapping.version !== read.version) await syncAccess(tx, userId, person, await dueTo(tx, mapping, person));
}

async function findLinked(
  deps: IdentityDeps,
  tx: TenantTx,
  { scimLinks }: Mapping,
  person: ExternalPerson,
): Promise<Link | "not-by-scim" | undefined> {
  const link = await selectLink(tx, person);
  if (link) return link;
  const byScim = scimLinks.some(({ kind, issuer }) => kind === person.kind && issuer === person.issuer);
  const user = byScim ? await selectUser(tx, { source: "scim", externalId: person.subject }) : undefined;
  if (!user) return undefined;
  // SCIM can give any account another external id. Whoever decides on requests is linked by somebody who may give that right.
  if ((await standingOf(tx, user.userId)).has("approvals:decide")) return "not-by-scim";
  return addLink(deps, tx, person, user.userId, "scim");
}

async function bringUpToDate(
  deps: IdentityDeps,
  tx: TenantTx,
  link: Link,
  person: ExternalPerson,
): Promise<ExternalSignIn> {
  const { userId } = link;
  const user = await requireUser(tx, userId, true);
  if (!user.active) return { ok: false, reason: "deactivated", userId };
  // Accounts that SCIM or an administrator keeps are kept by them.
  if (user.source === person.kind && link.linkedBy === "jit")
    await updateUser(deps, tx, userId, await changes(tx, user, person));
  return { ok: true, userId };
}

async function changes(tx: TenantTx, user: User, { userName, displayName, email }: ExternalPerson) {
  const holder = await findUserByName(tx, userName);
  const isFree = !holder || holder.userId === user.userId;
  return { userName: isFree ? userName : user.userName, displayName, email };
}

async function provision(deps: IdentityDeps, tx: TenantTx, person: ExternalPerson, due: Due): Promise<ExternalSignIn> {
  const { kind, userName, displayName, email } = person;
  if (person.provisioning === "known-only") return { ok: false, reason: "unknown-user" };
  if (await findUserByName(tx, userName)) return { ok: false, reason: "user-name-taken" };
  if (due.grants.length + due.groupIds.length === 0) return { ok: false, reason: "no-role" };
  const user = await createUser(deps, tx, { userName, displayName, email, source: kind, externalId: null });
  await addLink(deps, tx, person, user.userId, "jit");
  return { ok: true, userId: user.userId };
}

/** Also for an administrator's own link. */
export async function addLink(
  deps: IdentityDeps,
  tx: TenantTx,
  { kind, issuer, subject }: Pick<Link, "kind" | "issuer" | "subject">,
  userId: string,
  linkedBy: Link["linkedBy"],
): Promise<Link> {
  const link = await insertLink(tx, { kind, issuer, subject, userId, linkedBy });
  await appendRow(tx, {
    action: "directory.linked",
    entity: { type: "user", id: userId },
    units: [await personUnit(deps, tx, userId, { after: link })],
  });
  return link;
}
