import assert from "node:assert/strict";
import { commandLine } from "../cli/here.ts";
import { openPersons, type Persons } from "../identity/persons.ts";
import { type Appliance, type ApplianceTenant, startAppliance } from "../support/appliance.ts";
import { erasing } from "./cli/erasing.ts";
import { lockedOut } from "./cli/locked-out.ts";
import { signingOn } from "./cli/signing-on.ts";
import { type CliWorld, tenantLine } from "./cli/world.ts";

describe("journey: an admin on the box, by the command line", function () {
  this.timeout(240_000);
  let appliance: Appliance;
  let persons: Persons;
  let tenant: ApplianceTenant;

  before(async () => {
    appliance = await startAppliance({
      configure: (config) => {
        config.limits = { auth: 1_000 };
      },
    });
    persons = await openPersons(appliance);
    tenant = await appliance.createTenant("Alder");
  });
  after(async () => {
    await persons?.stop();
    await appliance?.stop();
  });

  const here = async (...args: string[]) => {
    const { out, exitCode } = await commandLine(appliance.configFile, args);
    assert.equal(exitCode, 0, out);
    return out;
  };
  const { run, show } = tenantLine(() => world(), "alder");
  /** Its words in a process of its own, which ends with this code. */
  const ends = async (code: number, ...args: string[]): Promise<string> => {
    const ended = await appliance.cli(args).then(
      () => assert.fail(`${args.join(" ")} succeeded`),
      ({ message }: Error) => message,
    );
    assert.ok(ended.includes(`exit code ${code},`), ended);
    return ended;
  };
  const world = (): CliWorld => ({ appliance, here, ends });

  it("places and releases a hold at a site it made, with the API's own checks", async () => {
    const { siteId } = await run("site", "create", "--name", "North gate", "--image-days", "14");
    const placing = ["hold", "place", "--site-id", siteId!, "--case-number", "2026-1", "--reason", "theft"];
    assert.match(
      await ends(64, ...placing, "--tenant", "alder"),
      /ledgerstone: --owner is missing; --review-on is missing\n/,
    );
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
    const asking = ["erasure", "request", "--subject", "plate:AB12CDE", "--reason", "asked by the keeper"];
    const told = await ends(75, ...asking, "--tenant", "alder");
    const approvalId = /request ([0-9a-f-]{36})/.exec(told)![1]!;
    assert.match(await show("approval", "list", "--state", "pending"), new RegExp(approvalId));
    assert.match(await ends(64, "approval", "approve", approvalId), /unknown command 'approve'/);
    const answer = await ben.call("POST", `/api/v1/approvals/${approvalId}/approve`);
    assert.equal(answer.status, 200, answer.body);
    const { approvals } = await run<{ approvals: { state: string }[] }>("approval", "list");
    assert.equal(approvals[0]!.state, "executed");
    const second = await ends(75, "keys", "rotate-data", "--tenant", "alder");
    const withdrawn = await run<{ state: string }>("approval", "withdraw", /request ([0-9a-f-]{36})/.exec(second)![1]!);
    assert.equal(withdrawn.state, "withdrawn");
  });

  it("lists tenants by their counts, and closes one", async () => {
    const { tenants } = JSON.parse(await here("tenant", "list", "--json"));
    assert.deepEqual(
      tenants.map((each: { slug: string; sites: number }) => [each.slug, each.sites]),
      [["alder", 1]],
    );
    const other = await appliance.createTenant("Birch");
    await here("tenant", "close", other.tenantId);
    await assert.rejects(here("tenant", "settings", "--tenant", "birch"), /no tenant birch/);
    await here("tenant", "open", other.tenantId);
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
  signingOn(world);
  erasing(world);
  lockedOut(world);
});
