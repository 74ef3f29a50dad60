import { withTenant } from "../../audit/index.ts";
import { describeSession, listFactors, listSessions, readCookies, SESSION_COOKIE } from "../../identity/index.ts";
import { type SamlDeps, samlPublicRoutes } from "../../identity/saml/routes.ts";
import { definePublicRoute, type PublicRoute } from "../../platform/route.ts";
import type { CaseDeps } from "../../retention/index.ts";
import { accountPage } from "./account-page.ts";
import { goTo, type PageDeps } from "./common.ts";
import { erasurePageRoutes } from "./erasure-routes.ts";
import { loginRoutes } from "./login-routes.ts";
import { samlPages } from "./saml-pages.ts";
import { secondFactorRoutes } from "./second-factor-routes.ts";
import { setupRoutes } from "./setup-routes.ts";

export type { PageDeps } from "./common.ts";

/** Pages that people sign in by, and their own account's. All but that work by forms alone; script adds keys and comfort. */
export function pageRoutes(deps: PageDeps & { saml: SamlDeps; cases: CaseDeps }): PublicRoute[] {
  const signIn = [...loginRoutes(deps), ...secondFactorRoutes(deps), ...setupRoutes(deps)];
  const saml = samlPublicRoutes(deps.saml, samlPages);
  return [...signIn, ...saml, accountRoute(deps), ...erasurePageRoutes(deps.cases)];
}

function accountRoute({ signIn, sessions }: PageDeps): PublicRoute {
  return definePublicRoute({
    method: "get",
    path: "/account",
    summary: "One's own account.",
    rate: "general",
    handler: async ({ req, address, correlation }) => {
      const token = readCookies(req.headers.cookie)[SESSION_COOKIE];
      const verified = token ? await sessions.verify(token, { address, correlation }) : undefined;
      if (!verified || !token) return goTo("/login");
      const { principal, access, session } = verified;
      return withTenant(signIn.pool, principal, async (tx) => {
        const own = await describeSession(tx, { ...session, token }, access);
        const factors = await listFactors(signIn, tx, own.user);
        const listed = await listSessions(tx, session.userId, session.sessionId);
        return { page: accountPage({ own, factors, sessions: listed.sessions }) };
      });
    },
  });
}
