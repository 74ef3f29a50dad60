import { type Principal, type TenantTx, withTenant } from "../../audit/index.ts";
import { notFound } from "../../platform/errors.ts";
import { definePublicRoute, defineRoute, type PublicRoute, type Route } from "../../platform/route.ts";
import { deviceCookie, deviceToken } from "../anomalies/places.ts";
import { readCookies, sessionCookie } from "../sessions/cookie.ts";
import { selectTenantBySlug } from "../sessions/store.ts";
import { keysAnswer, metadataAnswer, openedTestAnswer, samlAnswer, testAnswer } from "./answers.ts";
import { BINDING_COOKIE, beginSignIn, bindingCookie } from "./begin.ts";
import { newSpKey } from "./certificates.ts";
import { configureSaml, ownAddresses } from "./configure.ts";
import type { SamlDeps } from "./deps.ts";
import { finishSignIn, signInPrincipal } from "./finish.ts";
import { readIdpMetadata } from "./idp-metadata.ts";
import { refusedPage, testedPage } from "./pages.ts";
import { anyForm, configureBody, loginQuery, metadataBody } from "./schema.ts";
import { spMetadata } from "./service-provider.ts";
import { addKey, listKeys, removeKey, rotateSpKey } from "./sp-keys.ts";
import { selectConfiguration } from "./store.ts";
import { openTest, readTest } from "./try-out.ts";

export type { SamlDeps } from "./deps.ts";

const landing = "/";
const slugParam = { slug: /^[a-z0-9-]{1,40}$/ };

/** Sign-in itself: without a credential, the tenant by its public name. */
export function samlPublicRoutes(deps: SamlDeps): PublicRoute[] {
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
        if (outcome.kind === "refused") return { status: 403, page: refusedPage(correlation, params.slug!) };
        if (outcome.kind === "tested") return { status: 200, page: testedPage() };
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

async function current(deps: SamlDeps, tx: TenantTx) {
  return {
    addresses: await ownAddresses(deps, tx),
    configuration: (await selectConfiguration(tx)) ?? null,
    keys: await listKeys(tx),
  };
}

/** Made before the transaction that keeps it: a key takes its time. */
async function makeKey(deps: SamlDeps, principal: Principal) {
  const { entityId } = await withTenant(deps.pool, principal, (tx) => ownAddresses(deps, tx));
  return newSpKey(new URL(entityId).hostname);
}

/** What an administrator does. */
export function samlRoutes(deps: SamlDeps): Route<Principal>[] {
  const inTenant = <T>(principal: Principal, work: (tx: TenantTx) => Promise<T>) =>
    withTenant(deps.pool, principal, work);
  const read = { permission: "sign-in:read", rate: "general" } as const;
  const write = { permission: "sign-in:write", rate: "settings" } as const;
  return [
    defineRoute<Principal>({
      ...read,
      method: "get",
      path: "/api/v1/saml",
      summary: "SAML settings in force, our keys, and what the provider is told.",
      response: samlAnswer,
      current: (tx) => current(deps, tx),
      handler: async ({ principal }) => ({ body: await inTenant(principal, (tx) => current(deps, tx)) }),
    }),
    defineRoute<Principal, typeof configureBody>({
      ...write,
      method: "put",
      path: "/api/v1/saml",
      summary: "Puts SAML settings in force.",
      highStakes: "sign-in.change",
      current: (tx) => current(deps, tx),
      action: "saml.configured",
      body: configureBody,
      response: samlAnswer,
      problems: [409],
      async handler({ principal, body }) {
        const hasKey = (await inTenant(principal, listKeys)).length > 0;
        const first = hasKey ? undefined : await makeKey(deps, principal);
        const answer = await inTenant(principal, async (tx) => {
          await configureSaml(deps, tx, body);
          if (first && (await listKeys(tx)).length === 0) await addKey(deps, tx, first);
          return current(deps, tx);
        });
        return { body: answer };
      },
    }),
    defineRoute<Principal, typeof metadataBody>({
      ...read,
      method: "post",
      path: "/api/v1/saml/metadata",
      summary: "What a provider's metadata says, from XML or an address. Changes nothing.",
      rate: "settings",
      action: null,
      body: metadataBody,
      response: metadataAnswer,
      problems: [502],
      handler: async ({ body }) => ({
        body: readIdpMetadata("xml" in body ? body.xml : await deps.fetchText(body.url)),
      }),
    }),
    ...keyRoutes(deps, write),
    defineRoute<Principal>({
      ...write,
      method: "post",
      path: "/api/v1/saml/tests",
      summary: "Opens a test: who follows its address signs in at the provider, and gets no session here.",
      action: "saml.test.opened",
      response: openedTestAnswer,
      status: 201,
      handler: async ({ principal }) => ({ body: await inTenant(principal, (tx) => openTest(deps, tx)) }),
    }),
    defineRoute<Principal>({
      ...write,
      method: "get",
      path: "/api/v1/saml/tests/:testId",
      summary: "What came of a test: name, attributes and groups as the provider says them, or why it was refused.",
      rate: "general",
      response: testAnswer,
      handler: async ({ principal, params }) => ({
        body: await inTenant(principal, (tx) => readTest(deps, tx, params.testId!)),
      }),
    }),
  ];
}

function keyRoutes(deps: SamlDeps, write: Pick<Route<Principal>, "permission" | "rate">): Route<Principal>[] {
  const keys = async (principal: Principal, work: (tx: TenantTx) => Promise<void>) =>
    withTenant(deps.pool, principal, async (tx) => {
      await work(tx);
      return { keys: await listKeys(tx) };
    });
  return [
    defineRoute<Principal>({
      ...write,
      method: "post",
      path: "/api/v1/saml/keys",
      summary: "Makes a key: the first is used at once, a later one is announced as the next.",
      stepUp: true,
      action: "saml.key.added",
      response: keysAnswer,
      status: 201,
      problems: [409],
      async handler({ principal }) {
        const made = await makeKey(deps, principal);
        return { body: await keys(principal, (tx) => addKey(deps, tx, made)) };
      },
    }),
    defineRoute<Principal>({
      ...write,
      method: "post",
      path: "/api/v1/saml/keys/rotate",
      summary: "Puts the next key into use. The one before still opens assertions, until the next rotation.",
      highStakes: "keys.rotate",
      action: "saml.key.rotated",
      response: keysAnswer,
      problems: [409],
      handler: async ({ principal }) => ({ body: await keys(principal, rotateSpKey) }),
    }),
    defineRoute<Principal>({
      ...write,
      method: "delete",
      path: "/api/v1/saml/keys/:samlKeyId",
      summary: "Destroys a key that is not in use.",
      stepUp: true,
      action: "saml.key.removed",
      status: 204,
      problems: [409],
      async handler({ principal, params }) {
        await withTenant(deps.pool, principal, (tx) => removeKey(tx, params.samlKeyId!));
        return {};
      },
    }),
  ];
}
