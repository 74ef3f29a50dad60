import { isDeepStrictEqual } from "node:util";
import { appendRow, type TenantTx } from "../../audit/index.ts";
import { isUniqueViolation } from "../../platform/db.ts";
import { forbidden, notFound } from "../../platform/errors.ts";
import { revokeGrant } from "../access/grants.ts";
import { selectGrants } from "../access/store.ts";
import { type IdentityDeps, personUnit } from "../deps.ts";
import { changeMembers } from "../people/groups.ts";
import { insertUser, type User, updateUserRow } from "../people/store-users.ts";
import { deactivateUser, findUserByName, reactivateUser, requireUser } from "../people/users.ts";
import { ENTERPRISE_URN, userType } from "./attributes.ts";
import { ScimError } from "./errors.ts";
import { requireMatch } from "./match.ts";
import { applyOperations } from "./patch.ts";
import { readOperations } from "./patch-operations.ts";
import { userValues } from "./present.ts";
import {
  lockGroupsOf,
  markRemoved,
  putScimAttributes,
  type ScimAttributes,
  type ScimUserRow,
  selectRemovedUser,
  selectScimUser,
} from "./store.ts";
import { checkResource, readResource, type Values } from "./values.ts";

/** A person whom the directory names. @throws ScimError; AppError `not-found` or `forbidden`. */
export async function requireScimUser(tx: TenantTx, userId: string): Promise<ScimUserRow> {
  const row = await selectScimUser(tx, userId);
  if (!row) throw notFound("user");
  if (row.source === "scim" || row.source === "saml") return row;
  throw forbidden(
    row.source === "local"
      ? "this account is the appliance's own: SCIM may not touch it"
      : "this account is kept by LDAP: SCIM may not touch it",
  );
}

/** POST. Somebody whom the directory took back and names again by the same externalId comes back; all others are new. */
export async function createScimUser(deps: IdentityDeps, tx: TenantTx, body: unknown): Promise<ScimUserRow> {
  const wanted = readResource(userType, body);
  checkResource(userType, wanted);
  const account = accountOf(wanted);
  const removed = account.externalId ? await selectRemovedUser(tx, account.externalId) : undefined;
  if (removed) return bringBack(deps, tx, removed, wanted);
  await requireFree(tx, account.userName);
  const user = await insertUser(tx, { ...account, source: "scim" }).catch(taken);
  await putScimAttributes(tx, user.userId, attributesOf(wanted));
  await appendRow(tx, {
    action: "user.created",
    entity: { type: "user", id: user.userId },
    units: [await personUnit(deps, tx, user.userId, { after: { source: "scim", ...wanted } })],
  });
  if (wanted.active === false) await deactivateUser(deps, tx, user.userId, "scim");
  return requireScimUser(tx, user.userId);
}

/** PUT. What is not in the body goes, but for `active`, which stays as it is unless it is said. */
export async function replaceScimUser(
  deps: IdentityDeps,
  tx: TenantTx,
  { userId, ifMatch, body }: { userId: string; ifMatch: string | undefined; body: unknown },
): Promise<ScimUserRow> {
  const wanted = readResource(userType, body);
  checkResource(userType, wanted);
  const { row, user } = await hold(tx, userId, ifMatch);
  return change(deps, tx, { row, user, wanted: { active: row.active, ...wanted } });
}

/** PATCH: all operations or none. */
export async function patchScimUser(
  deps: IdentityDeps,
  tx: TenantTx,
  { userId, ifMatch, body }: { userId: string; ifMatch: string | undefined; body: unknown },
): Promise<ScimUserRow> {
  const operations = readOperations(body);
  const { row, user } = await hold(tx, userId, ifMatch);
  const wanted = applyOperations(userType, { id: userId, values: userValues(row) }, operations);
  return change(deps, tx, { row, user, wanted });
}

/**
 * DELETE: the directory takes the person back. Sessions, keys, memberships and own grants end; SCIM shows the person no more, and
 * the user name is free again. The account itself stays, since the ledger names it; an erasure request takes its personal data.
 */
export async function removeScimUser(
  deps: IdentityDeps,
  tx: TenantTx,
  { userId, ifMatch }: { userId: string; ifMatch: string | undefined },
): Promise<void> {
  // Groups before people, as everything that changes members locks them.
  const groupIds = await lockGroupsOf(tx, userId);
  const { row, user } = await hold(tx, userId, ifMatch);
  await updateUserRow(tx, { ...user, userName: `removed-${userId}`, source: "scim" });
  await markRemoved(tx, userId);
  // Rows of the ledger last: whoever waits for the chain's head must hold nothing that is asked for here.
  await deactivateUser(deps, tx, userId, "scim");
  for (const groupId of groupIds) await changeMembers(tx, groupId, { remove: [userId] });
  for (const { grantId } of await selectGrants(tx, { userId })) await revokeGrant(tx, null, grantId);
  await appendRow(tx, {
    action: "user.removed",
    entity: { type: "user", id: userId },
    units: [await personUnit(deps, tx, userId, { before: userValues(row) })],
  });
}

/** Holds the person's row, so that of two changes with one ETag the second sees the first. */
async function hold(
  tx: TenantTx,
  userId: string,
  ifMatch: string | undefined,
): Promise<{ row: ScimUserRow; user: User }> {
  await requireScimUser(tx, userId);
  const user = await requireUser(tx, userId, true);
  const row = await requireScimUser(tx, userId);
  requireMatch(ifMatch, row);
  return { row, user };
}

type Change = { row: ScimUserRow; user: User; wanted: Values };

async function change(deps: IdentityDeps, tx: TenantTx, { row, user, wanted }: Change): Promise<ScimUserRow> {
  const { active: before, ...had } = userValues(row);
  const { active = before, ...has } = wanted;
  const changes = !isDeepStrictEqual(had, has) || user.source !== "scim";
  if (changes) {
    const account = accountOf(wanted);
    if (account.userName.toLowerCase() !== user.userName.toLowerCase()) await requireFree(tx, account.userName);
    await updateUserRow(tx, { ...user, ...account, source: "scim" }).catch(taken);
    await putScimAttributes(tx, row.userId, attributesOf(wanted));
  }
  if (before && !active) await deactivateUser(deps, tx, row.userId, "scim");
  if (!before && active) await reactivateUser(deps, tx, row.userId);
  if (changes) {
    const said = { before: { source: user.source, ...had }, after: { source: "scim", ...has } };
    await appendRow(tx, {
      action: "user.changed",
      entity: { type: "user", id: row.userId },
      units: [await personUnit(deps, tx, row.userId, said)],
    });
  }
  return requireScimUser(tx, row.userId);
}

async function bringBack(deps: IdentityDeps, tx: TenantTx, userId: string, wanted: Values): Promise<ScimUserRow> {
  const account = accountOf(wanted);
  await requireFree(tx, account.userName);
  const user = await requireUser(tx, userId, true);
  // Another request may have brought the person back since.
  if (await selectScimUser(tx, userId)) throw isTaken();
  await updateUserRow(tx, { ...user, ...account }).catch(taken);
  await putScimAttributes(tx, userId, attributesOf(wanted));
  await appendRow(tx, {
    action: "user.restored",
    entity: { type: "user", id: userId },
    units: [await personUnit(deps, tx, userId, { after: wanted })],
  });
  if (wanted.active !== false) await reactivateUser(deps, tx, userId);
  return requireScimUser(tx, userId);
}

async function requireFree(tx: TenantTx, userName: string): Promise<void> {
  const holder = await findUserByName(tx, userName);
  if (!holder) return;
  const whose = { local: "an account of the appliance's own", ldap: "an account that LDAP keeps" };
  throw new ScimError("uniqueness", "this userName is taken", {
    found: whose[holder.source as keyof typeof whose] ?? `user ${holder.userId}`,
    expected: "one that no other account has",
  });
}

// Another request took it meanwhile, or another person has this externalId.
function taken(error: unknown): never {
  if (!isUniqueViolation(error)) throw error;
  throw isTaken();
}

const isTaken = (): ScimError =>
  new ScimError("uniqueness", "this userName or externalId is taken", { expected: "one that no other account has" });

/** The columns of users. An account has a name to show even if the directory sends none. */
function accountOf(values: Values): Pick<User, "userName" | "displayName" | "email" | "externalId"> {
  const { userName, externalId, displayName } = values as Record<string, string | undefined>;
  const { formatted, givenName, familyName } = (values.name ?? {}) as Record<string, string | undefined>;
  const made = [givenName, familyName].filter(Boolean).join(" ");
  const emails = (values.emails ?? []) as { value: string; type?: string; primary?: boolean }[];
  const chosen = emails.find(({ primary }) => primary) ?? emails.find(({ type }) => type === "work") ?? emails[0];
  return {
    userName: userName!,
    externalId: externalId ?? null,
    displayName: (displayName || formatted || made || userName!).slice(0, 200),
    email: chosen?.value ?? null,
  };
}

/** What scim_users keeps: everything that users has no column for, and the name as it came. */
function attributesOf(values: Values): ScimAttributes {
  const { userName: _, externalId: __, active: ___, ...attributes } = values;
  const emails = (values.emails ?? []) as { value: string; type?: string }[];
  const manager = (values[ENTERPRISE_URN] as Values | undefined)?.manager as Values | undefined;
  return {
    attributes,
    emailKeys: [...new Set(emails.flatMap(({ value, type }) => [`\t${value}`, `${type ?? ""}\t${value}`]))].map((key) =>
      key.toLowerCase(),
    ),
    manager: typeof manager?.value === "string" ? manager.value : null,
  };
}
