import assert from "node:assert/strict";
import { assertFaultless, type World } from "./world.ts";

/** Events, sites, devices, holds and work. */
export function estatePages(world: () => World): void {
  it("shows each page in light and dark, with nothing that the policy or axe-core finds serious", async () => {
    for (const path of ["events", "sites", `sites/${world().sites[0]}`, "devices", "holds", "work"]) {
      await assertFaultless(world(), world().owner, path);
    }
  });

  it("places a hold, and shows it where it was empty", async () => {
    const { page } = await world().open(world().owner, "/console/holds");
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
    const { page } = await world().open(world().owner, `/console/sites/${world().sites[1]}`);
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
    const { page } = await world().open(world().owner, `/console/sites/${world().sites[0]}`);
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
    const { page } = await world().open(world().viewer, "/console/sites");
    await page.getByRole("link", { name: "North gate" }).waitFor();
    assert.equal(await page.getByText("South gate").count(), 0);
    assert.equal(await page.getByRole("link", { name: "Work" }).count(), 0);
    await page.goto(`${world().appliance.apiUrl}/console/sites/${world().sites[0]}`, { waitUntil: "networkidle" });
    await page.getByText("What is kept, by UTC day").waitFor();
    for (const name of ["Change…", "Enrol a device"]) assert.equal(await page.getByRole("button", { name }).count(), 0);
    await page.goto(`${world().appliance.apiUrl}/console/sites/${world().sites[1]}`, { waitUntil: "networkidle" });
    await page.getByRole("heading", { name: "Not found" }).waitFor();
    const forced = await world().viewer.call("PUT", `/api/v1/sites/${world().sites[0]}/retention`, {
      imageDays: 1,
      eventDays: 1,
    });
    assert.equal(forced.status, 403);
    await page.context().close();
  });

  it("leads to sign-in without a session, and keeps tenant data out of the address", async () => {
    const { page } = await world().open({ ...world().owner, token: "A".repeat(43) }, "/console/events");
    await page.waitForURL(/\/login/);
    await page.context().close();
  });
}
