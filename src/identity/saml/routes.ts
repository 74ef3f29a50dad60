import { type Principal, type TenantTx, withTenant } from "../../audit/index.ts";
import { defineRoute, type Route } from "../../platform/route.ts";
import { keysAnswer, metadataAnswer, openedTestAnswer, samlAnswer, testAnswer } from "./answers.ts";
import { type CertificateFacts, certificateFacts, newSpKey } from "./certificates.ts";
import { configureSaml, ownAddresses } from "./configure.ts";
import type { SamlDeps } from "./deps.ts";
import { readIdpMetadata } from "./idp-metadata.ts";
import { configureBody, metadataBody } from "./schema.ts";
import { addKey, listKeys, removeKey, rotateSpKey } from "./sp-keys.ts";
import { selectConfiguration } from "./store.ts";
import { openTest, readTest } from "./try-out.ts";

export type { SamlDeps } from "./deps.ts";
export { type SamlPages, samlPublicRoutes } from "./sign-in-routes.ts";

async function current(deps: SamlDeps, tx: TenantTx) {
  const configuration = await selectConfiguration(tx);
  return {
    addresses: await ownAddresses(deps, tx),
    configuration: configuration ?? null,
    certificates: (configuration?.settings.idp.certificates ?? []).map(
      (pem) => certificateFacts(pem) as CertificateFacts,
    ),
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
  const read = { permission: "sign-in:read", rate: "general", wholeTenant: true } as const;
  const write = { permission: "sign-in:write", rate: "settings", wholeTenant: true } as const;
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
      ...write,
      method: "post",
      path: "/api/v1/saml/metadata",
      summary: "What a provider's metadata says, from XML or an address. Changes nothing.",
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
