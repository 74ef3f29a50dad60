import type { SignInDeps } from "../identity/index.ts";
import { type LdapSignInDeps, ldapSignInRoutes } from "../identity/ldap/routes.ts";
import { signInRoutes } from "../identity/local/routes.ts";
import type { PublicRoute } from "../platform/route.ts";
import { intakeRoutes } from "../retention/cases/routes.ts";
import type { CaseDeps } from "../retention/index.ts";

export type PublicRouteDeps = { signIn: SignInDeps; ldap: LdapSignInDeps; cases: CaseDeps };

/** Every route that asks for no credential. */
export function publicRoutes({ signIn, ldap, cases }: PublicRouteDeps): PublicRoute[] {
  return [...signInRoutes(signIn), ...ldapSignInRoutes(ldap), ...intakeRoutes(cases)];
}
