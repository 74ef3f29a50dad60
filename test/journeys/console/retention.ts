import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import type { Person } from "../../identity/persons.ts";
import type { ApplianceTenant } from "../../support/appliance.ts";
import { waitUntil } from "../../support/process.ts";
import { assertAccessible, assertFaultless, type World } from "./world.ts";

/** Policies, what they erase, refused messages and requests of people: in a tenant of its own, since all of it counts for a whole tenant. */
export function retentionPages(world: () => World): void {
  let tenant: ApplianceTenant;
  let owner: Person;
  let viewer: Person;
  let north: string;
  let south: string;
  const call = async <T = Record<string, string>>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await world().appliance.call(tenant.apiKey, method, `/api/v1${path}`, body);
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.body}`);
    return (answer.body === "" ? undefined : answer.json()) as T;
  };
  const open = async (person: Person, path: string): Promise<Page> =>
    (await world().open(person, `/console/${path}`)).page;
  const longAgo = { kind: "gate.passage", occurred: new Date(Date.now() - 20 * 86_400_000).toISOString(), body: {} };
  const passage = (plate: string) => ({
    kind: "gate.passage",
    occurred: new Date().toISOString(),
    body: { plate },
    subjects: [`plate:${plate}`],
  });

  before(async () => {
    tenant = await world().appliance.createTenant("Willow");
    const site = async (name: string) => (await call("POST", "/sites", { name, imageDays: 5, eventDays: 10 })).siteId!;
    [north, south] = [await site("North quay"), await site("South quay")];
    owner = await world().persons.make(tenant.tenantId, "rita.owner", [{ role: "owner" }]);
    viewer = await world().persons.make(tenant.tenantId, "ralf.viewer", [{ role: "viewer", sites: [north] }]);
    await call("POST", `/events?site=${north}`, [passage("QU11AY"), passage("QU22AY"), longAgo, { kind: "?" }]);
    await call("POST", `/events?site=${south}`, [passage("QU11AY"), { kind: "?" }]);
  });

  it("shows each page in light and dark, with nothing that the policy or axe-core finds serious", async () => {
    for (const path of ["", "/upcoming", "/erasures", "/dead-letters"]) {
      await assertFaultless(world(), owner, `retention${path}`);
    }
    for (const path of ["erasure-requests", "erasure-requests/direct"]) await assertFaultless(world(), owner, path);
  });

  it("changes a policy among all of them, and cancels the change in its cooling-off", async () => {
    const page = await open(owner, "retention");
    const row = page.getByRole("row", { name: /South quay/ });
    await row.getByText("images 5 days, events 10").waitFor();
    await row.getByRole("button", { name: "Change…" }).click();
    await page.getByLabel("Days to keep images").fill("2");
    await page.getByLabel("Days to keep events").fill("3");
    await page.getByLabel("Reason").fill("works council");
    await page.getByRole("button", { name: "Shorten retention" }).click();
    await row.getByText("images 2 days, events 3").waitFor();
    await row.getByRole("button", { name: "Cancel the change" }).click();
    await row.getByText("images 2 days, events 3").waitFor({ state: "detached" });
    await page.context().close();
  });

  it("says what goes next, day by day and site by site", async () => {
    const page = await open(owner, "retention/upcoming");
    await page.getByText("Events, with their images").waitFor();
    await page.getByRole("button", { name: "Details" }).first().click();
    await page
      .getByText(/North quay/)
      .last()
      .waitFor();
    assert.match((await page.getByRole("listitem").allTextContents()).join(), /North quay, received on .*: 2 events/);
    await page.getByLabel("How far ahead").selectOption({ label: "Next 7 days" });
    await page.getByText("Nothing goes in the next 7 days").waitFor();
    assert.match(page.url(), /days=7/);
    await page.context().close();
  });

  it("opens a refused message, retries it once it may go through, and discards another with a reason", async () => {
    const page = await open(owner, `retention/dead-letters?site=${north}`);
    const old = page.getByRole("row", { name: /Too old when it came/ });
    await old.getByRole("button", { name: "Retry" }).click();
    await page.getByText("Refused as before").waitFor();
    await call("PATCH", `/sites/${north}`, { offlineWindowDays: 30 });
    await old.getByRole("button", { name: "Retry" }).click();
    await page.getByText("It went through").waitFor();
    await old.waitFor({ state: "detached" });
    const wrong = page.getByRole("row", { name: /Not as an event must be/ });
    await wrong.getByRole("button").first().click();
    await page.getByText('{"kind":"?"}').waitFor();
    await assertAccessible(page, "a refused message");
    await page.getByRole("button", { name: "Close" }).click();
    await wrong.getByRole("button", { name: "Discard…" }).click();
    await page.getByLabel("Reason").fill("the installer's test");
    await page.getByRole("button", { name: "Discard", exact: true }).click();
    await page.getByText("Nothing matches").waitFor();
    const { rows } = await call<{ rows: { action: string }[] }>("GET", "/ledger/rows?entityType=dead-letter");
    assert.deepEqual(
      rows.map(({ action }) => action),
      ["dead-letter.discarded", "dead-letter.retried"],
    );
    await page.context().close();
  });

  it("takes a request of a person from its record to the certificate", async () => {
    const page = await open(owner, "erasure-requests");
    await page.getByRole("button", { name: "Record a request" }).first().click();
    const late = new Date(Date.now() - 40 * 86_400_000).toISOString().slice(0, 10);
    await page.getByLabel("Received on").fill(late);
    await page.getByLabel("What they ask").fill("plate QU22AY, by letter");
    await page.getByRole("textbox", { name: "Name" }).fill("J. Doe");
    await page.getByRole("button", { name: "Record it" }).click();
    await page.getByRole("heading", { level: 1, name: "J. Doe" }).waitFor();
    await page.getByText(/overdue by \d+ days/).waitFor();
    assert.equal(await page.getByRole("button", { name: "Extend…" }).count(), 0, "what is overdue is not extended");
    await page.getByRole("button", { name: "Record the identity check…" }).click();
    await page.getByLabel("How").selectOption({ label: "Showed a document" });
    await page.getByRole("button", { name: "It is them" }).click();
    await page.getByRole("button", { name: "Accept…" }).click();
    await assertAccessible(page, "accepting");
    await page.getByLabel("Subjects").fill("plate:QU22AY");
    await page.getByRole("button", { name: "Accept and erase" }).click();
    await page.getByRole("heading", { name: "Certificate of erasure" }).waitFor();
    const isDone = async () => {
      await page.reload({ waitUntil: "networkidle" });
      return (await page.getByText(/1 event, 0 images/).count()) === 1;
    };
    await waitUntil("the erasure", isDone, { timeoutMs: 60_000, everyMs: 500 });
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download" }).click(),
    ]);
    assert.match(download.suggestedFilename(), /^erasure-certificate-.*\.json$/);
    await assertAccessible(page, "the certificate");
    await page.getByText("Erasure case accepted").waitFor();
    await page.goto(`${world().appliance.apiUrl}/console/retention/erasures`, { waitUntil: "networkidle" });
    await page.getByRole("gridcell", { name: "Single events" }).first().waitFor();
    await page.context().close();
  });

  it("switches the public page on, and leads to it", async () => {
    const page = await open(owner, "erasure-requests");
    await page.getByText("Anybody can ask by a public page").click();
    const link = page.getByRole("link", { name: /\/erasure\// });
    await link.waitFor();
    const answer = await page.request.get((await link.getAttribute("href"))!);
    assert.equal(answer.status(), 200);
    await page.context().close();
  });

  it("offers a viewer of one site no act and no other site, and the API refuses both when forced", async () => {
    const page = await open(viewer, "retention");
    await page.getByRole("link", { name: "North quay" }).waitFor();
    assert.equal(await page.getByText("South quay").count(), 0);
    for (const name of ["Change…", "Cancel the change"]) {
      assert.equal(await page.getByRole("button", { name }).count(), 0, name);
    }
    for (const name of ["What was erased", "Erasure requests"]) {
      assert.equal(await page.getByRole("link", { name }).count(), 0, name);
    }
    await page.goto(`${world().appliance.apiUrl}/console/retention/dead-letters`, { waitUntil: "networkidle" });
    assert.equal(await page.getByRole("button", { name: "Retry" }).count(), 0);
    assert.equal(await page.getByText("South quay").count(), 0);
    await page.context().close();
    const { letters } = await call<{ letters: { letterId: string; siteId: string }[] }>("GET", "/dead-letters");
    const theirs = letters.find(({ siteId }) => siteId === south)!;
    const refused: [string, string, unknown, number][] = [
      ["GET", `/dead-letters/${theirs.letterId}`, undefined, 404],
      ["POST", `/dead-letters/${theirs.letterId}/retry`, undefined, 403],
      ["POST", `/dead-letters/${theirs.letterId}/discard`, { reason: "x" }, 403],
      ["GET", "/retention/state", undefined, 403],
      ["POST", "/retention/files/retry", undefined, 403],
      ["GET", "/erasure-cases", undefined, 403],
      ["GET", `/retention/upcoming?site=${south}`, undefined, 404],
    ];
    for (const [method, path, body, status] of refused) {
      assert.equal((await viewer.call(method, `/api/v1${path}`, body)).status, status, `${method} ${path}`);
    }
  });

  it("lets an auditor read all of it and change nothing", async () => {
    const auditor = await world().persons.make(tenant.tenantId, "rosa.auditor", [{ role: "auditor" }]);
    const page = await open(auditor, "erasure-requests?open=false");
    await page.getByRole("gridcell", { name: "Recorded by hand" }).waitFor();
    assert.equal(await page.getByRole("button", { name: "Record a request" }).count(), 0);
    assert.equal(await page.getByLabel("Anybody can ask by a public page").isDisabled(), true);
    await page.goto(`${world().appliance.apiUrl}/console/retention/dead-letters`, { waitUntil: "networkidle" });
    await page.getByRole("row", { name: /South quay/ }).waitFor();
    for (const name of ["Retry", "Discard…"]) assert.equal(await page.getByRole("button", { name }).count(), 0, name);
    await page.context().close();
  });
}
