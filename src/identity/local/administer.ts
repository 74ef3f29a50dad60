import { type Principal, type TenantTx, withTenant } from "../../audit/index.ts";
import { conflict, forbidden, notFound } from "../../platform/errors.ts";
import { type Access, lacking, standingOf } from "../access/access.ts";
import { grantRole } from "../access/grants.ts";
import type { BuiltinRole } from "../access/roles.ts";
import { resetFactors } from "../mfa/factors.ts";
import type { User } from "../people/store-users.ts";
import { createUser, requireUser } from "../people/users.ts";
import type { SignInDeps } from "./deps.ts";
import { type CreatedLink, createLink } from "./links.ts";
import { unlockAccount } from "./tries.ts";

export type Invitation = {
  userName: string;
  displayName: string;
  email: string | null;
  role: BuiltinRole;
  /** Null: all sites. */
  siteIds: string[] | null;
  expiresAt: string | null;
};

/** `link` is null when it was mailed: then nobody but the person has it. */
export type Invited = { user: User; link: CreatedLink | null; mailedTo: string | null };

/**
 * Makes a local account with a role, and its link. `giver` limits the role; null for the appliance itself.
 */
export async function invite(
  deps: Pick<SignInDeps, "hashSubject" | "publicUrl">,
  tx: TenantTx,
  { giver, invitation }: { giver: Access | null; invitation: Invitation },
): Promise<{ user: User; link: CreatedLink }> {
  const { userName, displayName, email, role, siteIds, expiresAt } = invitation;
  const user = await createUser(deps, tx, { userName, displayName, email, source: "local", externalId: null });
  await grantRole(tx, giver, { to: { userId: user.userId }, role: { builtin: role }, siteIds, expiresAt });
  return { user, link: await createLink(deps, tx, user, giver ? "invite" : "setup") };
}

/** A new link for somebody who forgot the password. The second factor that they have is still asked for. */
export async function sendResetLink(
  deps: Pick<SignInDeps, "hashSubject" | "publicUrl">,
  tx: TenantTx,
  { giver, userId }: { giver: Access | null; userId: string },
): Promise<{ user: User; link: CreatedLink }> {
  const user = await mayHelp(tx, giver, userId);
  return { user, link: await createLink(deps, tx, user, "reset") };
}

/** Takes all second factors of somebody who lost theirs. @throws AppError `conflict` for one's own: another person must. */
export async function resetFactorsOf(
  deps: Pick<SignInDeps, "hashSubject" | "notify">,
  tx: TenantTx,
  { giver, userId }: { giver: Access | null; userId: string },
): Promise<void> {
  const { actor } = tx.principal;
  if (actor.type === "user" && actor.id === userId) {
    throw conflict("nobody resets their own second factors", {
      remedy: "remove them one by one on your account's page",
    });
  }
  await mayHelp(tx, giver, userId);
  await resetFactors(deps, tx, userId);
  await deps.notify?.(tx, userId, "factors-reset");
}

export async function unlock(
  deps: Pick<SignInDeps, "hashSubject">,
  tx: TenantTx,
  { giver, userId }: { giver: Access | null; userId: string },
): Promise<void> {
  await unlockAccount(deps, tx, await mayHelp(tx, giver, userId));
}

/**
 * Who gives somebody a way in could use it himself: so nobody does so for a person who may do more than he may, nor, with some sites
 * alone, for one who holds nothing there: an account is empty until somebody gives it what others then use.
 */
async function mayHelp(tx: TenantTx, giver: Access | null, userId: string): Promise<User> {
  const user = await requireUser(tx, userId, true);
  if (!giver) return user;
  const theirs = await standingOf(tx, userId);
  const more = [...theirs].flatMap(([permission, sites]) =>
    lacking(giver, [permission], sites === "all" ? null : sites),
  );
  if (theirs.size === 0 && tx.principal.sites !== "all") throw notFound("user");
  if (more.length === 0) return user;
  throw forbidden(`this person may do more than you: ${more.slice(0, 5).join(", ")}`, {
    remedy: "ask an owner, or the operator with 'ledgerstone admin recover'",
  });
}

/** Mails a link when there is an address and a server that takes it; otherwise hands it out, to be given over in person. */
export async function deliverLink(
  deps: SignInDeps,
  { user, link, organisation }: { user: User; link: CreatedLink; organisation: string },
): Promise<Invited> {
  if (!deps.mailer || !user.email) return { user, link, mailedTo: null };
  const text = [
    `Hello ${user.displayName},`,
    "",
    `set your password for Ledgerstone of ${organisation} here, with the user name ${user.userName}:`,
    "",
    link.url,
    "",
    `The link works once, until ${link.expiresAt.slice(0, 16).replace("T", " ")} UTC. Give it to nobody.`,
    "",
  ].join("\n");
  try {
    await deps.mailer.send({ to: user.email, subject: "Your access to Ledgerstone", text });
    return { user, link: null, mailedTo: user.email };
  } catch {
    // The account is made: what could not be mailed is handed over.
    return { user, link, mailedTo: null };
  }
}

/** In one transaction what changes, after it the mail: a mail tells of nothing that did not happen. */
export async function withLink(
  deps: SignInDeps,
  principal: Principal,
  work: (tx: TenantTx) => Promise<{ user: User; link: CreatedLink; organisation: string }>,
): Promise<Invited> {
  return deliverLink(deps, await withTenant(deps.pool, principal, work));
}
