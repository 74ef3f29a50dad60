import assert from "node:assert/strict";
import { apiRoutes } from "../../src/http/api-routes.ts";
import { PERMISSIONS } from "../../src/identity/index.ts";
import { createSite, type Site } from "../journeys/fleet.ts";
import { type Answer, type Appliance, type ApplianceTenant, startAppliance } from "../support/appliance.ts";
import { scimToken } from "../support/scim.ts";

type Shape = { method: string; path: string; permission: string; body?: unknown; query?: unknown };
const unknownId = "00000000-0000-4000-8000-00000000dead";

describe("http: every route of the table", function () {
  this.timeout(180_000);
  // The table alone: no handler runs here.
  const routes: Shape[] = apiRoutes({ config: { ingest: {}, appliance: { dataDir: "" } }, devices: {} } as never);
  const withBody = routes.filter((route) => route.body);
  const name = (route: Shape) => `${route.method.toUpperCase()} ${route.path}`;
  let appliance: Appliance;
  let tenants: ApplianceTenant[];
  let sites: Site[][];
  /** SCIM takes keys that may do nothing else. */
  let scimTokens: string[];
  const keyFor = (route: Shape, tenant = 0) =>
    route.permission === "scim:provision" ? scimTokens[tenant]! : tenants[tenant]!.apiKey;

  before(async () => {
    appliance = await startAppliance();
    tenants = [await appliance.createTenant("Alder"), await appliance.createTenant("Birch")];
    sites = [];
    scimTokens = [];
    for (const tenant of tenants) {
      scimTokens.push((await scimToken(appliance, tenant.apiKey)).token);
      sites.push([await createSite(appliance, tenant, "Gate"), await createSite(appliance, tenant, "Yard")]);
    }
  });
  after(() => appliance?.stop());

  const send = (route: Shape, key: string, { path = route.path, body }: { path?: string; body?: unknown } = {}) =>
    appliance.call(key, route.method.toUpperCase(), path.replace(/:\w+/g, unknownId), body);

  function isProblem(answer: Answer, status: number, what: string): void {
    assert.equal(answer.status, status, `${what}: ${answer.body.slice(0, 500)}`);
    assert.doesNotMatch(answer.body, /node_modules|at .*\.ts:|select |violates|relation /, `${what} tells internals`);
    if (what.includes(" /scim/")) {
      assert.equal(answer.headers["content-type"], "application/scim+json", what);
      const { schemas, ...error } = answer.json<{ schemas: string[]; status: string; detail: string }>();
      assert.deepEqual(schemas, ["urn:ietf:params:scim:api:messages:2.0:Error"]);
      assert.equal(error.status, String(status));
      assert.ok(error.detail);
      return;
    }
    assert.equal(answer.headers["content-type"], "application/problem+json", what);
    const problem = answer.json<{ type: string; status: number; correlation: string }>();
    assert.match(problem.type, /^urn:ledgerstone:problem:[a-z-]+$/);
    assert.equal(problem.status, status);
    assert.equal(problem.correlation, answer.headers["x-request-id"], what);
  }

  it("asks for a credential first, and refuses a wrong one", async () => {
    const [tenant] = tenants;
    const altered = `${tenant!.apiKey.slice(0, -6)}aaaaaa`;
    for (const route of routes) {
      for (const key of ["", "x", altered, "atc_", `${tenant!.apiKey}x`, tenant!.apiKey.slice(0, -1)]) {
        isProblem(
          await send(route, key, { body: {} }),
          401,
          `${name(route)} with key ${JSON.stringify(key.slice(0, 8))}`,
        );
      }
    }
  });

  it("asks for its permission before it reads a body, and names the permission", async () => {
    const [tenant] = tenants;
    for (const permission of new Set(routes.map((route) => route.permission))) {
      const others = PERMISSIONS.filter((each) => each !== permission && each !== "scim:provision");
      const made = await appliance.call(tenant!.apiKey, "POST", "/api/v1/api-keys", {
        name: "few",
        permissions: others,
      });
      assert.equal(made.status, 201, made.body);
      const { key } = made.json<{ key: string }>();
      for (const route of routes.filter((each) => each.permission === permission)) {
        const answer = await send(route, key, { body: "{ not json" });
        isProblem(answer, 403, name(route));
        assert.ok(answer.body.includes(permission), `${name(route)} does not name ${permission}: ${answer.body}`);
      }
    }
  });

  it("refuses bodies that are no JSON, of another shape, of another type, or too large", async () => {
    const bodies: [string, number, string | Buffer][] = [
      ["cut off", 400, '{"name":'],
      ["an unknown key", 400, '{"__proto__":{"admin":true},"constructor":1,"no such key":1}'],
      ["an array", 400, "[]"],
      ["a number", 400, "1e999"],
      ["NUL", 400, '{"name":"a\u0000"}\u0000'],
      ["no UTF-8", 400, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
      ["deep", 400, `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
      ["large", 413, Buffer.alloc(2_000_000, 0x20)],
    ];
    assert.ok(withBody.length > 10);
    for (const route of withBody) {
      for (const [what, status, body] of bodies) {
        isProblem(await send(route, keyFor(route), { body }), status, `${name(route)}: ${what}`);
      }
    }
  });

  it("answers values that fit the shape but nothing else without a 500", async () => {
    const text = ["\u0000", "\ud800", "'; drop table events; --", "../../../etc/passwd", "9".repeat(400), "İ\u202e"];
    const fields = ["name", "reason", "subject", "caseNumber", "owner", "kind", "timeZone"];
    for (const route of withBody) {
      for (const value of text) {
        const body = Object.fromEntries([
          ...fields.map((field) => [field, value]),
          ...["imageDays", "eventDays", "coolingOffHours"].map((field) => [field, 10]),
          ["reviewOn", "9999-12-31"],
        ]);
        for (const some of [body, { name: value }, { reason: value }, { subject: value, reason: value }]) {
          const answer = await send(route, keyFor(route), { body: some });
          assert.ok(answer.status < 500, `${name(route)} ${JSON.stringify(some)}: ${answer.status} ${answer.body}`);
        }
      }
    }
  });

  it("refuses ids and queries that are none, without a 500", async () => {
    const [{ apiKey }] = tenants as [ApplianceTenant];
    const ids = ["..%2f..%2fetc%2fpasswd", "%00", "%ff", "1", "null", `${unknownId}%0a`, unknownId.toUpperCase(), "*"];
    for (const route of routes.filter(({ path }) => path.includes("/:"))) {
      for (const id of ids) {
        const answer = await send(route, keyFor(route), { path: route.path.replace(/:\w+/g, id), body: {} });
        assert.ok([400, 404].includes(answer.status), `${name(route)} ${id}: ${answer.status} ${answer.body}`);
      }
    }
    const queries = [
      "limit=0",
      "limit=1e9",
      "limit=abc",
      "limit=1&limit=2",
      "no-such=1",
      "__proto__[x]=1",
      "after=%00",
    ];
    for (const route of routes.filter(({ method, query }) => method === "get" && query)) {
      for (const query of [
        ...queries,
        "from=9999-99-99",
        "site=1",
        "days=-1",
        "state=x",
        "text=%00%00",
        "subject=%00",
      ]) {
        const answer = await send(route, keyFor(route), { path: `${route.path}?${query}` });
        assert.ok(answer.status < 500, `${name(route)}?${query}: ${answer.status} ${answer.body}`);
      }
    }
    isProblem(await appliance.call(apiKey, "GET", "/api/v1/no-such-thing"), 404, "an unknown path");
    isProblem(await appliance.call(apiKey, "DELETE", "/api/v1/sites"), 404, "an unknown method");
  });

  it("keeps two tenants apart while both use every readable route at once and write", async () => {
    const readable = routes.filter(({ method, path }) => method === "get" && !path.includes("/:"));
    const own = sites.map((list) => list.map(({ siteId }) => siteId));
    const work = Array.from({ length: 8 }, async (_, lane) => {
      const mine = lane % 2;
      const { apiKey } = tenants[mine]!;
      for (let round = 0; round < 4; round++) {
        const occurred = new Date().toISOString();
        const siteId = own[mine]![round % 2]!;
        const events = [{ kind: "load", occurred, body: { lane, round, of: tenants[mine]!.tenantId } }];
        const sent = await appliance.call(apiKey, "POST", `/api/v1/events?site=${siteId}`, events);
        assert.equal(sent.status, 200, sent.body);
        for (const route of readable) {
          const answer = await send(route, keyFor(route, mine));
          assert.equal(answer.status, 200, `${name(route)}: ${answer.body}`);
          for (const foreign of [tenants[1 - mine]!.tenantId, ...own[1 - mine]!]) {
            assert.ok(!answer.body.includes(foreign), `${name(route)} shows ${foreign} to the other tenant`);
          }
        }
        const listed = await appliance.call(apiKey, "GET", "/api/v1/sites");
        for (const siteId of own[mine]!) assert.ok(listed.body.includes(siteId), "one's own sites are listed");
      }
    });
    await Promise.all(work);
  });

  it("left no failure in the log", () => {
    assert.doesNotMatch(appliance.app.output(), /request failed/);
  });
});
