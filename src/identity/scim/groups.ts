import type { TenantTx } from "../../audit/index.ts";
import { AppError, forbidden, notFound } from "../../platform/errors.ts";
import { accessOfGroup } from "../access/standing.ts";
import { selectGrants } from "../access/store.ts";
import { changeGroup, changeMembers, createGroup, deleteGroup } from "../people/groups.ts";
import { invalidValue, ScimError, shownValue } from "./errors.ts";
import { applyToGroup, type GroupValues, readGroup } from "./group-changes.ts";
import { requireMatch } from "./match.ts";
import { readOperations } from "./patch-operations.ts";
import {
  type ScimGroupRow,
  type ScimMember,
  selectCandidates,
  selectScimGroup,
  selectScimMembers,
} from "./store-groups.ts";

/** A group that the directory made. @throws AppError `not-found`, or `forbidden` for one of the appliance's own. */
export async function requireScimGroup(tx: TenantTx, groupId: string, forUpdate = false): Promise<ScimGroupRow> {
  const row = await selectScimGroup(tx, groupId, forUpdate);
  if (!row) throw notFound("group");
  if (row.source !== "scim") throw forbidden("this group is the appliance's own: SCIM may not touch it");
  return row;
}

export const membersOf = (tx: TenantTx, groupId: string): Promise<ScimMember[]> => selectScimMembers(tx, [groupId]);

/** POST. */
export async function createScimGroup(tx: TenantTx, body: unknown): Promise<ScimGroupRow> {
  const { displayName, externalId, members } = readGroup(body);
  const wanted = [...(members ?? [])];
  await requireCandidates(tx, wanted);
  const { groupId } = await createGroup(tx, { name: displayName, source: "scim", externalId }).catch(taken);
  if (wanted.length > 0) await changeMembers(tx, groupId, { add: wanted });
  return requireScimGroup(tx, groupId);
}

type Wanted = { groupId: string; ifMatch: string | undefined; body: unknown };

/** PUT. Members go when the body says so, by a list or an empty one, not when it is silent about them. */
export async function replaceScimGroup(tx: TenantTx, { groupId, ifMatch, body }: Wanted): Promise<ScimGroupRow> {
  const wanted = readGroup(body);
  const { row, values } = await hold(tx, groupId, ifMatch);
  return change(tx, { row, values, wanted: { ...wanted, members: wanted.members ?? values.members } });
}

/** PATCH: all operations or none. */
export async function patchScimGroup(tx: TenantTx, { groupId, ifMatch, body }: Wanted): Promise<ScimGroupRow> {
  const operations = readOperations(body);
  const { row, values } = await hold(tx, groupId, ifMatch);
  return change(tx, { row, values, wanted: applyToGroup({ id: groupId, values }, operations) });
}

/** DELETE: what was given to the group ends with it. */
export async function removeScimGroup(
  tx: TenantTx,
  { groupId, ifMatch }: Pick<Wanted, "groupId" | "ifMatch">,
): Promise<void> {
  requireMatch(ifMatch, await requireScimGroup(tx, groupId, true));
  await deleteGroup(tx, groupId);
}

async function hold(
  tx: TenantTx,
  groupId: string,
  ifMatch: string | undefined,
): Promise<{ row: ScimGroupRow; values: GroupValues }> {
  const row = await requireScimGroup(tx, groupId, true);
  requireMatch(ifMatch, row);
  const members = new Set((await membersOf(tx, groupId)).map(({ userId }) => userId));
  return { row, values: { displayName: row.name, externalId: row.externalId, members } };
}

type Change = { row: ScimGroupRow; values: GroupValues; wanted: GroupValues };

async function change(tx: TenantTx, { row, values, wanted }: Change): Promise<ScimGroupRow> {
  const { groupId } = row;
  const add = [...wanted.members].filter((userId) => !values.members.has(userId));
  const remove = [...values.members].filter((userId) => !wanted.members.has(userId));
  await requireCandidates(tx, add);
  if (add.length > 0) await refuseOwners(tx, groupId);
  if (wanted.displayName !== values.displayName || wanted.externalId !== values.externalId) {
    await changeGroup(tx, groupId, { name: wanted.displayName, externalId: wanted.externalId }).catch(taken);
  }
  if (add.length + remove.length > 0) await changeMembers(tx, groupId, { add, remove });
  return requireScimGroup(tx, groupId);
}

/** 400, not 404: the group is there. */
async function requireCandidates(tx: TenantTx, userIds: readonly string[]): Promise<void> {
  if (userIds.length === 0) return;
  const found = new Map((await selectCandidates(tx, userIds)).map(({ userId, mayJoin }) => [userId, mayJoin]));
  const unknown = userIds.find((userId) => !found.has(userId));
  if (unknown) throw invalidValue("a member is nobody whom SCIM knows", { found: shownValue(unknown) });
  const own = userIds.find((userId) => !found.get(userId));
  if (own) throw forbidden(`account ${own} is not the directory's: SCIM may not put it into a group`);
}

// Whoever owns the tenant, or decides on requests, is for its owners to say, not for the directory.
async function refuseOwners(tx: TenantTx, groupId: string): Promise<void> {
  const grants = await selectGrants(tx, { groupId });
  const decides = (await accessOfGroup(tx, groupId)).has("approvals:decide");
  if (!decides && !grants.some(({ builtinRole }) => builtinRole === "owner")) return;
  throw new AppError("forbidden", "members of this group are owners or decide on requests: SCIM may not make owners", {
    remedy: "give the owner's role to people, one by one, in the console",
  });
}

function taken(error: unknown): never {
  if (!(error instanceof AppError) || error.code !== "conflict" || error instanceof ScimError) throw error;
  throw new ScimError("uniqueness", "this displayName is taken", {
    expected: "one that no other group has",
    cause: error,
  });
}
