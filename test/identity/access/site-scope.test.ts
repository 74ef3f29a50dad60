import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { routeTable } from "../../../src/http/api-routes.ts";
import { makeUuidv7 } from "../../../src/record/uuidv7.ts";
import { type Answer, type Appliance, type ApplianceTenant, startAppliance } from "../../support/appliance.ts";
import { openPersons, type Person, type Persons } from "../persons.ts";

type Ids = Record<string, string>;

describe("access: people limited to sites, over every route", function () {
  this.timeout(240_000);
  const routes = routeTable();
  let appliance: Appliance;
  let persons: Persons;
  let tenant: ApplianceTenant;
  /** What stands at one site each. */
  let own: Ids;
  let other: Ids;

  before(async () => {
    appliance = await startAppliance();
    persons = await openPersons(appliance);
    tenant = await appliance.createTenant("Alder");
    own = await stock("own");
    other = await stock("other");
  });
  after(async () => {
    await persons?.stop();
    await appliance?.stop();
  });

  const ok = <T>(answer: Answer): T => {
    assert.ok(answer.status < 300, `${answer.status} ${answer.body}`);
    return answer.json<T>();
  };
  const key = async <T = Ids>(method: string, path: string, body?: unknown): Promise<T> =>
    ok<T>(await appliance.call(tenant.apiKey, method, `/api/v1${path}`, body));

  async function stock(name: string): Promise<Ids> {
    const { siteId } = await key("POST", "/sites", { name: `site-${name}` });
    const { deviceId } = await key("POST", `/sites/${siteId}/devices`, { name: `camera-${name}` });
    const eventId = makeUuidv7(Date.now(), randomBytes(10));
    const event = { id: eventId, kind: `kind.${name}`, occurred: new Date().toISOString(), body: { at: name } };
    await key("POST", `/events?site=${siteId}`, [event]);
    const hold = { siteId, caseNumber: name, reason: "test", owner: "somebody", reviewOn: "2099-01-01" };
    const { holdId } = await key("POST", "/holds", hold);
    const { exportId } = await key("POST", "/exports", { events: [eventId], sites: [siteId] });
    return { siteId: siteId!, deviceId: deviceId!, eventId, holdId: holdId!, exportId: exportId! };
  }

  const bodies: Record<string, unknown> = {
    "patch /api/v1/sites/:siteId": { name: "mine now" },
    "post /api/v1/sites/:siteId/devices": { name: "camera" },
    "post /api/v1/devices/:deviceId/revoke": { reason: "test" },
    "post /api/v1/devices/:deviceId/certificates": { certificate: "none" },
    "post /api/v1/sites/:siteId/retention/preview": { imageDays: 1, eventDays: 1 },
    "put /api/v1/sites/:siteId/retention": { imageDays: 40, eventDays: 400 },
    "post /api/v1/holds/:holdId/release": { reason: "test" },
  };
  const name = (route: { method: string; path: string }) => `${route.method} ${route.path}`;
  const siteRoutes = routes.filter(({ path }) => /:(siteId|deviceId|eventId|holdId|exportId)/.test(path));
  const send = (by: Person, route: { method: string; path: string }, ids: Ids) =>
    by.call(
      route.method.toUpperCase(),
      route.path.replace(":n", "0").replace(/:(\w+)/g, (_, param: string) => ids[param]!),
      route.method === "get" || route.method === "delete" ? undefined : (bodies[name(route)] ?? {}),
    );

  it("an owner of one site finds nothing of another, by any route that names something of it", async () => {
    const sue = await persons.make(tenant.tenantId, "sue", [{ role: "owner", sites: [own.siteId!] }]);
    assert.ok(siteRoutes.length >= 18, `${siteRoutes.length}`);
    for (const route of siteRoutes) {
      const answer = await send(sue, route, other);
      assert.equal(answer.status, 404, `${name(route)}: ${answer.status} ${answer.body}`);
      assert.ok(!answer.body.includes("other"));
    }
    // The same requests reach her own site's things.
    for (const route of siteRoutes.filter(({ method }) => method === "get")) {
      const { status, body } = await send(sue, route, own);
      const found = status === 200 || status === 409 || /image|download/.test(route.path);
      assert.ok(found, `${name(route)}: ${status} ${body}`);
    }
  });

  it("no list shows her anything of another site", async () => {
    const tess = await persons.make(tenant.tenantId, "tess", [{ role: "owner", sites: [own.siteId!] }]);
    const lists = routes.filter(
      ({ method, path, permission }) =>
        method === "get" && path.startsWith("/api/v1/") && !path.includes("/:") && !permission.startsWith("appliance:"),
    );
    assert.ok(lists.length >= 20);
    const shown: string[] = [];
    for (const route of lists) {
      const { status, body } = await send(tess, route, {});
      assert.equal(status, route.wholeTenant ? 403 : 200, `${name(route)}: ${body}`);
      for (const id of Object.values(other)) assert.ok(!body.includes(id), `${name(route)} shows ${id}`);
      if (Object.values(own).some((id) => body.includes(id))) shown.push(route.path);
    }
    for (const path of ["/api/v1/sites", "/api/v1/devices", "/api/v1/events", "/api/v1/holds"]) {
      assert.ok(shown.includes(path), `${path} shows nothing of her own site`);
    }
  });

  it("bodies and queries that name another site reach nothing", async () => {
    const uma = await persons.make(tenant.tenantId, "uma", [{ role: "owner", sites: [own.siteId!] }]);
    const hold = { caseNumber: "2", reason: "test", owner: "somebody", reviewOn: "2099-01-01" };
    const fresh = {
      id: makeUuidv7(Date.now(), randomBytes(10)),
      kind: "x",
      occurred: new Date().toISOString(),
      body: {},
    };
    const refused: [string, string, unknown][] = [
      ["POST", "/api/v1/holds", { ...hold, siteId: other.siteId }],
      ["POST", "/api/v1/holds", hold],
      ["POST", `/api/v1/events?site=${other.siteId}`, [fresh]],
      ["POST", "/api/v1/exports", { events: [own.eventId], sites: [other.siteId] }],
      ["POST", "/api/v1/erasure-requests", { eventIds: [own.eventId], reason: "test" }],
      ["POST", "/api/v1/api-keys", { name: "x", permissions: ["sites:read"] }],
      ["POST", "/api/v1/api-keys", { name: "x", permissions: ["sites:read"], siteIds: [other.siteId] }],
      ["PATCH", "/api/v1/tenant", { coolingOffHours: 100 }],
      ["POST", "/api/v1/grants", { to: { userId: uma.userId }, role: { builtin: "viewer" } }],
      ["POST", "/api/v1/roles", { name: "x", permissions: ["sites:read"] }],
      ["PATCH", "/api/v1/approval-rules", { approvalHours: 100 }],
      ["POST", "/api/v1/keys/data/rotate", undefined],
    ];
    for (const [method, path, body] of refused) {
      const { status, body: text } = await uma.call(method, path, body);
      assert.ok(status === 403 || status === 404, `${method} ${path} ${JSON.stringify(body)}: ${status} ${text}`);
    }
    assert.equal((await uma.call("GET", `/api/v1/events?site=${other.siteId}`)).status, 404);
  });

  it("viewer of all and admin of one: reads everywhere, writes there alone; each list is as wide as its own permission", async () => {
    const vic = await persons.make(tenant.tenantId, "vic", [
      { role: "viewer" },
      { role: "admin", sites: [own.siteId!] },
    ]);
    const { sites } = ok<{ sites: Ids[] }>(await vic.call("GET", "/api/v1/sites"));
    assert.deepEqual(new Set(sites.map(({ siteId }) => siteId)), new Set([own.siteId, other.siteId]));
    ok(await vic.call("GET", `/api/v1/events/${other.eventId}`));
    assert.equal((await vic.call("PATCH", `/api/v1/sites/${other.siteId}`, { name: "x" })).status, 404);
    ok(await vic.call("PATCH", `/api/v1/sites/${own.siteId}`, { name: "site-own" }));
    assert.equal((await vic.call("POST", `/api/v1/devices/${other.deviceId}/enrolment-code`, {})).status, 404);
    // Exports are an admin's to see: there she has one site.
    const { exports } = ok<{ exports: Ids[] }>(await vic.call("GET", "/api/v1/exports"));
    assert.deepEqual(
      exports.map(({ exportId }) => exportId),
      [own.exportId],
    );
  });

  it("what a group has counts for its members, on its sites, and ends with membership", async () => {
    const walt = await persons.make(tenant.tenantId, "walt", []);
    const { groupId } = await key("POST", "/groups", { name: "Night shift" });
    await key("POST", "/grants", { to: { groupId }, role: { builtin: "viewer" }, siteIds: [other.siteId] });
    assert.equal((await walt.call("GET", "/api/v1/sites")).status, 403);
    await key("POST", `/groups/${groupId}/members`, { add: [walt.userId] });
    const { sites } = ok<{ sites: Ids[] }>(await walt.call("GET", "/api/v1/sites"));
    assert.deepEqual(
      sites.map(({ siteId }) => siteId),
      [other.siteId],
    );
    await key("POST", `/groups/${groupId}/members`, { remove: [walt.userId] });
    assert.equal((await walt.call("GET", "/api/v1/sites")).status, 403);
  });

  it("a grant that runs out, one that is revoked and an account that ends all hold within a second", async () => {
    const expiresAt = new Date(Date.now() + 3000).toISOString();
    const xia = await persons.make(tenant.tenantId, "xia", [{ role: "viewer", expiresAt }]);
    const yan = await persons.make(tenant.tenantId, "yan", [{ role: "viewer" }]);
    const zoe = await persons.make(tenant.tenantId, "zoe", [{ role: "viewer" }]);
    for (const each of [xia, yan, zoe]) ok(await each.call("GET", "/api/v1/sites"));
    const { grants } = await key<{ grants: Ids[] }>("GET", `/grants?userId=${yan.userId}`);
    assert.equal((await appliance.call(tenant.apiKey, "DELETE", `/api/v1/grants/${grants[0]!.grantId}`)).status, 204);
    assert.equal((await yan.call("GET", "/api/v1/sites")).status, 403);
    await persons.deactivate(tenant.tenantId, zoe.userId);
    assert.equal((await zoe.call("GET", "/api/v1/sites")).status, 401);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, Date.parse(expiresAt) - Date.now())));
    assert.equal((await xia.call("GET", "/api/v1/sites")).status, 403);
  });

  it("it is the database that keeps her there: with its policy gone, the same request shows the other site", async () => {
    const abe = await persons.make(tenant.tenantId, "abe", [{ role: "viewer", sites: [own.siteId!] }]);
    const path = `/api/v1/sites/${other.siteId}`;
    assert.equal((await abe.call("GET", path)).status, 404);
    await appliance.superuser.query("alter policy site_scope on sites using (true)");
    ok(await abe.call("GET", path));
    await appliance.superuser.query(
      "alter policy site_scope on sites using ((select app.all_sites()) or site_id = any((select app.sites())::uuid[]))",
    );
    assert.equal((await abe.call("GET", path)).status, 404);
  });
});
