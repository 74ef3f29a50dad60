import assert from "node:assert/strict";
import type { BrowserContext } from "playwright-core";
import { newSpKey } from "../../src/identity/saml/certificates.ts";
import { openSamlWorld, type SamlWorld } from "./saml-world.ts";

describe("journeys: signing in through SimpleSAMLphp", function () {
  this.timeout(180_000);
  let world: SamlWorld;
  const keys = newSpKey("provider");
  const nextKeys = newSpKey("provider, next");

  before(async () => {
    world = await openSamlWorld(await keys);
  });
  after(() => world?.stop());

  it("a test shows what the provider says of somebody, before anybody can sign in by it", async () => {
    const { alder, api, connect, inBrowser, passProvider, session } = world;
    const { warnings } = await connect(alder, { enabled: false });
    assert.deepEqual(warnings, []);
    const { testId, loginUrl } = await api<{ testId: string; loginUrl: string }>(alder, "POST", "/saml/tests");
    await inBrowser(async (page, context) => {
      await passProvider(page, "anna", loginUrl);
      assert.match((await page.textContent("h1")) ?? "", /test has ended/);
      assert.equal(await session(context), undefined);
    });
    const { result } = await api<{ result: { ok: boolean; person: object } }>(alder, "GET", `/saml/tests/${testId}`);
    assert.deepEqual(result.person, {
      userName: "anna",
      displayName: "anna of the tests",
      email: "anna@example.test",
      groups: ["staff"],
    });
    await inBrowser(async (page) => assert.equal((await page.goto(alder.loginUrl))?.status(), 404));
  });

  it("somebody new signs in with a response and an assertion that are signed, and has the role of his group", async () => {
    const { appliance, alder, connect, inBrowser, passProvider, session } = world;
    await connect(alder);
    await inBrowser(async (page, context) => {
      await page.goto(`${appliance.apiUrl}/login/${alder.slug}`);
      assert.equal(await page.getAttribute("a.button", "href"), new URL(alder.loginUrl).pathname);
      await passProvider(page, "anna", alder.loginUrl);
      await page.waitForURL((url) => url.pathname.startsWith("/console/"));
      const found = await session(context);
      const { userName, displayName, email, source } = found!.user;
      assert.deepEqual(
        { userName, displayName, email, source },
        {
          userName: "anna",
          displayName: "anna of the tests",
          email: "anna@example.test",
          source: "saml",
        },
      );
      assert.equal(found!.access["events:read"], "all");
      assert.equal(found!.access["sites:write"], undefined);
      const cookies = Object.fromEntries((await context.cookies()).map((cookie) => [cookie.name, cookie]));
      const { httpOnly, secure, sameSite } = cookies["__Host-ledgerstone"]!;
      assert.deepEqual({ httpOnly, secure, sameSite }, { httpOnly: true, secure: true, sameSite: "Lax" });
      assert.equal(cookies["__Host-ledgerstone-saml"]?.sameSite, "None");
      assert.equal(cookies["__Host-ledgerstone-device"]?.sameSite, "Lax");
    });
  });

  it("somebody whose groups give nothing sees a number and nothing else, under which the ledger has the reason", async () => {
    const { appliance, alder, inBrowser, passProvider, session, reasons } = world;
    await inBrowser(async (page, context) => {
      await passProvider(page, "berta", alder.loginUrl);
      assert.match((await page.textContent("h1")) ?? "", /did not succeed/);
      const correlation = await page.textContent("code");
      assert.equal(await session(context), undefined);
      assert.doesNotMatch(await page.content(), /no-role|group|berta/);
      const { rows } = await appliance.superuser.query("select action from ledger.rows where correlation = $1", [
        correlation,
      ]);
      assert.deepEqual(rows, [{ action: "saml.refused" }]);
    });
    assert.equal((await reasons(alder)).at(-1), "no-role");
  });

  it("an encrypted assertion opens", async () => {
    const { provider, alder, signsIn } = world;
    await provider.configure({ encrypt: true });
    assert.equal((await signsIn(alder, "anna"))?.user.userName, "anna");
  });

  it("our key rolls over: the provider reads the next one from our metadata, then we put it into use", async () => {
    const { provider, alder, call, api, signsIn } = world;
    await api(alder, "POST", "/saml/keys");
    const both = await call("", "GET", `/saml/${alder.slug}/metadata`);
    assert.equal(both.match(/use="signing"/g)?.length, 2);
    await provider.configure({ serviceProviders: [both] });
    assert.ok(await signsIn(alder, "anna"), "before");
    await api(alder, "POST", "/saml/keys/rotate");
    assert.ok(await signsIn(alder, "anna"), "after: requests by the new key, assertions for the old one");
    await provider.configure({ serviceProviders: [await call("", "GET", `/saml/${alder.slug}/metadata`)] });
    assert.ok(await signsIn(alder, "anna"), "when the provider has read our metadata again");
  });

  it("the provider's certificate rolls over: announced, then signed with, then alone", async () => {
    const { provider, alder, connect, signsIn, reasons } = world;
    await provider.configure({ nextKeys: await nextKeys });
    assert.equal((await connect(alder)).certificates.length, 2);
    assert.ok(await signsIn(alder, "anna"), "by the old one");
    await provider.configure({ keys: await nextKeys, nextKeys: await keys });
    assert.ok(await signsIn(alder, "anna"), "by the new one");
    const { certificate } = await nextKeys;
    await connect(alder, {
      idp: {
        entityId: provider.entityId,
        ssoUrl: `${new URL(provider.entityId).origin}/saml2/idp/SSOService.php`,
        certificates: [certificate],
      },
    });
    assert.ok(await signsIn(alder, "anna"), "by the new one alone");
    await provider.configure({ keys: await keys });
    assert.equal(await signsIn(alder, "anna"), undefined, "by the old one no more");
    assert.equal((await reasons(alder)).at(-1), "signature");
    await connect(alder);
  });

  describe("with what the provider sent, in the wrong place", () => {
    /** Takes the response on its way to us. */
    const caught = (work: (form: Record<string, string>, context: BrowserContext) => Promise<void>, deliver: boolean) =>
      world.inBrowser(async (page, context) => {
        const { alder, appliance } = world;
        let body = "";
        await page.route(`${alder.acsUrl}`, async (route) => {
          body = route.request().postData() ?? "";
          if (deliver) await route.continue();
          else await route.fulfill({ status: 200, contentType: "text/html", body: "caught" });
        });
        await page.goto(alder.loginUrl);
        await page.fill("input[name=username]", "carla");
        await page.fill("input[name=password]", "carla may pass");
        await Promise.all([page.waitForURL(`${appliance.apiUrl}/**`), page.click("[type=submit]")]);
        await work(Object.fromEntries(new URLSearchParams(body)), context);
      });

    it("another tenant does not take it, with all the browser's cookies", async () => {
      const { alder, birch, connect, reasons } = world;
      await connect(birch);
      await caught(async (form, context) => {
        const answer = await context.request.post(birch.acsUrl, { form });
        assert.equal(answer.status(), 403);
        assert.equal((await reasons(birch)).at(-1), "relay-state");
        assert.equal((await context.request.post(alder.acsUrl, { form, maxRedirects: 0 })).status(), 303);
      }, false);
    });

    it("it is taken once", async () => {
      const { alder, session } = world;
      await caught(async (form, context) => {
        assert.ok(await session(context));
        assert.equal((await context.request.post(alder.acsUrl, { form })).status(), 403);
      }, true);
    });

    it("it is not taken from another browser", async () => {
      const { alder, inBrowser, reasons } = world;
      await caught(async (form) => {
        await inBrowser(async (_page, other) => {
          assert.equal((await other.request.post(alder.acsUrl, { form })).status(), 403);
          assert.equal((await reasons(alder)).at(-1), "browser");
        });
      }, false);
    });

    it("the service takes forms by POST alone, and none beyond 256 kB", async () => {
      const { appliance, alder, inBrowser } = world;
      await inBrowser(async (_page, context) => {
        assert.equal((await context.request.get(alder.acsUrl)).status(), 404);
        const huge = { SAMLResponse: "A".repeat(300_000), RelayState: "x".repeat(32) };
        assert.equal((await context.request.post(alder.acsUrl, { form: huge })).status(), 413);
        assert.equal((await context.request.post(alder.acsUrl, { data: { SAMLResponse: "A" } })).status(), 415);
        assert.equal((await context.request.post(`${appliance.apiUrl}/saml/nobody/acs`, { form: huge })).status(), 413);
        assert.equal((await context.request.get(`${appliance.apiUrl}/saml/nobody/login`)).status(), 404);
      });
    });
  });

  it("enforced, passwords are refused, but the local owner gets in when the provider is away", async () => {
    const { appliance, alder, call, api, connect, signsIn } = world;
    const invite = async (userName: string, role: string) => {
      const { link } = await api<{ link: { url: string } }>(alder, "POST", "/invitations", {
        userName,
        displayName: userName,
        role,
      });
      const token = new URL(link.url).hash.replace(/^#/, "");
      await call("", "POST", `/api/v1/sign-in/${alder.slug}/link`, { token, password: passwords });
    };
    const passwords = "gravel umbrella ninety tin";
    const byPassword = async (userName: string) =>
      (await appliance.call("", "POST", `/api/v1/sign-in/${alder.slug}/password`, { userName, password: passwords }))
        .status;
    await invite("owner", "owner");
    await invite("member", "member");
    assert.deepEqual([await byPassword("owner"), await byPassword("member")], [200, 200]);
    await connect(alder, { enforce: true });
    assert.deepEqual([await byPassword("owner"), await byPassword("member")], [200, 401]);
    assert.ok(await signsIn(alder, "anna"));
  });
});
