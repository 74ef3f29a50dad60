import { z } from "zod";
import { type TenantTx, withTenant } from "../../audit/index.ts";
import {
  type Entered,
  enteredCookies,
  type Knock,
  knock,
  knocking,
  type LdapSignInDeps,
  type SessionVerifier,
  type SignInDeps,
  selectTenantSignIn,
  type TenantSignIn,
} from "../../identity/index.ts";
import { AppError } from "../../platform/errors.ts";
import type { RequestContext, RouteResult } from "../../platform/route.ts";
import { type Alert, sentence } from "./layout.ts";

export type PageDeps = { signIn: SignInDeps; ldap: LdapSignInDeps; sessions: SessionVerifier };

export type Opened<T> = { from: Knock; organisation: TenantSignIn; found: T };

/** Where to go after signing in; `safeNext` decides. */
export const nextQuery = z.object({ next: z.string().max(2000).optional() });

/** The organisation whose page this is, and what `work` reads of it. @throws AppError `not-found`. */
export async function openPage<T>(
  { signIn }: PageDeps,
  context: RequestContext,
  work: (tx: TenantTx) => Promise<T>,
): Promise<Opened<T>> {
  const from = await knock(signIn, context);
  return withTenant(signIn.pool, knocking(from), async (tx) => ({
    from,
    organisation: await selectTenantSignIn(tx),
    found: await work(tx),
  }));
}

/** Where to go after a sign-in: a path of our own, never another site's (`//host`, `/\host`), and never back to it. */
export function safeNext(next: string | undefined): string {
  const isPath = next !== undefined && next.length <= 2000 && /^\/(?![/\\])[\x21-\x7e]*$/.test(next);
  return isPath && !/^\/(?:login|setup|saml)(?:[/?#]|$)/.test(next) ? next : HOME;
}

/** Where people go who did not want to go anywhere else. */
const HOME = "/console/";

export const goTo = (location: string, cookies: string[] = []): RouteResult => ({
  status: 303,
  headers: { location, ...(cookies.length > 0 && { "set-cookie": cookies }) },
});

/** Onwards, with its cookies: to the second factor, or to where the person wanted to go (absent: to where the work is). */
export function goOn(
  from: Knock,
  organisation: TenantSignIn,
  { entered, next = HOME }: { entered: Entered; next?: string },
): RouteResult {
  const cookies = enteredCookies(from, entered);
  if (entered.state === "second-factor") {
    return goTo(`/login/${organisation.slug}/second-factor?next=${encodeURIComponent(next)}`, cookies);
  }
  // Until they have a second factor, they reach nothing beyond their own account.
  const ownAccountAlone = organisation.mfaRequired && entered.session.strength === 1;
  return goTo(next === HOME && ownAccountAlone ? "/account" : next, cookies);
}

/** What a person at a form can be told of an error, and the status it has. @throws what is no matter of the form. */
export function alertOf(error: unknown, correlation: string): { alert: Alert; status: number } {
  const statuses: Record<string, number> = {
    "sign-in-refused": 401,
    "too-many": 429,
    busy: 503,
    invalid: 400,
    conflict: 409,
    "outbound-failed": 502,
    "mail-failed": 502,
    "mail-refused": 502,
  };
  const status = error instanceof AppError ? statuses[error.code] : undefined;
  if (!(error instanceof AppError) || status === undefined) throw error;
  const alert = { text: sentence(error.message), remedy: error.remedy, ...(status !== 400 && { correlation }) };
  return { alert, status };
}
