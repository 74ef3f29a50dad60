import { appendRow, type TenantTx } from "../../audit/index.ts";
import { isUniqueViolation } from "../../platform/db.ts";
import { conflict, notFound } from "../../platform/errors.ts";
import type { Access } from "../access/access.ts";
import { requireNotAbove } from "../access/standing.ts";
import { type IdentityDeps, personUnit } from "../deps.ts";
import { requireUser } from "../people/users.ts";
import { endSessionsOf } from "../sessions/sessions.ts";
import type { NewLink } from "./schema.ts";
import { addLink } from "./sign-in.ts";
import { endLink, type Link, selectLinksOf } from "./store-links.ts";
import { syncAccess } from "./sync.ts";

export async function listLinks(tx: TenantTx, userId: string): Promise<Link[]> {
  await requireUser(tx, userId);
  return selectLinksOf(tx, userId);
}

/**
 * An administrator says that this person outside is this account. Whoever links gives away all that the account may do, so he
 * must have it himself. @throws AppError `conflict` when the person is linked already or the account is not active.
 */
export async function linkUser(
  deps: IdentityDeps,
  tx: TenantTx,
  giver: Access,
  { userId, ...subject }: NewLink & { userId: string },
): Promise<Link> {
  const user = await requireUser(tx, userId, true);
  if (!user.active) throw conflict("this account is not active", { remedy: "reactivate it first" });
  await requireNotAbove(tx, giver, userId);
  return addLink(deps, tx, subject, userId, "admin").catch((error) => {
    if (!isUniqueViolation(error)) throw error;
    throw conflict("this person is linked to an account already", { remedy: "end that link first" });
  });
}

/** Ends a link with what its source gave, and the account's sessions: one of them may be by this link. */
export async function unlinkUser(
  deps: IdentityDeps,
  tx: TenantTx,
  giver: Access,
  { userId, linkId }: { userId: string; linkId: string },
): Promise<void> {
  const links = await listLinks(tx, userId);
  const link = links.find((each) => each.linkId === linkId);
  if (!link || !(await endLink(tx, userId, linkId))) throw notFound("link");
  await requireNotAbove(tx, giver, userId);
  const { kind, issuer } = link;
  const isLast = !links.some((each) => each !== link && each.kind === kind && each.issuer === issuer);
  if (isLast) await syncAccess(tx, userId, { kind, issuer }, { grants: [], groupIds: [] });
  await endSessionsOf(tx, userId, "unlinked");
  await appendRow(tx, {
    action: "directory.unlinked",
    entity: { type: "user", id: userId },
    units: [await personUnit(deps, tx, userId, { before: link })],
  });
}
