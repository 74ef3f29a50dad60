import { type TenantTx, withTenant } from "../../audit/index.ts";
import { notFound } from "../../platform/errors.ts";
import { definePublicRoute, type PublicRoute, type RouteResult } from "../../platform/route.ts";
import { deviceCookie, deviceToken } from "../anomalies/places.ts";
import { readCookies, sessionCookie } from "../sessions/cookie.ts";
import { selectTenantBySlug } from "../sessions/store.ts";
import { BINDING_COOKIE, beginSignIn, bindingCookie } from "./begin.ts";
import { ownAddresses } from "./configure.ts";
import type { SamlDeps } from "./deps.ts";
import { finishSignIn, signInPrincipal } from "./finish.ts";
import { anyForm, loginQuery } from "./schema.ts";
import { spMetadata } from "./service-provider.ts";
import { listKeys } from "./sp-keys.ts";
import { selectConfiguration } from "./store.ts";

/** What a browser is shown that comes from the provider and is not signed in. */
export type SamlPages = {
  refused(told: { correlation: string; slug: string }): RouteResult;
  tested(): RouteResult;
};

const landing = "/console/";
const slugParam = { slug: /^[a-z0-9-]{1,40}$/ };

/** Sign-in itself: without a credential, the tenant by its public name. */
export function samlPublicRoutes(deps: SamlDeps, pages: SamlPages): PublicRoute[] {
  const tenantOf = async (slug: string | undefined): Promise<string> => {
    const tenantId = slug && (await selectTenantBySlug(deps.pool, slug));
    if (!tenantId) throw notFound("page");
    return tenantId;
  };
  return [
    definePublicRoute({
      method: "get",
      path: "/saml/:slug/login",
      summary: "Sends the browser to the tenant's identity provider.",
      rate: "general",
      params: slugParam,
      query: loginQuery,
      status: 302,
      async handler({ params, query, req, correlation }) {
        const principal = signInPrincipal(await tenantOf(params.slug), correlation);
        const held = readCookies(req.headers.cookie)[BINDING_COOKIE];
        const device = deviceToken(req.headers.cookie);
        const { redirectUrl, binding } = await withTenant(deps.pool, principal, (tx) =>
          beginSignIn(deps, tx, { binding: held, device, testId: query.test ?? null }),
        );
        const cookies = [bindingCookie(binding), deviceCookie(device)];
        return { headers: { location: redirectUrl, "set-cookie": cookies } };
      },
    }),
    definePublicRoute({
      method: "post",
      path: "/saml/:slug/acs",
      summary: "Assertion consumer service: takes what the identity provider posts, and begins a session.",
      rate: "auth",
      params: slugParam,
      form: true,
      crossSite: true,
      body: anyForm,
      sends: ["text/html"],
      status: 303,
      problems: [403],
      action: "saml.signed-in",
      async handler({ params, body, req, address, correlation }) {
        const outcome = await finishSignIn(deps, {
          tenantId: await tenantOf(params.slug),
          form: body,
          binding: readCookies(req.headers.cookie)[BINDING_COOKIE],
          address,
          userAgent: req.headers["user-agent"] ?? "",
          correlation,
        });
        if (outcome.kind === "refused") return pages.refused({ correlation, slug: params.slug! });
        if (outcome.kind === "tested") return pages.tested();
        return { headers: { location: landing, "set-cookie": sessionCookie(outcome.token) } };
      },
    }),
    definePublicRoute({
      method: "get",
      path: "/saml/:slug/metadata",
      summary: "The tenant's service provider as SAML 2.0 metadata, with the keys in use and to come.",
      rate: "general",
      params: slugParam,
      sends: ["application/samlmetadata+xml"],
      async handler({ params, res, correlation }) {
        const principal = signInPrincipal(await tenantOf(params.slug), correlation);
        const xml = await withTenant(deps.pool, principal, (tx) => metadataOf(deps, tx));
        res.setHeader("content-type", "application/samlmetadata+xml");
        res.end(xml);
        return undefined;
      },
    }),
  ];
}

async function metadataOf(deps: SamlDeps, tx: TenantTx): Promise<string> {
  const keys = await listKeys(tx);
  const certificates = (["current", "next"] as const).flatMap((state) =>
    keys.filter((key) => key.state === state).map(({ certificate }) => certificate),
  );
  if (certificates.length === 0) throw notFound("metadata");
  const profile = (await selectConfiguration(tx))?.settings.profile ?? "response-and-assertion";
  return spMetadata({ addresses: await ownAddresses(deps, tx), certificates, profile });
}
