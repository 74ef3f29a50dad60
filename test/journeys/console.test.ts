import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import { SESSION_COOKIE } from "../../src/identity/index.ts";
import { openPersons, type Person, type Persons } from "../identity/persons.ts";
import { type Appliance, type ApplianceTenant, startAppliance } from "../support/appliance.ts";
import { launchChromium } from "../support/chromium.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
type AxeResult = { violations: { id: string; impact: string; nodes: { html: string }[] }[] };

describe("journey: the console", function () {
  this.timeout(120_000);
  let appliance: Appliance;
  let persons: Persons;
  let browser: Browser;
  let tenant: ApplianceTenant;
  let owner: Person;
  let viewer: Person;
  let sites: string[];

  before(async function () {
    this.timeout(180_000);
    appliance = await startAppliance();
    browser = await launchChromium();
    persons = await openPersons(appliance);
    tenant = await appliance.createTenant("Alder & Sons <Ltd>");
    const make = async (name: string) =>
      (await appliance.call(tenant.apiKey, "POST", "/api/v1/sites", { name, imageDays: 5, eventDays: 10 })).json<{
        siteId: string;
      }>().siteId;
    sites = [await make("North gate"), await make("South gate")];
    owner = await persons.make(tenant.tenantId, "olga.owner", [{ role: "owner" }]);
    viewer = await persons.make(tenant.tenantId, "vera.viewer", [{ role: "viewer", sites: [sites[0]!] }]);
  });
  after(async () => {
    await browser?.close();
    await persons?.stop();
    await appliance?.stop();
  });

  /** The console as somebody opens it; what the page complained of. */
  async function open(person: Person, path: string, dark = false): Promise<{ page: Page; complaints: string[] }> {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, colorScheme: dark ? "dark" : "light" });
    await context.addCookies([
      { name: SESSION_COOKIE, value: person.token, url: appliance.apiUrl, secure: true, httpOnly: true },
    ]);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(`${appliance.apiUrl}${path}`, { waitUntil: "networkidle" });
    return { page, complaints };
  }

  const everyPage = () => ["events", "sites", `sites/${sites[0]}`, "devices", "holds", "work"];

  it("shows each page in light and dark, with nothing that the policy or axe-core finds serious", async () => {
    for (const dark of [false, true]) {
      for (const path of everyPage()) {
        const { page, complaints } = await open(owner, `/console/${path}`, dark);
        await page.getByRole("heading", { level: 1 }).waitFor();
        assert.deepEqual(complaints, [], path);
        // The policy forbids scripts that are not ours; the protocol's own evaluation is the browser's.
        const result = (await page.evaluate(`${axe}; axe.run(document)`)) as AxeResult;
        const serious = result.violations.filter(({ impact }) => impact === "serious" || impact === "critical");
        assert.deepEqual(
          serious.map(({ id, nodes }) => `${id}: ${nodes[0]!.html.slice(0, 200)}`),
          [],
          `${path}, ${dark ? "dark" : "light"}`,
        );
        await page.context().close();
      }
    }
  });

  it("places a hold, and shows it where it was empty", async () => {
    const { page } = await open(owner, "/console/holds");
    await page.getByText("No hold stands").waitFor();
    await page.getByRole("button", { name: "Place a hold" }).first().click();
    const act = page.getByRole("button", { name: "Place the hold" });
    assert.equal(await act.isDisabled(), true, "nothing is asked before it is whole");
    await page.getByLabel("Site").selectOption({ label: "North gate" });
    for (const [label, value] of [
      ["Case number", "2026-17"],
      ["Reason", "claim for damages"],
      ["Owner", "Legal"],
      ["Review on", "2027-05-01"],
    ] as const) {
      await page.getByRole("textbox", { name: label }).or(page.getByLabel(label)).first().fill(value);
    }
    await act.click();
    await page.getByRole("gridcell", { name: "2026-17" }).waitFor();
    assert.match((await page.getByRole("grid").textContent()) ?? "", /North gate/);
    await page.context().close();
  });

  it("previews a shortening before it can be asked for, and goes on with it", async () => {
    const { page } = await open(owner, `/console/sites/${sites[1]}`);
    await page.getByRole("button", { name: "Change…" }).click();
    await page.getByLabel("Days to keep images").fill("2");
    await page.getByLabel("Days to keep events").fill("3");
    await page.getByLabel("Reason").fill("works council");
    await page.getByText(/It would erase 0 events/).waitFor();
    await page.getByRole("button", { name: "Shorten retention" }).click();
    await page.getByText(/images 2 days, events 3 is in its cooling-off/).waitFor();
    await page.context().close();
  });

  it("shows an enrolment code once, and closes only after it was stored", async () => {
    const { page } = await open(owner, `/console/sites/${sites[0]}`);
    await page.getByRole("button", { name: "Enrol a device" }).first().click();
    await page.getByLabel("Name").fill("Lane 2");
    await page.getByRole("button", { name: "Make the code" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("I have stored it").waitFor();
    await page.keyboard.press("Escape");
    const close = dialog.getByRole("button", { name: "Close", exact: true });
    assert.equal(await close.isDisabled(), true, "Escape closed it, or it closes unstored");
    await dialog.getByLabel("I have stored it").check();
    await close.click();
    await page.getByRole("gridcell", { name: "Lane 2" }).waitFor();
    assert.equal(await page.evaluate(() => Object.keys(localStorage).join()), "", "nothing is kept in the browser");
    await page.context().close();
  });

  it("offers a viewer of one site neither another site nor what he may not do, and the API refuses it when forced", async () => {
    const { page } = await open(viewer, "/console/sites");
    await page.getByRole("link", { name: "North gate" }).waitFor();
    assert.equal(await page.getByText("South gate").count(), 0);
    assert.equal(await page.getByRole("link", { name: "Work" }).count(), 0);
    await page.goto(`${appliance.apiUrl}/console/sites/${sites[0]}`, { waitUntil: "networkidle" });
    await page.getByText("What is kept, by UTC day").waitFor();
    for (const name of ["Change…", "Enrol a device"]) assert.equal(await page.getByRole("button", { name }).count(), 0);
    await page.goto(`${appliance.apiUrl}/console/sites/${sites[1]}`, { waitUntil: "networkidle" });
    await page.getByRole("heading", { name: "Not found" }).waitFor();
    const forced = await viewer.call("PUT", `/api/v1/sites/${sites[0]}/retention`, { imageDays: 1, eventDays: 1 });
    assert.equal(forced.status, 403);
    await page.context().close();
  });

  it("leads to sign-in without a session, and keeps tenant data out of the address", async () => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    await page.goto(`${appliance.apiUrl}/console/events`);
    await page.waitForURL(/\/login/);
    await context.close();
  });
});
