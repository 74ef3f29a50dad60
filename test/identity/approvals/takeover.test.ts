import assert from "node:assert/strict";
import { type Alder, is, openAlder, type Person } from "../persons.ts";

describe("approvals: one owner cannot become two, and one alone waits", function () {
  this.timeout(180_000);
  let appliance: Alder["appliance"];
  let persons: Alder["persons"];
  let tenant: Alder["tenant"];
  let stop: Alder["stop"] | undefined;
  let ada: Person;

  before(async () => {
    ({ appliance, persons, tenant, ada, stop } = await openAlder({
      configure: (config) => Object.assign(config.http!, { publicUrl: "https://localhost" }),
    }));
  });
  after(() => stop?.());

  const call = (by: Person, method: string, path: string, body?: unknown) => by.call(method, `/api/v1${path}`, body);

  it("alone under `on`, she confirms her own request after the cooling-off, not before", async () => {
    const rules = [{ act: "keys.rotate", secondPerson: "on" }];
    is(await call(ada, "PATCH", "/approval-rules", { rules }), 200);
    const early = is<{ approval: { approvalId: string } }>(await call(ada, "POST", "/keys/data/rotate"), 202).approval;
    const refused = await call(ada, "POST", `/approvals/${early.approvalId}/approve`);
    is(refused, 403);
    assert.match(refused.body, /you are alone/);
    is(await call(ada, "PATCH", "/approval-rules", { soloCoolingOffHours: 0 }), 200);
    const { approval } = is<{ approval: { approvalId: string } }>(await call(ada, "POST", "/keys/data/rotate"), 202);
    is(await call(ada, "POST", `/approvals/${approval.approvalId}/approve`), 200);
    is(await call(ada, "PATCH", "/approval-rules", { soloCoolingOffHours: 72 }), 200);
  });

  it("alone by default, acts need nobody, and a shortening waits the longer time", async () => {
    const { siteId } = is<{ siteId: string }>(await call(ada, "POST", "/sites", { name: "Gate" }), 201);
    const path = `/sites/${siteId}/retention`;
    const preview = is<{ coolingOffHours: number }>(
      await call(ada, "POST", `${path}/preview`, { imageDays: 1, eventDays: 2 }),
      200,
    );
    assert.equal(preview.coolingOffHours, 72);
    const set = is<{ effectiveAt: string }>(await call(ada, "PUT", path, { imageDays: 1, eventDays: 2 }), 200);
    const hours = (Date.parse(set.effectiveAt) - Date.now()) / 3_600_000;
    assert.ok(hours > 71 && hours < 73, `${hours}`);
  });

  it("once there are two, a third who could decide needs both: by whatever way", async () => {
    const ben = await persons.make(tenant.tenantId, "ben", [{ role: "owner" }]);
    const puppet = { userName: "puppet", displayName: "Puppet", email: null };
    const invited = { ...puppet, role: "owner", siteIds: null, expiresAt: null };
    is(await call(ada, "POST", "/invitations", invited), 202);
    is(await call(ada, "POST", "/invitations", { ...invited, role: "viewer" }), 201);
    const { users } = is<{ users: { userId: string }[] }>(await call(ada, "GET", "/users?text=puppet"), 200);
    const { userId } = users[0]!;
    is(await call(ada, "POST", "/grants", { to: { userId }, role: { builtin: "owner" } }), 202);
    const { groupId } = is<{ groupId: string }>(await call(ada, "POST", "/groups", { name: "Owners" }), 201);
    is(await call(ada, "POST", "/grants", { to: { groupId }, role: { builtin: "owner" } }), 202);
    const role = { name: "Deciders", permissions: ["sites:read"] };
    const { roleId } = is<{ roleId: string }>(await call(ada, "POST", "/roles", role), 201);
    is(await call(ada, "POST", "/grants", { to: { userId }, role: { roleId } }), 201);
    is(await call(ada, "PATCH", `/roles/${roleId}`, { permissions: ["sites:read", "approvals:decide"] }), 202);
    // Nor does she take Ben's place.
    is(await call(ada, "DELETE", `/users/${ben.userId}/factors`), 202);
    const { approval } = is<{ approval: { approvalId: string } }>(
      await call(ada, "POST", `/users/${ben.userId}/sign-in-link`),
      202,
    );
    const done = is<{ answer: { status: number; body: unknown } }>(
      await call(ben, "POST", `/approvals/${approval.approvalId}/approve`),
      200,
    );
    assert.equal(done.answer.status, 201);
    assert.ok(!JSON.stringify(done).includes("/setup/"), "the approver sees nobody's link");
    const shown = await call(ada, "GET", `/approvals/${approval.approvalId}`);
    assert.ok(!shown.body.includes("/setup/"));
  });

  it("a named role is asked of who does it and of who approves; a key has none", async () => {
    const birch = await appliance.createTenant("Birch");
    const eve = await persons.make(birch.tenantId, "eve", [{ role: "owner" }]);
    const role = { name: "Export officers", permissions: ["evidence:read"] };
    const { roleId } = is<{ roleId: string }>(await call(eve, "POST", "/roles", role), 201);
    const rule = { act: "evidence.export", secondPerson: "when-two", role: { roleId } };
    is(await call(eve, "PATCH", "/approval-rules", { rules: [rule] }), 200);
    const wanted = { from: "2026-11-01T00:00:00Z", to: "2026-11-02T00:00:00Z" };
    is(await call(eve, "POST", "/exports", wanted), 403);
    is(await appliance.call(birch.apiKey, "POST", "/api/v1/exports", wanted), 403);
    is(await call(eve, "POST", "/grants", { to: { userId: eve.userId }, role: { roleId } }), 201);
    is(await call(eve, "POST", "/exports", wanted), 202);
    const max = await persons.make(birch.tenantId, "max", [{ role: "owner" }]);
    // The role is in use by the rule: it stays.
    is(await call(eve, "DELETE", `/roles/${roleId}`), 409);
    const asked = await call(eve, "POST", "/exports", wanted);
    // Two owners, but Max lacks the role: nobody else could decide, so Eve would wait and confirm alone.
    const { approval } = is<{ approval: { approvalId: string; aloneFrom: string | null } }>(asked, 202);
    assert.ok(approval.aloneFrom);
    is(await call(max, "POST", `/approvals/${approval.approvalId}/approve`), 403);
    is(await call(eve, "POST", "/grants", { to: { userId: max.userId }, role: { roleId } }), 201);
    is(await call(max, "POST", `/approvals/${approval.approvalId}/approve`), 200);
  });
});
