import assert from "node:assert/strict";
import { Secret, TOTP } from "otpauth";
import type { Page } from "playwright-core";
import type { Person } from "../../identity/persons.ts";
import { assertAccessible, type World } from "./world.ts";

/** An authenticator app of this person, by another session than theirs. `code` gives one that was not used. */
export async function enrolApp(world: World, person: Person): Promise<{ code(): Promise<string>; recovery: string[] }> {
  const elsewhere = await person.again();
  const begun = await elsewhere.call("POST", "/api/v1/account/factors/totp/begin");
  const totp = new TOTP({ secret: Secret.fromBase32(begun.json<{ secret: string }>().secret) });
  const added = await elsewhere.call("POST", "/api/v1/account/factors/totp", { name: "Phone", code: totp.generate() });
  assert.equal(added.status, 201, added.body);
  return {
    recovery: added.json<{ recoveryCodes: string[] }>().recoveryCodes,
    async code() {
      await world.appliance.superuser.query("update factors set counter = counter - 10 where user_id = $1", [
        person.userId,
      ]);
      return totp.generate();
    },
  };
}

/** As if this person's sessions had shown their second factor longer ago than is fresh. */
export async function letStepUpGoStale(world: World, { userId }: Person): Promise<void> {
  await world.appliance.superuser.query(
    "update sessions set stepped_up_at = now() - interval '11 minutes' where user_id = $1",
    [userId],
  );
}

export const stepUpDialog = (page: Page) => page.getByRole("dialog", { name: "Show your second factor" });

/** The second factor, which every act may ask for. */
export function stepUpDialogs(world: () => World): void {
  let owner: Person;
  let app: Awaited<ReturnType<typeof enrolApp>>;

  before(async () => {
    const { persons, appliance } = world();
    const { tenantId } = await appliance.createTenant("Step by step");
    owner = await persons.make(tenantId, "stella.owner", [{ role: "owner" }]);
    app = await enrolApp(world(), owner);
  });

  async function releasing(caseNumber: string, question = "Show your second factor"): Promise<Page> {
    const placed = await owner.call("POST", "/api/v1/holds", {
      ...{ caseNumber, reason: "claim", owner: "Legal", reviewOn: "2027-05-01" },
    });
    assert.equal(placed.status, 201, placed.body);
    await letStepUpGoStale(world(), owner);
    const { page } = await world().open(owner, "/console/holds");
    await page.getByRole("row", { name: caseNumber }).getByRole("button", { name: "Release…" }).click();
    await page.getByLabel("Reason").fill("case closed");
    await page.getByRole("button", { name: "Release", exact: true }).click();
    await page.getByRole("dialog", { name: question }).waitFor();
    return page;
  }

  it("asks for the second factor above the act's own dialog, and goes on with what was typed", async () => {
    const page = await releasing("2026-41");
    await assertAccessible(page, "step-up");
    await stepUpDialog(page).getByLabel("Code of your authenticator app").fill("000000");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByText("this second factor is not accepted").waitFor();
    await stepUpDialog(page)
      .getByLabel("Code of your authenticator app")
      .fill(await app.code());
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    const { rows } = await world().appliance.superuser.query<{ releasedAt: Date | null }>(
      `select released_at as "releasedAt" from holds where case_number = '2026-41'`,
    );
    assert.ok(rows[0]?.releasedAt, "released by the act that had asked");
    // The session has another token now, and the page goes on with it.
    await page.getByRole("link", { name: "Sites" }).click();
    await page.getByRole("heading", { name: "Sites" }).waitFor();
    owner = await owner.again();
    await page.context().close();
  });

  it("takes a recovery code, and leaves what was typed when it is given up", async () => {
    const page = await releasing("2026-42");
    await page.keyboard.press("Escape");
    await stepUpDialog(page).waitFor({ state: "detached" });
    await page.getByText("Do it again, and show your second factor when asked.").waitFor();
    assert.equal(await page.getByLabel("Reason").inputValue(), "case closed", "Escape closed the act's dialog too");
    await page.getByRole("button", { name: "Release", exact: true }).click();
    await stepUpDialog(page).getByLabel("Recovery code").check();
    await stepUpDialog(page).getByRole("textbox", { name: "Recovery code" }).fill(app.recovery[0]!);
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    owner = await owner.again();
    await page.context().close();
  });

  it("leads who has no second factor to their account's page, and goes on after another tab added one", async () => {
    const { persons, appliance } = world();
    const { tenantId } = await appliance.createTenant("Without factors");
    owner = await persons.make(tenantId, "nora.none", [{ role: "owner" }], 1);
    const page = await releasing("2026-43", "You have no second factor yet");
    const [tab] = await Promise.all([
      page.context().waitForEvent("page"),
      page.getByRole("link", { name: "Open your account's page in a new tab" }).click(),
    ]);
    await tab.click("[data-act=add-totp]");
    await tab.waitForSelector("#add-totp[open] .qr svg");
    const secret = (await tab.textContent("#add-totp .secret"))!.replaceAll(" ", "");
    await tab.fill("#totp-code", new TOTP({ secret: Secret.fromBase32(secret) }).generate());
    await tab.click("#add-totp button[type=submit]");
    await tab.waitForSelector("#codes[open]");
    await page.getByRole("button", { name: "I have added one" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.context().close();
  });
}
