import { appendRow, type TenantTx } from "../../audit/index.ts";
import { isUniqueViolation, sqlState } from "../../platform/db.ts";
import { conflict, notFound } from "../../platform/errors.ts";
import { keepingAnOwner } from "../access/grants.ts";
import {
  deleteGroupRow,
  deleteMembers,
  type Group,
  insertGroup,
  insertMembers,
  seesGroup,
  selectGroup,
  selectMembers,
  updateGroupRow,
} from "./store-groups.ts";

/** @throws AppError `conflict` when the name is taken. */
export async function createGroup(tx: TenantTx, wanted: Pick<Group, "name" | "source" | "externalId">): Promise<Group> {
  const group = await insertGroup(tx, wanted).catch(nameTaken);
  await append(tx, "group.created", group.groupId, { after: wanted });
  return group;
}

export async function changeGroup(
  tx: TenantTx,
  groupId: string,
  change: Partial<Pick<Group, "name" | "externalId">>,
): Promise<Group> {
  const { name, externalId } = await requireGroup(tx, groupId, true);
  const before = { name, externalId };
  const after = { ...before, ...change };
  const group = await updateGroupRow(tx, { groupId, ...after }).catch(nameTaken);
  await append(tx, "group.changed", groupId, { before, after });
  return group;
}

/** Its grants end with it. @throws AppError `conflict` when the last local owner is one by this group. */
export async function deleteGroup(tx: TenantTx, groupId: string): Promise<void> {
  const { name } = await requireGroup(tx, groupId, true);
  await keepingAnOwner(tx, () => deleteGroupRow(tx, groupId));
  await append(tx, "group.deleted", groupId, { before: { name } });
}

/** Adds and removes members; who is already what is asked stays so. @throws AppError `not-found` for an unknown user. */
export async function changeMembers(
  tx: TenantTx,
  groupId: string,
  { add = [], remove = [] }: { add?: readonly string[]; remove?: readonly string[] },
): Promise<void> {
  const group = await requireGroup(tx, groupId, true);
  const removed = remove.length > 0 ? await keepingAnOwner(tx, () => deleteMembers(tx, groupId, remove)) : 0;
  const added = add.length > 0 ? await insertMembers(tx, groupId, add).catch(unknownUser) : 0;
  if (added + removed === 0) return;
  await updateGroupRow(tx, group);
  await append(tx, "group.members-changed", groupId, { added: add, removed: remove });
}

/** Exactly these. */
export async function setMembers(tx: TenantTx, groupId: string, userIds: readonly string[]): Promise<void> {
  const present = new Set(await selectMembers(tx, groupId));
  const wanted = new Set(userIds);
  await changeMembers(tx, groupId, {
    add: [...wanted].filter((userId) => !present.has(userId)),
    remove: [...present].filter((userId) => !wanted.has(userId)),
  });
}

export async function requireGroup(tx: TenantTx, groupId: string, forUpdate = false): Promise<Group> {
  const group = await selectGroup(tx, groupId, forUpdate);
  if (!group) throw notFound("group");
  return group;
}

/** As requireGroup, for who asks to see it: who has some sites finds the groups of these alone. */
export async function requireSeenGroup(tx: TenantTx, groupId: string): Promise<Group> {
  if (!(await seesGroup(tx, groupId))) throw notFound("group");
  return requireGroup(tx, groupId);
}

/** Their ids. @throws AppError `not-found`. */
export async function listMembers(
  tx: TenantTx,
  groupId: string,
  page: { after?: string | undefined; limit: number },
): Promise<string[]> {
  await requireSeenGroup(tx, groupId);
  return selectMembers(tx, groupId, page);
}

async function append(tx: TenantTx, action: string, id: string, change: object): Promise<void> {
  await appendRow(tx, {
    action,
    entity: { type: "group", id },
    units: [{ name: "change", content: JSON.stringify(change) }],
  });
}

function nameTaken(error: unknown): never {
  if (!isUniqueViolation(error)) throw error;
  throw conflict("this group name is taken", { expected: "a name that no other group has" });
}

function unknownUser(error: unknown): never {
  if (sqlState(error) !== "23503") throw error;
  throw notFound("user");
}
