import { appendRow, type TenantTx, withTenant } from "../../audit/index.ts";
import { AppError, conflict, invalid } from "../../platform/errors.ts";
import { hashToken, newToken } from "../../platform/tokens.ts";
import { countLocalOwners } from "../access/store.ts";
import { type IdentityDeps, personUnit } from "../deps.ts";
import { afterFirstFactor, type Entered } from "../mfa/pending.ts";
import { deletePendingOf } from "../mfa/store-pending.ts";
import type { User } from "../people/store-users.ts";
import { requireUser } from "../people/users.ts";
import { endSessionsOf } from "../sessions/sessions.ts";
import { type Knock, knocking, type SignInDeps } from "./deps.ts";
import { checkPassword } from "./password-rules.ts";
import { mustUseSso, recordRefusal } from "./refuse.ts";
import {
  insertLink,
  type LinkPurpose,
  markLinkUsed,
  type SignInLink,
  selectTenantSignIn,
  selectUsableLink,
  upsertPassword,
} from "./store.ts";
import { forgetPasswordTries } from "./tries.ts";

const LINK_HOURS = 72;

/** `url` is the only copy of the token; it stands behind the #, which browsers keep to themselves. */
export type CreatedLink = { url: string; expiresAt: string };

/**
 * A link by which this person, and nobody without it, sets a password: once, within 72 hours, in place of every earlier one.
 * The password they have stays until then.
 */
export async function createLink(
  deps: IdentityDeps & { publicUrl: string | undefined },
  tx: TenantTx,
  user: User,
  purpose: LinkPurpose,
): Promise<CreatedLink> {
  const { userId, source, active } = user;
  if (source !== "local") {
    throw conflict("this account is kept by a directory", {
      found: source,
      expected: "local",
      remedy: "its password is the directory's matter",
    });
  }
  if (!active) throw conflict("this account is deactivated", { remedy: "reactivate it first" });
  if (!deps.publicUrl) {
    throw invalid("links need the appliance's own address", {
      found: "no http.publicUrl",
      expected: "https://… as people reach it",
      remedy: "set http.publicUrl in the configuration",
    });
  }
  const token = newToken();
  const link = await insertLink(tx, { userId, purpose, tokenHash: hashToken(token), hours: LINK_HOURS });
  await appendRow(tx, {
    action: "sign-in-link.created",
    entity: { type: "sign-in-link", id: link.linkId },
    units: [await personUnit(deps, tx, userId, { userId, purpose, expiresAt: link.expiresAt }, "detail")],
  });
  const { slug } = await selectTenantSignIn(tx);
  return { url: `${deps.publicUrl.replace(/\/+$/, "")}/setup/${slug}#${token}`, expiresAt: link.expiresAt };
}

type Given = { token: string; password: string };

/**
 * Sets a password by a link. The link is spent, every session of the person ends, and they go on as behind a right password: who
 * has a second factor must show it. @throws AppError `invalid` for a password that cannot be used; the link stays good then.
 */
export async function setPasswordByLink(deps: SignInDeps, knock: Knock, { token, password }: Given): Promise<Entered> {
  const { pool } = deps;
  const { address, userAgent, device } = knock;
  const found = await withTenant(pool, knocking(knock), async (tx) => {
    const found = await findLink(tx, token);
    const userId = found?.link.userId ?? null;
    const closed = userId !== null && (await isClosed(deps, tx, userId));
    const reason = closed ? "sso-enforced" : "link";
    if (!found || closed) await recordRefusal(deps, tx, { reason, userId, address, userAgent });
    return closed ? "sso-enforced" : found;
  });
  if (found === "sso-enforced") throw mustUseSso();
  if (!found) throw deadLink();
  checkPassword(password, found.about);
  const hash = await deps.passwords.hash(password);
  return withTenant(pool, knocking(knock), async (tx) => {
    const { linkId, userId, purpose } = found.link;
    if (!(await markLinkUsed(tx, linkId))) throw deadLink();
    const user = await requireUser(tx, userId, true);
    await putPassword(deps, tx, { user, hash, purpose });
    return afterFirstFactor(deps, tx, { userId, via: "web", address, userAgent, device });
  });
}

/** Whether the identity provider is the way in for this person: a link must be none round it. */
async function isClosed({ isSsoEnforced }: SignInDeps, tx: TenantTx, userId: string): Promise<boolean> {
  return (await isSsoEnforced(tx)) && (await countLocalOwners(tx, userId)) === 0;
}

async function findLink(tx: TenantTx, token: string): Promise<{ link: SignInLink; about: string[] } | undefined> {
  const link = await selectUsableLink(tx, hashToken(token));
  const user = link && (await requireUser(tx, link.userId));
  return link && user?.active ? { link, about: await wordsAbout(tx, user) } : undefined;
}

/** What a password must not follow from. */
export async function wordsAbout(tx: TenantTx, user: User): Promise<string[]> {
  const { name, slug } = await selectTenantSignIn(tx);
  return [user.userName, user.displayName, user.email ?? "", name, slug, "ledgerstone"];
}

type NewPassword = { user: User; hash: string; purpose: LinkPurpose | "change"; keepSession?: string };

/** Stores a password; all sessions but one named end, and what was begun with the old one. */
export async function putPassword(
  deps: SignInDeps,
  tx: TenantTx,
  { user, hash, purpose, keepSession }: NewPassword,
): Promise<void> {
  const { userId } = user;
  await upsertPassword(tx, userId, hash);
  await deletePendingOf(tx, userId);
  await forgetPasswordTries(deps, tx, user);
  await endSessionsOf(tx, userId, "password-changed", keepSession);
  await appendRow(tx, {
    action: purpose === "change" ? "password.changed" : "password.set",
    entity: { type: "user", id: userId },
    units: [{ name: "detail", content: JSON.stringify({ purpose }) }],
  });
  if (purpose === "change") await deps.notify?.(tx, userId, "password-changed");
  if (purpose === "reset") await deps.notify?.(tx, userId, "password-reset");
}

const deadLink = (): AppError =>
  new AppError("sign-in-refused", "this link cannot be used", {
    found: "one that was used, replaced, or is older than 72 hours, or a code that was not copied whole",
    remedy: "ask an administrator for a new link",
  });
