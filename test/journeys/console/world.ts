import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import { SESSION_COOKIE } from "../../../src/identity/index.ts";
import { openPersons, type Person, type Persons } from "../../identity/persons.ts";
import { type Appliance, type ApplianceTenant, startAppliance } from "../../support/appliance.ts";
import { launchChromium } from "../../support/chromium.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
type AxeResult = { violations: { id: string; impact: string; nodes: { html: string }[] }[] };

/** One appliance for all of the console's pages: a tenant of two sites, its owner, a viewer of the first site, an auditor. */
export type World = {
  appliance: Appliance;
  persons: Persons;
  tenant: ApplianceTenant;
  owner: Person;
  viewer: Person;
  auditor: Person;
  /** North gate, South gate. */
  sites: readonly [string, string];
  /** The console as somebody opens it, and what the page complained of. Its context is the caller's to close. */
  open(person: Person, path: string, dark?: boolean): Promise<{ page: Page; complaints: string[] }>;
  stop(): Promise<void>;
};

export async function openWorld(): Promise<World> {
  const appliance = await startAppliance({
    // Dozens of pages a minute, of one tenant and one address.
    configure: (config) => {
      config.limits = { ...config.limits, general: 10_000, console: 10_000 };
    },
  });
  const browser = await launchChromium();
  const persons = await openPersons(appliance);
  const tenant = await appliance.createTenant("Alder & Sons <Ltd>");
  const make = async (name: string) =>
    (await appliance.call(tenant.apiKey, "POST", "/api/v1/sites", { name, imageDays: 5, eventDays: 10 })).json<{
      siteId: string;
    }>().siteId;
  const sites = [await make("North gate"), await make("South gate")] as const;
  return {
    appliance,
    persons,
    tenant,
    sites,
    owner: await persons.make(tenant.tenantId, "olga.owner", [{ role: "owner" }]),
    viewer: await persons.make(tenant.tenantId, "vera.viewer", [{ role: "viewer", sites: [sites[0]] }]),
    auditor: await persons.make(tenant.tenantId, "anna.auditor", [{ role: "auditor" }]),
    open: (person, path, dark = false) => openPage(browser, `${appliance.apiUrl}${path}`, { person, dark }),
    async stop() {
      await browser.close();
      await persons.stop();
      await appliance.stop();
    },
  };
}

async function openPage(browser: Browser, url: string, { person, dark }: { person: Person; dark: boolean }) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, colorScheme: dark ? "dark" : "light" });
  await context.addCookies([
    { name: SESSION_COOKIE, value: person.token, url: new URL(url).origin, secure: true, httpOnly: true },
  ]);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(url, { waitUntil: "networkidle" });
  return { page, complaints };
}

/** A page opens for a person: the browser complains of nothing, axe-core finds nothing serious, and in the dark nothing loses its contrast. */
export async function assertFaultless(world: World, person: Person, path: string): Promise<void> {
  const { page, complaints } = await world.open(person, `/console/${path}`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await assertAccessible(page, path);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.locator("html.pf-v6-theme-dark").waitFor();
  // Half-way from one look to the other nothing has the contrast of either.
  await page.waitForFunction(() => !document.getAnimations().some((each) => each instanceof CSSTransition));
  await assertAccessible(page, `${path}, dark`, ["color-contrast"]);
  assert.deepEqual(complaints, [], path);
  await page.context().close();
}

/** What stands on the page now, an open dialog with it. */
export async function assertAccessible(page: Page, what: string, runOnly?: string[]): Promise<void> {
  // Colours on their way to others have neither's contrast.
  await page.evaluate(() =>
    Promise.allSettled(
      document.getAnimations().flatMap((each) => (each instanceof CSSTransition ? each.finished : [])),
    ),
  );
  // The policy forbids scripts that are not ours; the protocol's own evaluation is the browser's.
  const result = (await page.evaluate(
    `${axe}; axe.run(document, ${JSON.stringify(runOnly ? { runOnly } : {})})`,
  )) as AxeResult;
  const serious = result.violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  assert.deepEqual(
    serious.map(({ id, nodes }) => `${id}: ${nodes[0]!.html.slice(0, 200)}`),
    [],
    what,
  );
}
