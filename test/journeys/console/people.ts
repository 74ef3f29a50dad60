import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import type { Person } from "../../identity/persons.ts";
import { enrolApp, letStepUpGoStale, stepUpDialog } from "./step-up.ts";
import { assertAccessible, assertFaultless, type World } from "./world.ts";

/** People, groups, roles, sessions and approvals. Two owners of a tenant of their own ask and decide. */
export function peoplePages(world: () => World): void {
  let tenantId: string;
  let olga: Person;
  let otto: Person;
  let groupId: string;
  let viewer: Person;

  before(async () => {
    const { persons, appliance } = world();
    const tenant = await appliance.createTenant("Birch People");
    tenantId = tenant.tenantId;
    olga = await persons.make(tenantId, "olga.birch", [{ role: "owner" }]);
    otto = await persons.make(tenantId, "otto.birch", [{ role: "owner" }]);
    viewer = await persons.make(tenantId, "vera.birch", [{ role: "viewer" }]);
    const made = await olga.call("POST", "/api/v1/groups", { name: "Gate guards" });
    groupId = made.json<{ groupId: string }>().groupId;
    await olga.call("POST", "/api/v1/roles", { name: "Gate keeper", permissions: ["sites:read", "events:read"] });
  });

  const dialog = (page: Page, name: string | RegExp) => page.getByRole("dialog", { name });
  const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
  const waiting = async (by: Person): Promise<{ approvalId: string }[]> =>
    (await by.call("GET", "/api/v1/approvals?state=pending")).json<{ approvals: { approvalId: string }[] }>().approvals;

  it("shows each page in light and dark, with nothing that the policy or axe-core finds serious", async () => {
    const pages = [
      "people",
      `people/${viewer.userId}`,
      "groups",
      `groups/${groupId}`,
      "roles",
      "sessions",
      "approvals",
    ];
    for (const path of [...pages, "approvals?show=rules"]) await assertFaultless(world(), olga, `access/${path}`);
  });

  it("invites somebody by a link that is shown once, and the link opens", async () => {
    const { page } = await world().open(olga, "/console/access/people");
    await button(page, "Invite somebody").click();
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("Ines Invited");
    await page.getByRole("textbox", { name: "User name" }).fill("ines");
    await page.getByRole("combobox", { name: "Role" }).selectOption({ label: "Viewer" });
    await page.getByLabel("Last day, UTC").fill("2099-12-31");
    await assertAccessible(page, "invite");
    await button(page, "Invite").click();
    const shown = dialog(page, "The link for Ines Invited");
    const url = await shown.getByRole("textbox").inputValue();
    await shown.getByLabel("I have stored it").check();
    await button(page, "Close").click();
    await page.getByRole("link", { name: "Ines Invited" }).click();
    await page.getByText("not used yet, good until").waitFor();
    await page.getByRole("gridcell", { name: "31 Dec 2099" }).waitFor();
    await page.goto(url);
    await page.getByRole("heading", { name: /password/i }).waitFor();
    await page.context().close();
  });

  it("says in words which role may do what, and makes, changes and removes one of the tenant's own", async () => {
    const { page } = await world().open(olga, "/console/access/roles");
    const matrix = page.getByRole("grid", { name: "Which role may do what" });
    const row = matrix.getByRole("row", { name: "Release legal holds" });
    await row.waitFor();
    assert.deepEqual(
      await row.getByRole("gridcell").evaluateAll((cells) => cells.map((cell) => cell.querySelector("svg") !== null)),
      [true, false, false, false, false, false],
      "of the built-in roles owners alone release holds",
    );
    await button(page, "Make a role").click();
    await page.getByRole("textbox", { name: "Name" }).fill("Second eyes");
    await page.getByRole("checkbox", { name: "Decide on requests of others" }).check();
    await page.getByText("to give it needs the yes of a second person").waitFor();
    await page.getByRole("checkbox", { name: "See legal holds" }).check();
    await button(page, "Make it").click();
    const own = page.getByRole("grid", { name: "Roles of your own" }).getByRole("row", { name: /Second eyes decides/ });
    await own.getByRole("button").click();
    await page.getByRole("menuitem", { name: "Remove…" }).click();
    await button(page, "Remove").click();
    await own.waitFor({ state: "detached" });
    await page.context().close();
  });

  it("gives a role to a group, puts somebody in, and shows at the person what comes from where", async () => {
    const { page } = await world().open(olga, `/console/access/groups/${groupId}`);
    await button(page, "Give a role…").click();
    await page.getByRole("combobox", { name: "Role" }).selectOption({ label: "Gate keeper" });
    await button(page, "Give the role").click();
    await page.getByRole("gridcell", { name: "Gate keeper" }).waitFor();
    await button(page, "Put people in…").first().click();
    await page.getByRole("textbox", { name: "Find people" }).fill("vera");
    await page.getByLabel("vera.birch").check();
    await button(page, "Put in").click();
    await page.getByRole("link", { name: "vera.birch" }).click();
    const roles = page.getByRole("grid", { name: "Roles of vera.birch" });
    await roles.getByRole("row", { name: /Gate keeper all sites for good Gate guards/ }).waitFor();
    const direct = roles.getByRole("row", { name: /Viewer all sites for good themselves/ });
    await direct.getByRole("button", { name: "Take back…" }).click();
    await button(page, "Take back").click();
    await direct.waitFor({ state: "detached" });
    await page.context().close();
  });

  it("ends one session of somebody, marks one's own, and logs somebody out everywhere", async () => {
    await viewer.again();
    const { page } = await world().open(olga, "/console/access/sessions");
    const theirs = page.getByRole("row", { name: /^vera\.birch/ });
    await theirs.nth(1).waitFor();
    const own = page.getByRole("row", { name: /this one/ });
    assert.equal(await own.getByRole("button").count(), 0, "one's own session is ended by signing out");
    await theirs.first().getByRole("button").click();
    await page.getByRole("menuitem", { name: "End this session…" }).click();
    await button(page, "End it").click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    assert.equal(await theirs.count(), 1);
    await theirs.getByRole("button").click();
    await page.getByRole("menuitem", { name: "Log vera.birch out everywhere…" }).click();
    await button(page, "Log out").click();
    await theirs.waitFor({ state: "detached" });
    assert.equal((await viewer.call("GET", "/api/v1/session")).status, 401);
    viewer = await viewer.again();
    await page.context().close();
  });

  it("lets one owner ask and the other decide: what would happen is read first, the second factor shown, it is done once", async () => {
    const ottosApp = await enrolApp(world(), otto);
    const asking = (await world().open(olga, `/console/access/people/${viewer.userId}`)).page;
    await button(asking, "Give a role…").click();
    await asking.getByRole("combobox", { name: "Role" }).selectOption({ label: "Owner" });
    await button(asking, "Give the role").click();
    await asking.getByText("Asked for. Somebody else must agree.").waitFor();
    await assertAccessible(asking, "asked");
    await asking.getByRole("link", { name: "See the request under Approvals" }).click();
    await asking.getByText("You asked for this: you cannot approve it yourself").waitFor();
    assert.equal(await button(asking, "Approve…").count(), 0);
    const [request] = await waiting(olga);
    const forced = await olga.call("POST", `/api/v1/approvals/${request!.approvalId}/approve`);
    assert.equal(forced.status, 403, forced.body);

    await letStepUpGoStale(world(), otto);
    const deciding = (await world().open(otto, "/console/access/people")).page;
    await deciding.getByRole("link", { name: /Approvals 1/ }).click();
    await deciding.getByRole("link", { name: "Give a role" }).click();
    await deciding.getByText("vera.birch gets the role Owner.").waitFor();
    await assertAccessible(deciding, "approval");
    await button(deciding, "Approve…").click();
    await button(deciding, "Approve and do it").click();
    await stepUpDialog(deciding)
      .getByLabel("Code of your authenticator app")
      .fill(await ottosApp.code());
    await button(deciding, "Continue").click();
    await deciding.getByText("Approved, and done").waitFor();
    await deciding.getByText("This request has ended: approved and done").waitFor();
    assert.equal(
      await deciding.getByRole("link", { name: /Approvals 1/ }).count(),
      0,
      "nothing waits for him any more",
    );
    const { grants } = (await olga.call("GET", `/api/v1/grants?userId=${viewer.userId}`)).json<{
      grants: { builtinRole: string; grantedBy: string }[];
    }>();
    const owners = grants.filter(({ builtinRole }) => builtinRole === "owner");
    assert.deepEqual(
      owners.map(({ grantedBy }) => grantedBy),
      [`user ${olga.userId}`],
      "by the right of who asked, once",
    );
    otto = await otto.again();
    for (const page of [asking, deciding]) await page.context().close();
  });

  it("refuses with a reason, takes one's own request back, and asks a second person before asking for less", async () => {
    const { page } = await world().open(olga, "/console/access/approvals?show=rules");
    const evidence = page.getByRole("row", { name: /^Export evidence/ });
    await evidence.getByRole("button").click();
    await page.getByRole("radio", { name: "Always" }).check();
    await button(page, "Change").click();
    await evidence.getByText("Always").waitFor();
    for (let n = 0; n < 2; n++) {
      await evidence.getByRole("button").click();
      await page.getByRole("radio", { name: "Never" }).check();
      await page.getByText("This asks for less than before").waitFor();
      await button(page, "Change").click();
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }
    const [first, second] = await waiting(otto);
    await page.goto(`${world().appliance.apiUrl}/console/access/approvals/${first!.approvalId}`);
    await button(page, "Take it back…").click();
    await button(page, "Take it back").click();
    await page.getByText("This request has ended: taken back").waitFor();
    const deciding = (await world().open(otto, `/console/access/approvals/${second!.approvalId}`)).page;
    await deciding.getByRole("row", { name: /Export evidence.* always never/ }).waitFor();
    await button(deciding, "Refuse…").click();
    await deciding.getByLabel("Reason").fill("evidence leaves by two people");
    await button(deciding, "Refuse").click();
    await deciding.getByText("This request has ended: refused").waitFor();
    const rules = (await olga.call("GET", "/api/v1/approval-rules")).json<{
      rules: { act: string; secondPerson: string }[];
    }>();
    assert.equal(rules.rules.find(({ act }) => act === "evidence.export")?.secondPerson, "on");
    for (const each of [page, deciding]) await each.context().close();
  });

  it("marks what a directory keeps and who was erased, with why it is not edited here", async () => {
    const { persons, appliance } = world();
    const { userId } = await persons.make(tenantId, "kim.scim", []);
    const { page } = await world().open(olga, `/console/access/people/${userId}`);
    await appliance.superuser.query("update users set source = 'scim' where user_id = $1", [userId]);
    await page.reload();
    await page.getByText("Your directory keeps this account, by SCIM").waitFor();
    await button(page, "Actions").click();
    const acts = await page.getByRole("menuitem").allTextContents();
    assert.deepEqual(acts, ["Unlock…", "Remove second factors…", "Log out everywhere…", "Deactivate…"]);
    await appliance.superuser.query(
      "update users set active = false, deactivated_at = now(), erased_at = now() where user_id = $1",
      [userId],
    );
    await page.reload();
    await page.getByText("This person was erased").waitFor();
    assert.equal(await button(page, "Actions").count(), 0);
    assert.equal(await button(page, "Give a role…").count(), 0);
    await page.context().close();
  });

  it("offers an auditor no change and a viewer none of it, and the API refuses both when forced", async () => {
    const { auditor, viewer: other, owner } = world();
    const { page } = await world().open(auditor, `/console/access/people/${owner.userId}`);
    await page.getByRole("heading", { name: "olga.owner" }).waitFor();
    for (const name of ["Actions", "Give a role…", "Take back…", "End"])
      assert.equal(await button(page, name).count(), 0);
    for (const [path, act] of [
      ["people", "Invite somebody"],
      ["groups", "Make a group"],
      ["roles", "Make a role"],
    ] as const) {
      await page.goto(`${world().appliance.apiUrl}/console/access/${path}`, { waitUntil: "networkidle" });
      await page.getByRole("heading", { level: 1 }).waitFor();
      assert.equal(await button(page, act).count(), 0);
    }
    await page.context().close();
    const blind = (await world().open(other, "/console/access/people")).page;
    await blind.getByText("this needs the permission access:read").waitFor();
    for (const name of ["People", "Groups", "Roles", "Sessions", "Approvals"]) {
      assert.equal(await blind.getByRole("link", { name, exact: true }).count(), 0);
    }
    await blind.context().close();
    const id = owner.userId;
    for (const [method, path, body] of [
      ["GET", "/api/v1/users"],
      ["GET", "/api/v1/tenant/sessions"],
      ["GET", "/api/v1/approvals"],
      ["POST", `/api/v1/users/${id}/deactivate`],
      ["POST", `/api/v1/users/${id}/log-out-everywhere`],
      ["POST", "/api/v1/roles", { name: "Mine", permissions: ["sites:read"] }],
    ] as const) {
      assert.equal((await other.call(method, path, body)).status, 403, `${method} ${path}`);
      if (method === "POST") assert.equal((await auditor.call(method, path, body)).status, 403, `${method} ${path}`);
    }
  });
}
