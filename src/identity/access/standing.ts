import type { TenantTx } from "../../audit/index.ts";
import { forbidden } from "../../platform/errors.ts";
import type { Act } from "../approvals/acts.ts";
import { type Access, accessFrom, lacking, standingOf } from "./access.ts";
import { selectGroupGrants } from "./store.ts";

/** What every member of a group has by it now. */
export async function accessOfGroup(tx: TenantTx, groupId: string): Promise<Access> {
  return accessFrom(await selectGroupGrants(tx, groupId));
}

/** Who changes somebody's account, or ends it, could use or lame it: so nobody does so to a person who may do more than he may. */
export async function requireNotAbove(tx: TenantTx, own: Access, userId: string): Promise<void> {
  refuseMore(own, await standingOf(tx, userId), "this person may do more than you");
}

/** Who puts people into a group, or takes them out, gives and takes all that the group has. */
export async function requireGroupWithin(tx: TenantTx, own: Access, groupId: string): Promise<void> {
  refuseMore(own, await accessOfGroup(tx, groupId), "this group may do more than you");
}

/**
 * What it is to take somebody's place, or to let them in again: an act of high stakes when they may decide on requests, or would if their
 * account were active. Else one owner could put another out, take their second factors and let them in again, alone. Who could not do it
 * with a second person either need not ask for one. @throws AppError `forbidden`.
 */
export async function stakesOf(tx: TenantTx, own: Access, userId: string): Promise<Act | undefined> {
  const theirs = await standingOf(tx, userId);
  refuseMore(own, theirs, "this person may do more than you");
  return theirs.has("approvals:decide") ? "access.decider" : undefined;
}

function refuseMore(own: Access, theirs: Access, message: string): void {
  const more = [...theirs].flatMap(([permission, sites]) => lacking(own, [permission], sites === "all" ? null : sites));
  if (more.length === 0) return;
  throw forbidden(`${message}: ${more.slice(0, 5).join(", ")}`, { remedy: "ask an owner" });
}
