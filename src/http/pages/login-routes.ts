import { z } from "zod";
import type { TenantTx } from "../../audit/index.ts";
import {
  isSamlOn,
  isSsoEnforced,
  selectOnlyTenant,
  selectTenantBySlug,
  signInByLdap,
  signInByPassword,
  signInDirectories,
  slugParam,
} from "../../identity/index.ts";
import { definePublicRoute, type PublicRoute } from "../../platform/route.ts";
import { alertOf, goOn, goTo, nextQuery, openPage, type PageDeps, safeNext } from "./common.ts";
import { loginPage, organisationPage, type Ways } from "./sign-in-pages.ts";

const text = (most: number) => z.string().max(most).default("");
const loginForm = z.object({ userName: text(256), password: text(1024), way: text(64), next: text(2000) });
const entryQuery = z.object({ organisation: z.string().max(200).optional(), other: z.string().max(10).optional() });

/** How this organisation's people come in. With a provider that is enforced, directories are closed too. */
async function waysOf(tx: TenantTx): Promise<Ways> {
  const [saml, enforced] = [await isSamlOn(tx), await isSsoEnforced(tx)];
  return { saml, enforced, directories: enforced ? [] : await signInDirectories(tx) };
}

/** /login asks which organisation, unless there is one alone; /login/<name> is that organisation's. */
export function loginRoutes(deps: PageDeps): PublicRoute[] {
  return [entryRoute(deps), showRoute(deps), postRoute(deps)];
}

function entryRoute({ signIn }: PageDeps): PublicRoute {
  return definePublicRoute({
    method: "get",
    path: "/login",
    summary: "Asks for the organisation.",
    rate: "general",
    query: entryQuery,
    handler: async ({ query: { organisation, other } }) => {
      const { pool } = signIn;
      if (organisation === undefined) {
        const only = other === undefined ? await selectOnlyTenant(pool) : undefined;
        return only ? goTo(`/login/${only}`) : { page: organisationPage() };
      }
      const slug = slugOf(organisation);
      if (slugParam.slug.test(slug) && (await selectTenantBySlug(pool, slug))) return goTo(`/login/${slug}`);
      const alert = {
        text: "There is no organisation of this name here.",
        remedy: "Look at the address that you were given.",
      };
      return { status: 404, page: organisationPage({ alert, typed: organisation }) };
    },
  });
}

// As names of organisations become names in addresses (migration 0018).
const slugOf = (typed: string): string =>
  typed
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 40)
    .replace(/^-+|-+$/g, "");

function showRoute(deps: PageDeps): PublicRoute {
  return definePublicRoute({
    method: "get",
    path: "/login/:slug",
    summary: "An organisation's sign-in page.",
    rate: "general",
    params: slugParam,
    query: nextQuery,
    handler: async (context) => {
      const { organisation, found: ways } = await openPage(deps, context, waysOf);
      return { page: loginPage({ organisation, ways, next: safeNext(context.query.next) }) };
    },
  });
}

function postRoute(deps: PageDeps): PublicRoute {
  return definePublicRoute({
    method: "post",
    path: "/login/:slug",
    summary: "Signs in by user name and password.",
    rate: "auth",
    params: slugParam,
    form: true,
    action: "session.started",
    body: loginForm,
    handler: async (context) => {
      const { userName, password, way } = context.body;
      const next = safeNext(context.body.next);
      const { from, organisation, found: ways } = await openPage(deps, context, waysOf);
      const again = { organisation, ways, next, userName, way };
      if (userName.trim() === "" || password === "") {
        const alert = { text: "Type your user name and your password." };
        return { status: 400, page: loginPage({ ...again, alert }) };
      }
      try {
        const directory = ways.directories.find(({ directoryId }) => directoryId === way);
        const entered = directory
          ? await signInByLdap(deps.ldap, from, { directoryId: directory.directoryId, userName, password })
          : await signInByPassword(deps.signIn, from, { userName, password });
        return goOn(from, organisation, { entered, next });
      } catch (error) {
        const { alert, status } = alertOf(error, context.correlation);
        return { status, page: loginPage({ ...again, alert }) };
      }
    },
  });
}
