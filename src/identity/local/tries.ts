import { appendRow, type TenantTx } from "../../audit/index.ts";
import { AppError } from "../../platform/errors.ts";
import type { IdentityDeps } from "../deps.ts";
import type { KnownBrowser } from "./known-browser.ts";
import {
  claimTry,
  deleteTries,
  deleteTriesOf,
  secondsToWait,
  selectLockedUntil,
  TRIES_TO_LOCK,
} from "./store-tries.ts";

/** What is tried: a user name as typed, or somebody's second factor; and from which browser, when they are known by it. */
export type Tried = ({ userName: string } | { factorOf: string }) & { from?: KnownBrowser | undefined };

type Account = { userId: string; userName: string };

/** Its own answer carries when to come again. */
export class TooManyTries extends AppError {
  readonly headers: Record<string, string>;

  constructor(seconds: number) {
    const wait = seconds > 90 ? `${Math.ceil(seconds / 60)} minutes` : `${seconds} seconds`;
    super("too-many", "too many tries", { remedy: `wait ${wait}, or ask an administrator to unlock the account` });
    this.headers = { "retry-after": String(seconds) };
  }
}

/** Whether this try is the one that locks. */
export const isLocking = (tries: number): boolean => tries % TRIES_TO_LOCK === 0;

/**
 * Takes one try. Names that nobody has are counted as accounts are, so that a lock tells nothing. @throws TooManyTries.
 */
export async function takeTry(deps: IdentityDeps, tx: TenantTx, tried: Tried): Promise<{ tries: number }> {
  const hash = await nameHash(deps, tx, tried);
  const claimed = await claimTry(tx, hash, tried.from?.userId);
  if (!claimed) throw new TooManyTries(await secondsToWait(tx, hash));
  return claimed;
}

/** The try was good: the count begins anew. */
export async function forgetTries(deps: IdentityDeps, tx: TenantTx, tried: Tried): Promise<void> {
  await deleteTries(tx, await nameHash(deps, tx, tried));
}

/** Those of a password, from wherever: there is a new one. */
export async function forgetPasswordTries(deps: IdentityDeps, tx: TenantTx, user: Account): Promise<void> {
  await forgetTries(deps, tx, { userName: user.userName });
  await deleteTriesOf(tx, user.userId);
}

/** By hand, before a lock ends by itself. */
export async function unlockAccount(deps: IdentityDeps, tx: TenantTx, user: Account): Promise<void> {
  await forgetPasswordTries(deps, tx, user);
  await forgetTries(deps, tx, { factorOf: user.userId });
  await appendRow(tx, { action: "sign-in.unlocked", entity: { type: "user", id: user.userId } });
}

/** Until when neither password nor second factor of this person is looked at; null: they are. */
export async function lockedUntil(deps: IdentityDeps, tx: TenantTx, user: Account): Promise<string | null> {
  const hashes = [
    await nameHash(deps, tx, { userName: user.userName }),
    await nameHash(deps, tx, { factorOf: user.userId }),
  ];
  return selectLockedUntil(tx, hashes);
}

/** Under what a person's tries are counted: for who erases them. */
export const signInSubjects = ({ userId, userName }: Account): string[] => [
  nameSubject({ userName }),
  nameSubject({ factorOf: userId }),
];

function nameSubject(tried: Tried): string {
  const name =
    "userName" in tried ? `sign-in-name:${tried.userName.toLowerCase()}` : `sign-in-factor:${tried.factorOf}`;
  return tried.from ? `sign-in-browser:${tried.from.device} ${name}` : name;
}

async function nameHash({ hashSubject }: IdentityDeps, tx: TenantTx, tried: Tried): Promise<Buffer> {
  return hashSubject(tx, nameSubject(tried));
}
