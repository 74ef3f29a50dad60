import assert from "node:assert/strict";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { type Appliance, startAppliance } from "../support/appliance.ts";
import { launchChromium } from "../support/chromium.ts";
import { type ProviderKey, type Simplesamlphp, startSimplesamlphp } from "../support/simplesamlphp.ts";
import { succeed } from "./fleet.ts";

export type SamlTenant = { tenantId: string; apiKey: string; slug: string; loginUrl: string; acsUrl: string };
export type ShownSession = {
  user: { userName: string; displayName: string; email: string; source: string };
  access: Record<string, unknown>;
};
export type Imported = { entityId: string; ssoUrl: string; certificates: { pem: string }[]; warnings: string[] };

/** An appliance with two tenants, a real identity provider that knows both, and a browser. */
export type SamlWorld = {
  provider: Simplesamlphp;
  appliance: Appliance;
  alder: SamlTenant;
  birch: SamlTenant;
  /** Fails when the answer is none of success. */
  call(apiKey: string, method: string, path: string, body?: unknown): Promise<string>;
  api<T>(tenant: SamlTenant, method: string, path: string, body?: unknown): Promise<T>;
  /** As an administrator does it: read the provider's metadata from its address, look at it, put it in force. */
  connect(tenant: SamlTenant, change?: object): Promise<Imported>;
  inBrowser<T>(work: (page: Page, context: BrowserContext) => Promise<T>): Promise<T>;
  /** Fills in the provider's form; resolves when the browser is back with us. */
  passProvider(page: Page, name: string, url: string): Promise<void>;
  session(context: BrowserContext): Promise<ShownSession | undefined>;
  signsIn(tenant: SamlTenant, name: string): Promise<ShownSession | undefined>;
  /** Reasons of the refusals in the ledger, oldest first. */
  reasons(tenant: SamlTenant): Promise<string[]>;
  stop(): Promise<void>;
};

const passwordOf = (name: string): string => `${name} may pass`;
const person = (name: string, groups: string[]) => ({
  password: passwordOf(name),
  attributes: { uid: [name], mail: [`${name}@example.test`], displayName: [`${name} of the tests`], groups },
});

/** Anna and Carla are staff, whom the mapping makes viewers; Berta is a visitor, whom it makes nothing. */
export async function openSamlWorld(
  keys: ProviderKey,
  more: (config: Record<string, Record<string, unknown>>) => void = () => {},
): Promise<SamlWorld> {
  const started: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const end of started.splice(0).reverse()) await end();
  };
  try {
    const users = {
      anna: person("anna", ["staff"]),
      berta: person("berta", ["visitors"]),
      carla: person("carla", ["staff"]),
    };
    const provider = await startSimplesamlphp({ keys, encrypt: false, users, serviceProviders: [] });
    started.push(() => provider.stop());
    const port = Number(new URL(provider.entityId).port);
    const appliance = await startAppliance({
      configure(config) {
        config.limits = { auth: 1_000, general: 1_000, settings: 1_000 };
        config.outbound = { loopbackPorts: [port], plainHttp: true };
        more(config);
      },
    });
    started.push(() => appliance.stop());
    const browser = await launchChromium();
    started.push(() => browser.close());
    const [alder, birch] = [await newTenant(appliance, "Alder"), await newTenant(appliance, "Birch")];
    const world = worldOf({ provider, appliance, browser, alder, birch, stop });
    const metadata = [];
    for (const { slug } of [alder, birch]) metadata.push(await world.call("", "GET", `/saml/${slug}/metadata`));
    await provider.configure({ serviceProviders: metadata });
    return world;
  } catch (error) {
    await stop();
    throw error;
  }
}

async function newTenant(appliance: Appliance, name: string): Promise<SamlTenant> {
  const made = await appliance.createTenant(name);
  const call = (method: string, path: string, body?: unknown) =>
    appliance.call(made.apiKey, method, `/api/v1${path}`, body);
  succeed(await call("POST", "/saml/keys"));
  const { addresses } = succeed<{ addresses: Omit<SamlTenant, "slug"> }>(await call("GET", "/saml"));
  const rules = [{ kind: "saml", value: "staff", builtinRole: "viewer" }];
  succeed(await call("PUT", "/directory/mapping", { version: 0, rules }));
  return { ...made, ...addresses, slug: addresses.loginUrl.split("/").at(-2)! };
}

type Parts = Pick<SamlWorld, "provider" | "appliance" | "alder" | "birch" | "stop"> & { browser: Browser };

function worldOf({ browser, ...parts }: Parts): SamlWorld {
  const { provider, appliance } = parts;
  const world: SamlWorld = {
    ...parts,
    async call(apiKey, method, path, body) {
      const answer = await appliance.call(apiKey, method, path, body);
      assert.ok(answer.status < 300 && answer.status !== 202, `${method} ${path}: ${answer.status} ${answer.body}`);
      return answer.body;
    },
    api: async ({ apiKey }, method, path, body) => JSON.parse(await world.call(apiKey, method, `/api/v1${path}`, body)),
    async connect(tenant, change = {}) {
      const imported = await world.api<Imported>(tenant, "POST", "/saml/metadata", { url: provider.metadataUrl });
      const { entityId, ssoUrl, certificates } = imported;
      await world.api(tenant, "PUT", "/saml", {
        enabled: true,
        idp: { entityId, ssoUrl, certificates: certificates.map(({ pem }) => pem) },
        attributes: { groups: "groups", email: "mail", displayName: "displayName" },
        ...change,
      });
      return imported;
    },
    async inBrowser(work) {
      const context = await browser.newContext({ ignoreHTTPSErrors: true });
      try {
        return await work(await context.newPage(), context);
      } finally {
        await context.close();
      }
    },
    async passProvider(page, name, url) {
      await page.goto(url);
      assert.ok(page.url().startsWith(new URL(provider.entityId).origin), page.url());
      await page.fill("input[name=username]", name);
      await page.fill("input[name=password]", passwordOf(name));
      await Promise.all([page.waitForURL(`${appliance.apiUrl}/**`), page.click("[type=submit]")]);
    },
    async session(context) {
      const answer = await context.request.get(`${appliance.apiUrl}/api/v1/session`);
      return answer.ok() ? await answer.json() : undefined;
    },
    signsIn: (tenant, name) =>
      world.inBrowser(async (page, context) => {
        await world.passProvider(page, name, tenant.loginUrl);
        return world.session(context);
      }),
    async reasons({ tenantId }) {
      const { rows } = await appliance.superuser.query<{ content: string }>(
        `select o.content from ledger.openings o join ledger.rows r using (tenant_id, seq)
          where tenant_id = $1 and action = 'saml.refused' order by seq`,
        [tenantId],
      );
      return rows.map(({ content }) => JSON.parse(content).reason);
    },
  };
  return world;
}
