import assert from "node:assert/strict";
import { type Alder, is, openAlder, type Person } from "../persons.ts";

type Ids = Record<string, string>;
type Key = {
  keyId: string;
  limitedBy: string | null;
  access: Record<string, "all" | string[]>;
  madeBy: string;
  revokedAt: string | null;
};
type Made = { key: string; apiKey: Key };

describe("access: API keys do what the person behind them may do now", function () {
  this.timeout(180_000);
  let appliance: Alder["appliance"];
  let persons: Alder["persons"];
  let tenant: Alder["tenant"];
  let stop: Alder["stop"] | undefined;
  let ada: Person;
  let siteA: string;
  let siteB: string;

  before(async () => {
    ({ appliance, persons, tenant, ada, stop } = await openAlder());
    siteA = is<Ids>(await ada.call("POST", "/api/v1/sites", { name: "A" }), 201).siteId!;
    siteB = is<Ids>(await ada.call("POST", "/api/v1/sites", { name: "B" }), 201).siteId!;
  });
  after(() => stop?.());

  const make = async (by: Person, permissions: string[], more: object = {}, status = 201) =>
    is<Made>(await by.call("POST", "/api/v1/api-keys", { name: "test", permissions, ...more }), status);
  const use = (key: string, path: string, method = "GET", body?: unknown) =>
    appliance.call(key, method, `/api/v1${path}`, body);
  const listed = async (keyId: string): Promise<Key> =>
    is<{ apiKeys: Key[] }>(await ada.call("GET", "/api/v1/api-keys"), 200).apiKeys.find(
      (each) => each.keyId === keyId,
    )!;
  const sitesOf = async (key: string): Promise<string[]> =>
    is<{ sites: Ids[] }>(await use(key, "/sites"), 200)
      .sites.map(({ siteId }) => siteId!)
      .sort();
  const both = () => [siteA, siteB].sort();

  it("a demoted maker's key is demoted with its next request, and told so", async () => {
    const adam = await persons.make(tenant.tenantId, "adam", [{ role: "admin" }]);
    const { key, apiKey } = await make(adam, ["sites:read", "sites:write"]);
    assert.deepEqual([apiKey.limitedBy, apiKey.access["sites:write"]], [adam.userId, "all"]);
    is(await use(key, `/sites/${siteA}`, "PATCH", { name: "A" }), 200);
    const { grants } = is<{ grants: Ids[] }>(await ada.call("GET", `/api/v1/grants?userId=${adam.userId}`), 200);
    const viewer = { to: { userId: adam.userId }, role: { builtin: "viewer" }, siteIds: [siteA] };
    is(await ada.call("POST", "/api/v1/grants", viewer), 201);
    is(await ada.call("DELETE", `/api/v1/grants/${grants[0]!.grantId}`), 204);
    is(await use(key, `/sites/${siteA}`, "PATCH", { name: "mine" }), 403);
    assert.deepEqual(await sitesOf(key), [siteA], "as a viewer of one site");
    is(await use(key, `/sites/${siteB}`), 404);
    assert.deepEqual((await listed(apiKey.keyId)).access, { "sites:read": [siteA] });
  });

  it("a maker whose role runs out leaves a key that can do nothing, and one that he made by it neither", async () => {
    const expiresAt = new Date(Date.now() + 4000).toISOString();
    const tim = await persons.make(tenant.tenantId, "tim", [{ role: "admin", expiresAt }]);
    const { key } = await make(tim, ["sites:read", "api-keys:write"]);
    const second = is<Made>(await use(key, "/api-keys", "POST", { name: "second", permissions: ["sites:read"] }), 201);
    assert.equal(second.apiKey.limitedBy, tim.userId);
    for (const each of [key, second.key]) assert.deepEqual(await sitesOf(each), both());
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, Date.parse(expiresAt) - Date.now()) + 50));
    for (const each of [key, second.key]) is(await use(each, "/sites"), 403);
  });

  it("who joins or leaves a group takes the keys along; the end of the account ends them and what they made", async () => {
    const gus = await persons.make(tenant.tenantId, "gus", []);
    const { groupId } = is<Ids>(await ada.call("POST", "/api/v1/groups", { name: "Admins" }), 201);
    is(await ada.call("POST", "/api/v1/grants", { to: { groupId }, role: { builtin: "admin" }, siteIds: null }), 201);
    const members = (change: object) => ada.call("POST", `/api/v1/groups/${groupId}/members`, change);
    is(await members({ add: [gus.userId] }), 200);
    const { key } = await make(gus, ["sites:read", "api-keys:write"]);
    const { key: made } = is<Made>(
      await use(key, "/api-keys", "POST", { name: "by it", permissions: ["sites:read"] }),
      201,
    );
    is(await members({ remove: [gus.userId] }), 200);
    is(await use(key, "/sites"), 403);
    is(await members({ add: [gus.userId] }), 200);
    assert.deepEqual(await sitesOf(made), both());
    is(await ada.call("POST", `/api/v1/users/${gus.userId}/deactivate`), 200);
    for (const each of [key, made]) is(await use(each, "/sites"), 401);
    is(await ada.call("POST", `/api/v1/users/${gus.userId}/reactivate`), 200);
    for (const each of [key, made]) is(await use(each, "/sites"), 401);
  });

  it("a key of the tenant is an owner's to make, outlives him, and is told of", async () => {
    const olga = await persons.make(tenant.tenantId, "olga", [{ role: "owner" }]);
    const admin = await persons.make(tenant.tenantId, "alex", [{ role: "admin" }]);
    await make(admin, ["sites:read"], { holder: "tenant" }, 403);
    const { key, apiKey } = await make(olga, ["sites:read"], { holder: "tenant" });
    assert.equal(apiKey.limitedBy, null);
    const own = await make(olga, ["sites:read", "sign-in:write", "api-keys:write"]);
    const puppet = { name: "x", permissions: ["sites:read"], holder: "tenant" };
    is(await use(own.key, "/api-keys", "POST", puppet), 403);
    const { rows } = await appliance.superuser.query(
      "select 1 from ledger.rows where tenant_id = $1 and action = 'anomaly.wide-key' and entity_id = $2",
      [tenant.tenantId, apiKey.keyId],
    );
    assert.equal(rows.length, 1, "the owners hear of it");
    // Nor is it an admin's to have by rotating it.
    is(await admin.call("POST", `/api/v1/api-keys/${apiKey.keyId}/rotate`, {}), 403);
    const rotated = is<Made>(await olga.call("POST", `/api/v1/api-keys/${apiKey.keyId}/rotate`, {}), 201);
    assert.equal(rotated.apiKey.limitedBy, null);
    await persons.deactivate(tenant.tenantId, olga.userId);
    for (const each of [key, rotated.key]) assert.deepEqual(await sitesOf(each), both());
    is(await use(own.key, "/sites"), 401);
  });

  it("a rotated key is of who rotates it; a key makes none that lasts longer; revoking ends what a key made", async () => {
    const rita = await persons.make(tenant.tenantId, "rita", [{ role: "admin" }]);
    const sam = await persons.make(tenant.tenantId, "sam", [{ role: "admin" }]);
    const first = await make(rita, ["sites:read"]);
    const rotated = is<Made>(await sam.call("POST", `/api/v1/api-keys/${first.apiKey.keyId}/rotate`, {}), 201);
    assert.equal(rotated.apiKey.limitedBy, sam.userId);
    await persons.deactivate(tenant.tenantId, rita.userId);
    is(await use(first.key, "/sites"), 401);
    is(await use(rotated.key, "/sites"), 200);

    const ends = new Date(Date.now() + 3_600_000).toISOString();
    const root = await make(sam, ["sites:read", "api-keys:write"], { expiresAt: ends });
    const child = (expiresAt: string | null) =>
      use(root.key, "/api-keys", "POST", { name: "c", permissions: ["sites:read", "api-keys:write"], expiresAt });
    is(await child(null), 403);
    const made = is<Made>(await child(ends), 201);
    const grandchild = { name: "g", permissions: ["sites:read"], expiresAt: ends };
    const grand = is<Made>(await use(made.key, "/api-keys", "POST", grandchild), 201);
    is(await ada.call("DELETE", `/api/v1/api-keys/${root.apiKey.keyId}`), 204);
    for (const each of [root, made, grand]) is(await use(each.key, "/sites"), 401);
  });

  it("a directory's token ends with the right to set up sign-in, unless it is the tenant's", async () => {
    const scim = (key: string) => appliance.call(key, "GET", "/scim/v2/Users");
    const dora = await persons.make(tenant.tenantId, "dora", [{ role: "owner" }]);
    const mine = await make(dora, ["scim:provision"]);
    const kept = await make(dora, ["scim:provision"], { holder: "tenant" });
    for (const { key } of [mine, kept]) is(await scim(key), 200);
    const { grants } = is<{ grants: Ids[] }>(await ada.call("GET", `/api/v1/grants?userId=${dora.userId}`), 200);
    is(await ada.call("DELETE", `/api/v1/grants/${grants[0]!.grantId}`), 204);
    is(await scim(mine.key), 403);
    is(await scim(kept.key), 200);
  });

  it("an approval that a key asked for is not executed by what its person may do no more", async () => {
    const birch = await appliance.createTenant("Birch");
    const eve = await persons.make(birch.tenantId, "eve", [{ role: "owner" }]);
    const max = await persons.make(birch.tenantId, "max", [{ role: "owner" }]);
    const { key } = await make(eve, ["keys:rotate"]);
    const { approval } = is<{ approval: Ids }>(await use(key, "/keys/data/rotate", "POST"), 202);
    await persons.make(birch.tenantId, "zoe", [{ role: "owner" }]);
    const { grants } = is<{ grants: Ids[] }>(await max.call("GET", `/api/v1/grants?userId=${eve.userId}`), 200);
    is(await max.call("DELETE", `/api/v1/grants/${grants[0]!.grantId}`), 204);
    const answer = await max.call("POST", `/api/v1/approvals/${approval.approvalId}/approve`);
    assert.equal(answer.status, 409, answer.body);
    assert.match(answer.body, /may no longer do it/);
  });
});
