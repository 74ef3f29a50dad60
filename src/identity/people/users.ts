import { appendRow, type TenantTx } from "../../audit/index.ts";
import { isUniqueViolation } from "../../platform/db.ts";
import { conflict, notFound } from "../../platform/errors.ts";
import { keepingAnOwner } from "../access/grants.ts";
import { type IdentityDeps, personUnit } from "../deps.ts";
import { endSessionsOf } from "../sessions/sessions.ts";
import {
  insertUser,
  type NewUser,
  revokeKeysOf,
  seesUser,
  selectUser,
  type User,
  updateUserRow,
} from "./store-users.ts";

export type UserChange = Partial<Pick<User, "userName" | "displayName" | "email" | "source" | "externalId">>;

/** @throws AppError `conflict` when the user name is taken; the transaction is over then. */
export async function createUser(deps: IdentityDeps, tx: TenantTx, wanted: NewUser): Promise<User> {
  const user = await insertUser(tx, wanted).catch(nameTaken);
  await appendRow(tx, {
    action: "user.created",
    entity: { type: "user", id: user.userId },
    units: [await personUnit(deps, tx, user.userId, { after: shown(user) })],
  });
  return user;
}

/** Changes what is given; nothing changed, nothing written. */
export async function updateUser(deps: IdentityDeps, tx: TenantTx, userId: string, change: UserChange): Promise<User> {
  const before = await requireUser(tx, userId, true);
  const after = { ...before, ...change };
  if (JSON.stringify(after) === JSON.stringify(before)) return before;
  const user = await updateUserRow(tx, after).catch(nameTaken);
  await appendRow(tx, {
    action: "user.changed",
    entity: { type: "user", id: userId },
    units: [await personUnit(deps, tx, userId, { before: shown(before), after: shown(user) })],
  });
  return user;
}

/**
 * Ends an account: its sessions and the API keys that the person stands behind go in this transaction. `reason` is a token
 * (`scim`, `admin`, …). Again changes nothing. @throws AppError `conflict` for the last local owner.
 */
export async function deactivateUser(deps: IdentityDeps, tx: TenantTx, userId: string, reason: string): Promise<User> {
  const before = await requireUser(tx, userId, true);
  if (!before.active) return before;
  const user = await keepingAnOwner(tx, () => updateUserRow(tx, { ...before, active: false }));
  await endSessionsOf(tx, userId, "deactivated");
  const keys = await revokeKeysOf(tx, userId);
  for (const keyId of keys) await appendRow(tx, { action: "api-key.revoked", entity: { type: "api-key", id: keyId } });
  await appendRow(tx, {
    action: "user.deactivated",
    entity: { type: "user", id: userId },
    units: [await personUnit(deps, tx, userId, { reason, keys })],
  });
  return user;
}

export async function reactivateUser(deps: IdentityDeps, tx: TenantTx, userId: string): Promise<User> {
  const before = await requireUser(tx, userId, true);
  if (before.active) return before;
  if (before.erasedAt) throw conflict("this person was erased", { remedy: "make a new account" });
  const user = await updateUserRow(tx, { ...before, active: true });
  await appendRow(tx, {
    action: "user.reactivated",
    entity: { type: "user", id: userId },
    units: [await personUnit(deps, tx, userId, { after: shown(user) })],
  });
  return user;
}

export async function requireUser(tx: TenantTx, userId: string, forUpdate = false): Promise<User> {
  const user = await selectUser(tx, { userId }, forUpdate);
  if (!user) throw notFound("user");
  return user;
}

/** As requireUser, for who asks to see them: who has some sites finds the people of these alone. */
export async function requireSeenUser(tx: TenantTx, userId: string): Promise<User> {
  if (!(await seesUser(tx, userId))) throw notFound("user");
  return requireUser(tx, userId);
}

export async function findUser(tx: TenantTx, userId: string): Promise<User | undefined> {
  return selectUser(tx, { userId });
}

/** As typed: compared without case. */
export async function findUserByName(tx: TenantTx, userName: string): Promise<User | undefined> {
  return selectUser(tx, { userName });
}

const shown = ({ userName, displayName, email, source, externalId }: User): object => ({
  userName,
  displayName,
  email,
  source,
  externalId,
});

function nameTaken(error: unknown): never {
  if (!isUniqueViolation(error)) throw error;
  throw conflict("this user name or external id is taken", { expected: "one that no other account has" });
}
