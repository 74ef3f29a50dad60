import { type TenantTx, withTenant } from "../../audit/index.ts";
import { AppError } from "../../platform/errors.ts";
import { hashToken } from "../../platform/tokens.ts";
import { countLocalOwners } from "../access/store.ts";
import { afterFirstFactor, type Entered, enter } from "../mfa/pending.ts";
import type { Proof } from "../mfa/schema.ts";
import { countPendingTry, deletePending, type Pending, selectPending } from "../mfa/store-pending.ts";
import { verifyFactor } from "../mfa/verify-factor.ts";
import type { User } from "../people/store-users.ts";
import { findUserByName } from "../people/users.ts";
import type { StartedSession } from "../sessions/sessions.ts";
import { type Knock, knocking, type SignInDeps } from "./deps.ts";
import { knownBrowser } from "./known-browser.ts";
import { mustUseSso, recordRefusal, refusedFactor, refusedSignIn, type SignInRefusal } from "./refuse.ts";
import { selectPasswordHash } from "./store.ts";
import { forgetTries, takeTry } from "./tries.ts";

/** An id that no account has. */
const NOBODY = "00000000-0000-0000-0000-000000000000";

export type Credentials = { userName: string; password: string };

/**
 * Signs in by user name and password. A name that nobody has costs the same argon2, the same count and the same answer.
 * @throws AppError `sign-in-refused`, `too-many` while locked, `busy` when too many wait.
 */
export async function signInByPassword(deps: SignInDeps, knock: Knock, given: Credentials): Promise<Entered> {
  const { pool } = deps;
  const userName = given.userName.normalize("NFC").trim();
  // Counted and committed before the password is looked at: tries at once cannot slip through between.
  const { user, hash, tries, tried } = await withTenant(pool, knocking(knock), async (tx) => {
    const tried = { userName, from: await knownBrowser(deps, tx, { userName }, knock.device) };
    const { tries } = await takeTry(deps, tx, tried);
    const user = await findUserByName(tx, userName);
    // Looked for whoever it is: what is asked of the database tells nobody who is there.
    const stored = await selectPasswordHash(tx, user?.userId ?? NOBODY);
    const hash = user?.active && user.source === "local" ? stored : undefined;
    return { user, hash, tries, tried };
  });
  // No transaction is held while argon2 works.
  const matches = await deps.passwords.verify(hash, given.password);
  const outcome = await withTenant(pool, knocking(knock), async (tx) => {
    const reason = await reasonToRefuse(deps, tx, { user, hash, matches });
    if (!reason && user) {
      await forgetTries(deps, tx, tried);
      const { address, userAgent, device } = knock;
      return afterFirstFactor(deps, tx, { userId: user.userId, via: "web", address, userAgent, device });
    }
    const { address, userAgent } = knock;
    const refused = { reason: reason ?? "unknown-user", userId: user?.userId ?? null, userName: given.userName };
    await recordRefusal(deps, tx, { ...refused, address, userAgent, tries });
    return reason === "sso-enforced" ? ("sso-enforced" as const) : null;
  });
  if (outcome === "sso-enforced") throw mustUseSso();
  if (!outcome) throw refusedSignIn();
  return outcome;
}

type Looked = { user: User | undefined; hash: string | undefined; matches: boolean };

async function reasonToRefuse(
  deps: SignInDeps,
  tx: TenantTx,
  { user, hash, matches }: Looked,
): Promise<SignInRefusal | null> {
  if (!user) return "unknown-user";
  if (!user.active) return "deactivated";
  if (!hash) return "no-password";
  if (!matches) return "password";
  // argon2 took its time: what it matched must still hold.
  if ((await selectPasswordHash(tx, user.userId)) !== hash) return "password";
  if ((await deps.isSsoEnforced(tx)) && (await countLocalOwners(tx, user.userId)) === 0) return "sso-enforced";
  return null;
}

/** The sign-in that a browser's cookie stands for. @throws AppError `sign-in-refused` when it ran out. */
export async function requirePending(tx: TenantTx, token: string | undefined): Promise<Pending> {
  const pending = token ? await selectPending(tx, hashToken(token)) : undefined;
  if (pending) return pending;
  throw new AppError("sign-in-refused", "this sign-in took too long, or was tried too often", {
    remedy: "begin again with your password",
  });
}

/** Shows the second factor that was awaited. The pending sign-in ends with it, or with its fifth wrong one. */
export async function signInBySecondFactor(
  deps: SignInDeps,
  knock: Knock,
  { token, proof }: { token: string | undefined; proof: Proof },
): Promise<StartedSession> {
  const { pool } = deps;
  const { pending, tries, tried } = await withTenant(pool, knocking(knock), async (tx) => {
    const pending = await requirePending(tx, token);
    const tried = { factorOf: pending.userId, from: await knownBrowser(deps, tx, pending, knock.device) };
    const { tries } = await takeTry(deps, tx, tried);
    if (!(await countPendingTry(tx, pending.pendingId))) throw refusedFactor();
    return { pending, tries, tried };
  });
  const { userId, pendingId, via } = pending;
  const started = await withTenant(pool, knocking(knock), async (tx) => {
    const { address, userAgent, device } = knock;
    const outcome = await verifyFactor(deps, tx, { holder: pendingId, userId }, proof);
    if (!outcome.ok) {
      await recordRefusal(deps, tx, { reason: outcome.reason, userId, address, userAgent, tries });
      return null;
    }
    if (!(await deletePending(tx, pendingId))) throw refusedFactor();
    await forgetTries(deps, tx, tried);
    return enter(deps, tx, { userId, via, address, userAgent, device }, 2);
  });
  if (!started) throw refusedFactor();
  return started;
}
