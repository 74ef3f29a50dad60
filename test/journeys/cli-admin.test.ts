import assert from "node:assert/strict";
import { openPersons, type Persons } from "../identity/persons.ts";
import { type Appliance, type ApplianceTenant, startAppliance } from "../support/appliance.ts";

describe("journey: an admin on the box, by the command line", function () {
  this.timeout(240_000);
  let appliance: Appliance;
  let persons: Persons;
  let tenant: ApplianceTenant;

  before(async () => {
    appliance = await startAppliance();
    persons = await openPersons(appliance);
    tenant = await appliance.createTenant("Alder");
  });
  after(async () => {
    await persons?.stop();
    await appliance?.stop();
  });

  /** Of the tenant, as JSON; the tenant named as its pages are. */
  const run = async <T = Record<string, string>>(...args: string[]): Promise<T> =>
    JSON.parse(await appliance.cli([...args, "--tenant", "alder", "--json"]));
  const show = (...args: string[]) => appliance.cli([...args, "--tenant", tenant.tenantId]);

  it("places and releases a hold at a site it made, with the API's own checks", async () => {
    const { siteId } = await run("site", "create", "--name", "North gate", "--image-days", "14");
    const placing = ["hold", "place", "--site-id", siteId!, "--case-number", "2026-1", "--reason", "theft"];
    await assert.rejects(show(...placing), /body\.owner/);
    const { holdId } = await run(...placing, "--owner", "Legal", "--review-on", "2099-01-01");
    assert.match(await show("hold", "list"), new RegExp(`${holdId} .*2026-1`));
    await assert.rejects(show("hold", "release", holdId!, "--reason", "over", "--body", "{}"), /whole body/);
    await run("hold", "release", holdId!, "--reason", "over");
    assert.equal((await show("hold", "list")).trim(), "none");
    const { rows } = await appliance.superuser.query(
      "select actor_type, actor_id, via from ledger.rows where tenant_id = $1 and action = 'ledger.hold.released'",
      [tenant.tenantId],
    );
    assert.deepEqual(rows, [{ actor_type: "system", actor_id: "appliance", via: "cli" }]);
  });

  it("keeps people, groups, roles and grants", async () => {
    const { userId } = await run("user", "create", "--user-name", "ada", "--display-name", "Ada");
    const { groupId } = await run("group", "create", "--name", "Night shift");
    await run("group", "change-members", groupId!, "--add", userId!);
    const { roleId } = await run("role", "create", "--name", "Watchers", "--permissions", "sites:read", "holds:read");
    const { grantId } = await run("grant", "give", "--group-id", groupId!, "--role-id", roleId!);
    const access = await run<{ permissions: { permission: string }[] }>("user", "access", userId!);
    assert.deepEqual(
      access.permissions.map(({ permission }) => permission),
      ["holds:read", "sites:read"],
    );
    await assert.rejects(show("role", "delete", roleId!), /in use/);
    assert.equal((await show("grant", "revoke", grantId!)).trim(), "done");
    await run("role", "delete", roleId!);
    await run("user", "deactivate", userId!);
    const { users } = await run<{ users: { active: boolean }[] }>("user", "list", "--text", "ADA");
    assert.deepEqual(
      users.map(({ active }) => active),
      [false],
    );
    assert.match(await show("session", "end-all", userId!), /0/);
  });

  it("stops at the second person too, whom nobody on the box can be", async () => {
    const ben = await persons.make(tenant.tenantId, "ben", [{ role: "owner" }]);
    await persons.make(tenant.tenantId, "cleo", [{ role: "owner" }]);
    const told = await show("erasure", "request", "--subject", "plate:AB12CDE", "--reason", "asked by the keeper");
    const approvalId = /request ([0-9a-f-]{36})/.exec(told)![1]!;
    assert.match(await show("approval", "list", "--state", "pending"), new RegExp(approvalId));
    await assert.rejects(show("approval", "approve", approvalId), /unknown command/);
    const answer = await ben.call("POST", `/api/v1/approvals/${approvalId}/approve`);
    assert.equal(answer.status, 200, answer.body);
    const { approvals } = await run<{ approvals: { state: string }[] }>("approval", "list");
    assert.equal(approvals[0]!.state, "executed");
    const second = await show("keys", "rotate-data");
    const withdrawn = await run<{ state: string }>("approval", "withdraw", /request ([0-9a-f-]{36})/.exec(second)![1]!);
    assert.equal(withdrawn.state, "withdrawn");
  });

  it("lists tenants by their counts, and closes one", async () => {
    const { tenants } = JSON.parse(await appliance.cli(["tenant", "list", "--json"]));
    assert.deepEqual(
      tenants.map((each: { slug: string; sites: number }) => [each.slug, each.sites]),
      [["alder", 1]],
    );
    const other = await appliance.createTenant("Birch");
    await appliance.cli(["tenant", "close", other.tenantId]);
    await assert.rejects(appliance.cli(["tenant", "settings", "--tenant", "birch"]), /no tenant birch/);
    await appliance.cli(["tenant", "open", other.tenantId]);
    await run("tenant", "set", "--cooling-off-hours", "48");
    assert.match(await show("tenant", "settings"), /coolingOffHours\s+48/);
  });

  it("lists and revokes API keys", async () => {
    const { apiKeys } = await run<{ apiKeys: { keyId: string; name: string }[] }>("api-key", "list");
    const { keyId } = apiKeys.find(({ name }) => name === "test")!;
    assert.equal((await appliance.call(tenant.apiKey, "GET", "/api/v1/sites")).status, 200);
    assert.equal((await show("api-key", "revoke", keyId)).trim(), "done");
    assert.equal((await appliance.call(tenant.apiKey, "GET", "/api/v1/sites")).status, 401);
  });
});
