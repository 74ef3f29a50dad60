import assert from "node:assert/strict";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { type Appliance, type ApplianceTenant, startAppliance } from "../support/appliance.ts";
import { launchChromium } from "../support/chromium.ts";
import { certificateAuthority } from "../support/pki.ts";
import { raw } from "./raw.ts";

type Asked = { status?: number; body?: string; limit?: string | null; error?: string };

describe("http: pages of other origins", function () {
  this.timeout(120_000);
  let appliance: Appliance;
  let tenant: ApplianceTenant;
  let other: Server;
  let origin: string;
  let keys: { listed: string; none: string; elsewhere: string };
  let browser: Browser;
  let page: Page;

  before(async () => {
    appliance = await startAppliance();
    tenant = await appliance.createTenant("Alder");
    const { cert, key } = await (await certificateAuthority("Pages")).issue({
      cn: "localhost",
      usage: "server",
      names: ["localhost"],
    });
    other = createServer({ cert, key }, (_req, res) => res.setHeader("content-type", "text/html").end("<p>a page</p>"));
    await new Promise<void>((resolve) => other.listen(0, "localhost", resolve));
    origin = `https://localhost:${(other.address() as AddressInfo).port}`;
    const make = async (corsOrigins: string[]): Promise<string> => {
      const body = { name: "page", permissions: ["sites:read", "sites:write"], corsOrigins };
      const made = await appliance.call(tenant.apiKey, "POST", "/api/v1/api-keys", body);
      assert.equal(made.status, 201, made.body);
      return made.json<{ key: string }>().key;
    };
    keys = { listed: await make([origin]), none: await make([]), elsewhere: await make(["https://other.example"]) };
    browser = await launchChromium();
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    // What a browser would send by itself to every page of this host.
    await context.addCookies([{ name: "__Host-ledgerstone", value: "x", url: appliance.apiUrl, secure: true }]);
    page = await context.newPage();
    await page.goto(origin);
  });
  after(async () => {
    await browser?.close();
    other?.closeAllConnections();
    await new Promise((resolve) => other?.close(resolve));
    await appliance?.stop();
  });

  /** What a page of the other origin gets. */
  const ask = (key: string, method = "GET", credentials: RequestCredentials = "omit"): Promise<Asked> =>
    page.evaluate(
      async ({ url, key, method, credentials }) => {
        try {
          const answer = await fetch(url, {
            method,
            credentials,
            headers: {
              authorization: `Bearer ${key}`,
              ...(method === "POST" && { "content-type": "application/json" }),
            },
            ...(method === "POST" && { body: JSON.stringify({ name: "from a page" }) }),
          });
          return { status: answer.status, body: await answer.text(), limit: answer.headers.get("ratelimit-limit") };
        } catch (error) {
          return { error: String(error) };
        }
      },
      { url: `${appliance.apiUrl}/api/v1/sites`, key, method, credentials },
    );
  const made = async () =>
    (await appliance.superuser.query("select 1 from sites where name = 'from a page'")).rowCount ?? 0;
  const send = (method: string, headers: Record<string, string>, key?: string) =>
    raw(`${appliance.apiUrl}/api/v1/sites`, {
      method,
      ca: appliance.ca,
      headers: { ...(key && { authorization: `Bearer ${key}` }), ...headers },
    });

  it("a browser lets a page of a listed origin read and change", async () => {
    const read = await ask(keys.listed);
    assert.equal(read.status, 200, JSON.stringify(read));
    assert.match(read.limit ?? "", /^\d+$/, "the page can read the limits");
    assert.equal((await ask(keys.listed, "POST")).status, 201);
    assert.equal(await made(), 1);
  });

  it("a key without origins, or with others, does nothing from a page", async () => {
    for (const key of [keys.none, keys.elsewhere]) {
      assert.match((await ask(key)).error!, /Failed to fetch/);
      assert.match((await ask(key, "POST")).error!, /Failed to fetch/);
    }
    assert.equal(await made(), 1, "an answer that cannot be read would still be a change");
  });

  it("cookies never count", async () => {
    assert.match((await ask(keys.listed, "GET", "include")).error!, /Failed to fetch/);
    const answer = await send("GET", { origin }, keys.listed);
    assert.equal(answer.headers["access-control-allow-credentials"], undefined);
  });

  it("the answers say so by their headers alone", async () => {
    const question = { origin, "access-control-request-method": "POST" };
    const yes = await send("OPTIONS", question);
    assert.equal(yes.status, 204);
    assert.equal(yes.headers["access-control-allow-origin"], origin);
    assert.match(String(yes.headers["access-control-allow-headers"]), /Idempotency-Key, If-Match/);
    assert.doesNotMatch(String(yes.headers["access-control-allow-headers"]), /csrf|\*/i);
    assert.match(String(yes.headers.vary), /Origin/);
    for (const strange of [
      "https://evil.example",
      "null",
      `${origin}.evil.example`,
      origin.replace("https", "http"),
      "*",
    ]) {
      const no = await send("OPTIONS", { ...question, origin: strange });
      assert.deepEqual([no.status, no.headers["access-control-allow-origin"]], [403, undefined], strange);
      const refused = await send("GET", { origin: strange }, keys.listed);
      assert.deepEqual([refused.status, refused.headers["access-control-allow-origin"]], [403, undefined], strange);
    }
    const own = await send("GET", { origin: appliance.apiUrl }, keys.none);
    assert.deepEqual([own.status, own.headers["access-control-allow-origin"]], [200, undefined], "our own pages");
    const plain = await send("GET", {}, keys.listed);
    assert.equal(plain.headers["access-control-allow-origin"], undefined);
    assert.match(String(plain.headers.vary), /Origin/);
  });

  it("an origin goes with its last key, at once", async () => {
    const listed = await appliance.call(tenant.apiKey, "GET", "/api/v1/api-keys");
    const { apiKeys } = listed.json<{ apiKeys: { keyId: string; corsOrigins: string[] }[] }>();
    const { keyId } = apiKeys.find(({ corsOrigins }) => corsOrigins.includes(origin))!;
    await appliance.call(tenant.apiKey, "DELETE", `/api/v1/api-keys/${keyId}`);
    assert.equal((await send("OPTIONS", { origin, "access-control-request-method": "GET" })).status, 403);
  });
});
