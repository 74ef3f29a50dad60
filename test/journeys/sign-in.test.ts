import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { Secret, TOTP } from "otpauth";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { parse } from "yaml";
import { type Appliance, startAppliance } from "../support/appliance.ts";
import { launchChromium } from "../support/chromium.ts";

const password = "gravel umbrella ninety tin";

describe("journeys: from the setup link to a second factor, in a browser", function () {
  this.timeout(240_000);
  let appliance: Appliance;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let setupUrl: string;
  let secret: string;
  let codes: string[];
  const faults: string[] = [];

  before(async () => {
    appliance = await startAppliance({
      configure: (config) => {
        config.limits = { auth: 1_000, settings: 1_000, general: 10_000 };
      },
    });
    const { tenantId } = JSON.parse(await appliance.cli(["tenant", "create", "--name", "Alder & Söhne", "--json"]));
    const named = ["--tenant", tenantId, "--user-name", "anna", "--name", "Anna <Muster>", "--json"];
    setupUrl = JSON.parse(await appliance.cli(["admin", "create", ...named])).url;
    const { http } = parse(await readFile(appliance.configFile, "utf8"));
    browser = await launchChromium({ trust: await readFile(http.certFile, "utf8") });
    context = await browser.newContext();
    page = await open();
  });
  after(async () => {
    await browser?.close();
    await appliance?.stop();
  });

  async function open(): Promise<Page> {
    const opened = await context.newPage();
    opened.setDefaultTimeout(60_000);
    opened.on("pageerror", (error) => faults.push(error.message));
    opened.on("console", (message) => {
      if (/Content Security Policy|Refused to/.test(message.text())) faults.push(message.text());
    });
    return opened;
  }
  const submit = () => page.click("main form[method=post] button[type=submit]");
  const at = (path: string) => page.waitForURL((url) => url.pathname === path);
  /** Signed in, people are where the work is; here they go on to their account. */
  async function viaConsole(of: Page = page): Promise<void> {
    await of.waitForURL((url) => url.pathname.startsWith("/console/"));
    await of.goto(`${appliance.apiUrl}/account`);
  }
  /** An act of the console that asks for the second factor anew, shown by the security key. */
  async function stepUpInConsole(): Promise<void> {
    await appliance.superuser.query("update sessions set stepped_up_at = now() - interval '11 minutes'");
    await page.goto(`${appliance.apiUrl}/console/access/api-keys`);
    await page.getByRole("button", { name: "Make a key" }).first().click();
    await page.getByRole("textbox", { name: "Name" }).fill("Door display");
    await page.getByRole("checkbox", { name: "See events" }).check();
    await page.getByRole("button", { name: "Make the key" }).click();
    await page.getByRole("dialog", { name: "Show your second factor" }).getByLabel("Security key or passkey").check();
    await page.getByRole("button", { name: "Use the key" }).click();
    await page.getByRole("dialog", { name: "The key of Door display" }).waitFor();
  }
  const codeNow = () => new TOTP({ secret: Secret.fromBase32(secret) }).generate();
  /** Until the code of the present step is one that was not used. */
  const freshCode = async (): Promise<string> => {
    await appliance.superuser.query("update factors set counter = counter - 10 where kind = 'totp'");
    return codeNow();
  };

  async function signOut(): Promise<void> {
    await page.click("[data-act=sign-out]");
    await at("/login/alder-s-hne");
  }
  /** Closes the codes; the page comes anew. */
  async function stored(): Promise<void> {
    await page.check("#stored");
    await Promise.all([page.waitForEvent("load"), page.click("#codes [data-done]")]);
  }

  async function signInByPassword(): Promise<void> {
    await page.goto(`${appliance.apiUrl}/login`);
    // There is one organisation: nobody is asked which.
    await at("/login/alder-s-hne");
    await page.fill("#userName", "Anna");
    await page.fill("#password", password);
    await submit();
    await at("/login/alder-s-hne/second-factor");
  }

  it("the setup link sets a password; its code leaves the address bar, and a common password is refused next to the field", async () => {
    await page.goto(setupUrl);
    await page.waitForFunction(() => location.hash === "");
    assert.ok(await page.isHidden("#token"));
    for (const [typed, words] of [
      ["password1234", /among the first that are guessed/],
      ["short", /has 5 characters/],
    ] as const) {
      await page.fill("#password", typed);
      await page.fill("#repeat", typed);
      await submit();
      await page.waitForSelector("#password-error");
      assert.match((await page.textContent("#password-error"))!, words);
      assert.equal(await page.getAttribute("#password", "aria-invalid"), "true");
    }
    await page.fill("#password", password);
    await page.fill("#repeat", `${password}!`);
    await submit();
    assert.match((await page.textContent("#repeat-error"))!, /not the same/);
    await page.fill("#repeat", password);
    await submit();
    await viaConsole();
    assert.match((await page.textContent(".who"))!, /Anna <Muster>/);
  });

  it("the link is spent", async () => {
    const [path, token] = setupUrl.split("#") as [string, string];
    const other = await open();
    await other.goto(path);
    await other.fill("#token", token);
    await other.fill("#password", password);
    await other.fill("#repeat", password);
    await other.click("button[type=submit]");
    assert.match((await other.textContent("[role=alert]"))!, /cannot be used/);
    await other.close();
  });

  it("an authenticator app is added by its code, and ten recovery codes are shown once", async () => {
    await page.click("[data-act=add-totp]");
    await page.waitForSelector("#add-totp[open] .qr svg");
    secret = (await page.textContent("#add-totp .secret"))!.replaceAll(" ", "");
    await page.fill("#totp-code", "000000");
    await page.click("#add-totp button[type=submit]");
    await page.waitForFunction(() => document.querySelector("#add-totp .error")!.textContent !== "");
    await page.fill("#totp-code", codeNow());
    await page.click("#add-totp button[type=submit]");
    await page.waitForSelector("#codes[open]");
    codes = await page.locator("#codes li").allTextContents();
    assert.equal(codes.length, 10);
    // Escape does not lose them.
    await page.keyboard.press("Escape");
    assert.ok(await page.isVisible("#codes"));
    assert.ok(await page.isDisabled("#codes [data-done]"));
    await stored();
    await page.waitForSelector("text=10 of 10 left");
  });

  it("the next sign-in asks for the code", async () => {
    await signOut();
    await signInByPassword();
    await page.fill("#code", "000 000");
    await submit();
    assert.match((await page.textContent("[role=alert]"))!, /not accepted/);
    const code = await freshCode();
    await page.fill("#code", `${code.slice(0, 3)} ${code.slice(3)}`);
    await submit();
    await viaConsole();
  });

  it("a security key is added, signs in, and steps up", async () => {
    const devtools = await context.newCDPSession(page);
    await devtools.send("WebAuthn.enable");
    await devtools.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        ...{ protocol: "ctap2", transport: "usb", hasResidentKey: false },
        ...{ hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
      },
    });
    await page.click("[data-act=add-webauthn]");
    await page.fill("#key-name", "Key on my ring");
    await page.click("#name-key button[type=submit]");
    await page.waitForSelector("text=Key on my ring");
    await signOut();
    await signInByPassword();
    await page.click("[data-webauthn] button");
    await viaConsole();
    await appliance.superuser.query("update sessions set stepped_up_at = now() - interval '11 minutes'");
    await page.click("[data-act=recovery]");
    await page.click("#step-up >> text=Use your security key or passkey");
    await page.waitForSelector("#codes[open]");
    const fresh = await page.locator("#codes li").allTextContents();
    assert.equal(fresh.filter((code) => codes.includes(code)).length, 0);
    await stored();
    await stepUpInConsole();
    await signInByPassword();
    await page.click("text=Use a recovery code");
    const recover = async (code: string) => {
      await page.fill("#recovery-code", code);
      await page.click("details button[type=submit]");
    };
    await recover(codes[0]!);
    assert.match((await page.textContent("[role=alert]"))!, /not accepted/);
    await page.click("text=Use a recovery code");
    await recover(fresh[0]!);
    await viaConsole();
    await page.waitForSelector("text=9 of 10 left");
  });

  it("other sessions are shown and ended from here", async () => {
    const other = await browser.newContext();
    const elsewhere = await other.newPage();
    await elsewhere.goto(`${appliance.apiUrl}/login/alder-s-hne`);
    await elsewhere.fill("#userName", "anna");
    await elsewhere.fill("#password", password);
    await elsewhere.click("button[type=submit]");
    await elsewhere.fill("#code", await freshCode());
    await elsewhere.click("main form[method=post] button[type=submit]");
    await viaConsole(elsewhere);
    await page.reload();
    await page.click("[data-act=sign-out-others]");
    await page.click("#sure [data-yes]");
    await page.waitForFunction(() => !document.querySelector("[data-act=end]"));
    await elsewhere.goto(`${appliance.apiUrl}/account`);
    assert.match(elsewhere.url(), /\/login\//);
    await other.close();
  });

  it("who was sent to sign in from a page goes back to it, and to no other site", async () => {
    for (const [wanted, reached] of [
      ["/account?from=here", /^\/account\?from=here$/],
      ["//evil.example/", /^\/console\//],
    ] as const) {
      const other = await browser.newContext();
      const asked = await other.newPage();
      await asked.goto(`${appliance.apiUrl}/login#${wanted}`);
      await asked.fill("#userName", "anna");
      await asked.fill("#password", password);
      await asked.click("button[type=submit]");
      await asked.fill("#code", await freshCode());
      await asked.click("main form[method=post] button[type=submit]");
      await asked.waitForURL(
        ({ origin, pathname, search }) => origin === appliance.apiUrl && reached.test(pathname + search),
      );
      await other.close();
    }
  });

  it("without JavaScript the forms still sign in", async () => {
    const plain = await browser.newContext({ javaScriptEnabled: false });
    const simple = await plain.newPage();
    await simple.goto(`${appliance.apiUrl}/login/alder-s-hne`);
    await simple.fill("#userName", "anna");
    await simple.fill("#password", password);
    await simple.click("button[type=submit]");
    await simple.fill("#code", await freshCode());
    await simple.click("main form[method=post] button[type=submit]");
    await simple.waitForURL("**/console/");
    await simple.click("noscript a[href='/account']");
    assert.match((await simple.textContent("main"))!, /Your account/);
    await plain.close();
  });

  it("no page broke its own policy, and the chain verifies", async () => {
    assert.deepEqual(faults, []);
    assert.match(await appliance.cli(["verify"]), / verifies: /);
  });
});
