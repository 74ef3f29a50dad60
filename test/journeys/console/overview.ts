import assert from "node:assert/strict";
import type { Person } from "../../identity/persons.ts";
import type { ApplianceTenant } from "../../support/appliance.ts";
import { assertAccessible, assertFaultless, type World } from "./world.ts";

/** The overview and the first steps, in tenants of their own. */
export function overviewPages(world: () => World): void {
  let tenant: ApplianceTenant;
  let owner: Person;
  let viewer: Person;
  let auditor: Person;
  let sites: string[];

  const api = async <T>(method: string, path: string, body?: unknown, key = tenant.apiKey): Promise<T> => {
    const answer = await world().appliance.call(key, method, `/api/v1${path}`, body);
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.body}`);
    return answer.json<T>();
  };

  before(async () => {
    const { appliance, persons } = world();
    tenant = await appliance.createTenant("Overview & Co");
    sites = [];
    for (const name of ["East gate", "West gate"]) {
      sites.push((await api<{ siteId: string }>("POST", "/sites", { name, imageDays: 5, eventDays: 10 })).siteId);
    }
    const occurred = new Date().toISOString();
    for (const [index, count] of [3, 2].entries()) {
      const events = Array.from({ length: count }, (_, n) => ({ kind: "gate.opened", occurred, body: { index, n } }));
      const sent = await api<{ results: { status: string }[] }>("POST", `/events?site=${sites[index]}`, events);
      assert.deepEqual(
        sent.results.map(({ status }) => status),
        events.map(() => "stored"),
        JSON.stringify(sent),
      );
    }
    const { tenantId } = tenant;
    owner = await persons.make(tenantId, "owen.owner", [{ role: "owner" }]);
    viewer = await persons.make(tenantId, "vic.viewer", [{ role: "viewer", sites: [sites[0]!] }]);
    auditor = await persons.make(tenantId, "ada.auditor", [{ role: "auditor" }]);
  });

  const figure = (page: Awaited<ReturnType<World["open"]>>["page"], card: string, title: string) =>
    page
      .locator(".pf-v6-c-card", { has: page.getByRole("heading", { name: card }) })
      .locator("dl > div", { hasText: title });

  it("opens without fault, with numbers and without, for owner, auditor and viewer", async () => {
    for (const person of [owner, auditor, viewer]) await assertFaultless(world(), person, "overview");
    await assertFaultless(world(), owner, "setup");
  });

  it("is the first page, and shows what was sent, of all sites or of one", async () => {
    const { page } = await world().open(owner, "/");
    await page.waitForURL("**/console/overview");
    await figure(page, "What came in", "events").getByText("5", { exact: true }).waitFor();
    await page.getByRole("button", { name: "7 days" }).click();
    await page.getByLabel("Site", { exact: true }).selectOption({ label: "West gate" });
    await figure(page, "What came in", "events").getByText("2", { exact: true }).waitFor();
    assert.match(page.url(), /span=week/, "what is chosen can be sent to somebody");
    const chart = page.getByRole("slider", { name: "Events by UTC day" });
    await chart.focus();
    await page.keyboard.press("ArrowLeft");
    assert.match((await chart.getAttribute("aria-valuetext")) ?? "", /: 0 events$/);
    await page.keyboard.press("End");
    assert.match((await chart.getAttribute("aria-valuetext")) ?? "", /: 2 events$/);
    await page.getByRole("button", { name: "Show as a table" }).first().click();
    await page.getByRole("grid", { name: "Events by UTC day" }).waitFor();
    await assertAccessible(page, "the chart as a table");
    await page.context().close();
  });

  it("shows a viewer of one site its numbers alone and no card that is not his, and the API refuses both when forced", async () => {
    const { page } = await world().open(viewer, "/console/overview");
    await figure(page, "What came in", "events").getByText("3", { exact: true }).waitFor();
    assert.equal(await page.getByText("West gate").count(), 0);
    for (const name of ["Ledger", "Erasure requests", "Waiting for a second person"]) {
      assert.equal(await page.getByRole("heading", { name }).count(), 0, name);
    }
    assert.equal(await page.getByRole("link", { name: "Setup" }).count(), 0);
    await page.context().close();
    const forced = async (path: string) => (await viewer.call("GET", `/api/v1/${path}`)).status;
    assert.equal(await forced(`overview/received?site=${sites[1]}`), 404);
    for (const path of ["overview/chain", "overview/erasure-cases", "setup"])
      assert.equal(await forced(path), 403, path);
    const skip = await viewer.call("PATCH", "/api/v1/tenant", { setupDismissed: true });
    assert.equal(skip.status, 403);
  });

  it("leads a new tenant's owner through the first steps, which know by themselves what is done", async () => {
    const { appliance, persons } = world();
    const fresh = await appliance.createTenant("Fresh start");
    const first = await persons.make(fresh.tenantId, "fay.first", [{ role: "owner" }]);
    const { page } = await world().open(first, "/console/");
    await page.getByRole("button", { name: "Go on with the setup" }).click();
    await page.getByText("0 of 6 steps").waitFor();
    const open = (name: RegExp) => page.getByRole("button", { name }).click();
    const skipped = async (name: RegExp, steps: number) => {
      await open(name);
      await page.getByRole("button", { name: "Skip this step" }).click();
      await page.getByText(`${steps} of 6 steps`).waitFor();
    };
    await page.getByText("Whoever owns the tenant").waitFor();
    await page.getByRole("button", { name: "Skip this step" }).click();
    await page.getByText("1 of 6 steps").waitFor();
    await open(/Use your own HTTPS certificate/);
    await page.getByText("The appliance made this certificate itself").waitFor();
    await open(/Make the first site/);
    await page.getByLabel("Name of the site").fill("Pier 1");
    await page.getByRole("button", { name: "Make the site" }).click();
    await page.getByText("2 of 6 steps").waitFor();

    await page.reload();
    await page.getByText("2 of 6 steps").waitFor();
    await open(/Enrol the first device/);
    await page.getByRole("button", { name: "Enrol a device" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("Lane 1");
    const site = dialog.getByLabel("Site");
    if ((await site.count()) > 0) await site.selectOption({ label: "Pier 1" });
    await dialog.getByRole("button", { name: "Make the code" }).click();
    await page.getByLabel("I have stored it").check();
    await page.getByRole("button", { name: "Close", exact: true }).click();
    await page.getByText("3 of 6 steps").waitFor();
    assert.equal(await page.getByRole("link", { name: "Setup" }).count(), 1);
    await skipped(/Invite a second owner/, 4);
    await skipped(/Use your own HTTPS certificate/, 5);
    await skipped(/Sign in by your organisation/, 6);
    await page.getByText("That is all").waitFor();
    assert.equal(await page.getByRole("link", { name: "Setup" }).count(), 0);
    await page.context().close();
    const { rows } = await appliance.superuser.query(
      "select count(*)::int as changes from ledger.rows where tenant_id = $1 and action = 'tenant.changed' and actor_id = $2",
      [fresh.tenantId, first.userId],
    );
    assert.equal(rows[0].changes, 4, "each skip has its row");
  });

  it("warns above every page in the last thirty days of a certificate, and no sooner", async () => {
    type Dates = { use: string; notAfter: string };
    const { certificates } = await api<{ certificates: Dates[] }>("GET", "/overview/certificates");
    const end = Date.parse(certificates.find(({ use }) => use === "https")!.notAfter);
    const { page } = await world().open(owner, "/console/sites");
    await page.getByRole("link", { name: "East gate" }).waitFor();
    assert.equal(await page.getByText("Ends soon: HTTPS certificate").count(), 0);
    await page.clock.setFixedTime(end - 29 * 86_400_000);
    await page.reload();
    await page.getByText("Ends soon: HTTPS certificate").waitFor();
    await page.context().close();
  });
}
