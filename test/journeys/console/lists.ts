import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { enqueueTask } from "../../../src/tasks/index.ts";
import { assertAccessible, type World } from "./world.ts";

/** What every list can do, on one of them; and work that shows how far it is. */
export function listPages(world: () => World): void {
  it("sorts by a header's click on the server, says so, and keeps the order in the address", async () => {
    const { page } = await world().open(world().owner, "/console/sites");
    const names = () =>
      page
        .getByRole("gridcell")
        .filter({ has: page.getByRole("link") })
        .allTextContents();
    const header = page.getByRole("columnheader", { name: "Name" });
    await page.getByRole("link", { name: "North gate" }).waitFor();
    assert.equal(await header.getAttribute("aria-sort"), "ascending", "its own order shows");
    const ascending = await names();
    await header.getByRole("button").click();
    await page.waitForURL(/sort=-name/);
    await page.getByText("Sorted by Name, descending").waitFor({ state: "attached" });
    await page.waitForFunction((first) => document.querySelector("td a")?.textContent === first, ascending.at(-1));
    assert.deepEqual(await names(), ascending.reverse());
    assert.equal(await header.getAttribute("aria-sort"), "descending");
    await page.reload({ waitUntil: "networkidle" });
    assert.deepEqual(await names(), ascending);
    await assertAccessible(page, "a sorted list");
    await page.context().close();
  });

  it("downloads the list as it is filtered and sorted", async () => {
    const { page, complaints } = await world().open(world().viewer, "/console/sites?sort=-name");
    await page.getByRole("button", { name: "Download" }).click();
    await assertAccessible(page, "the choice of a download");
    const coming = page.waitForEvent("download");
    await page.getByRole("menuitem", { name: "CSV" }).click();
    const download = await coming;
    assert.match(download.suggestedFilename(), /^sites-\d{4}-\d\d-\d\d\.csv$/);
    const csv = await readFile(await download.path(), "utf8");
    assert.match(csv, /^siteId,name,timeZone,.*\r\n[0-9a-f-]{36},North gate,/);
    assert.doesNotMatch(csv, /South gate/);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it("shows work as it goes on, also after a reload", async () => {
    const { tenantId } = world().tenant;
    // Of a kind that no worker has a hand for: the test does the work.
    const wanted = { kind: "retention.journey", key: "journey", arguments: {}, total: 40, runAfterMs: 3_600_000 };
    const { taskId } = await world().persons.inTenant(tenantId, (tx) => enqueueTask(tx, wanted));
    const set = (values: string) =>
      world().appliance.superuser.query(`update tasks set ${values} where task_id = $1::uuid`, [taskId]);
    const { page, complaints } = await world().open(world().owner, "/console/work?kind=retention.journey");
    await page.getByRole("button", { name: "Follow: retention.journey" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Queued, 0 of 40").waitFor();
    await set("state = 'running', done = 10, lease_until = now() + interval '1 hour'");
    await dialog.getByText("Running, 10 of 40").waitFor();
    await assertAccessible(page, "the dialog of a task");
    await page.reload();
    await dialog.getByText("Running, 10 of 40").waitFor();
    await set("state = 'done', done = 40, lease_until = null, finished_at = now()");
    await dialog.getByText("Done, 40 of 40").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("gridcell", { name: "Done", exact: true }).waitFor();
    assert.deepEqual(complaints, []);
    await page.context().close();
  });
}
