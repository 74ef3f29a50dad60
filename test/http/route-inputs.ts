import assert from "node:assert/strict";
import { PERMISSIONS } from "../../src/identity/index.ts";
import { createSite, type Site } from "../journeys/fleet.ts";
import type { Appliance, ApplianceTenant } from "../support/appliance.ts";
import { byKey, type Callers, isMutation, isOperators, nameIt, walked } from "./route-callers.ts";

/** In tenants of their own on a running appliance without limits. */
export function routeInputs(world: () => { appliance: Appliance; callers: Callers }): void {
  describe("routes that take what they are given", () => {
    // Directories' routes speak another language (test/identity/scim); the operator's are of another tenant.
    const routes = walked.filter((route) => !route.path.startsWith("/scim/") && !isOperators(route));
    let appliance: Appliance;
    let callers: Callers;
    let tenants: ApplianceTenant[];
    let sites: Site[][];
    /** By tenant: a key where a route takes one, else an owner's session. */
    let credentials: ((route: { session?: true | undefined }) => Record<string, string>)[];

    before(async () => {
      ({ appliance, callers } = world());
      tenants = [await appliance.createTenant("Alder"), await appliance.createTenant("Birch")];
      sites = [];
      credentials = [];
      for (const tenant of tenants) {
        sites.push([await createSite(appliance, tenant, "Gate"), await createSite(appliance, tenant, "Yard")]);
        const permissions = PERMISSIONS.filter((each) => each !== "scim:provision");
        const [key, owner] = [
          byKey(await callers.key(tenant.tenantId, permissions)),
          await callers.owner(tenant.tenantId),
        ];
        credentials.push((route) => (route.session ? owner : key));
      }
    });

    it("answer values that fit the shape but nothing else without a 500", async () => {
      const text = ["\u0000", "\ud800", "'; drop table events; --", "../../../etc/passwd", "9".repeat(400), "İ\u202e"];
      const fields = ["name", "reason", "subject", "caseNumber", "owner", "kind", "timeZone", "userName", "password"];
      for (const route of routes.filter(({ body }) => body)) {
        for (const value of text) {
          const body = Object.fromEntries([
            ...fields.map((field) => [field, value]),
            ...["imageDays", "eventDays", "coolingOffHours"].map((field) => [field, 10]),
            ["reviewOn", "9999-12-31"],
          ]);
          for (const some of [body, { name: value }, { reason: value }, { subject: value, reason: value }]) {
            const answer = await callers.send(route, credentials[0]!(route), { body: some });
            assert.ok(answer.status < 500, `${nameIt(route)} ${JSON.stringify(some)}: ${answer.status} ${answer.body}`);
          }
        }
      }
    });

    it("refuse queries that are none, without a 500", async () => {
      const strange = [
        "limit=0",
        "limit=1e9",
        "limit=abc",
        "limit=1&limit=2",
        "no-such=1",
        "__proto__[x]=1",
        "after=%00",
      ];
      const more = ["from=9999-99-99", "site=1", "days=-1", "state=x", "text=%00%00", "subject=%00", "userId=x"];
      for (const route of routes.filter(({ method, query }) => method === "get" && query)) {
        for (const query of [...strange, ...more]) {
          const answer = await callers.send(route, credentials[0]!(route), { path: `${route.path}?${query}` });
          assert.ok(answer.status < 500, `${nameIt(route)}?${query}: ${answer.status} ${answer.body}`);
        }
      }
      assert.equal((await appliance.call(tenants[0]!.apiKey, "GET", "/api/v1/no-such-thing")).status, 404);
      assert.equal((await appliance.call(tenants[0]!.apiKey, "DELETE", "/api/v1/sites")).status, 404);
    });

    it("keep two tenants apart while both use every readable one at once and write", async () => {
      const readable = routes.filter((route) => !isMutation(route) && !route.path.includes("/:"));
      const own = sites.map((list) => list.map(({ siteId }) => siteId));
      const work = Array.from({ length: 8 }, async (_, lane) => {
        const mine = lane % 2;
        const { apiKey } = tenants[mine]!;
        for (let round = 0; round < 3; round++) {
          const occurred = new Date().toISOString();
          const siteId = own[mine]![round % 2]!;
          const events = [{ kind: "load", occurred, body: { lane, round, of: tenants[mine]!.tenantId } }];
          const sent = await appliance.call(apiKey, "POST", `/api/v1/events?site=${siteId}`, events);
          assert.equal(sent.status, 200, sent.body);
          for (const route of readable) {
            const answer = await callers.send(route, credentials[mine]!(route));
            assert.ok([200, 404].includes(answer.status), `${nameIt(route)}: ${answer.status} ${answer.body}`);
            for (const foreign of [tenants[1 - mine]!.tenantId, ...own[1 - mine]!]) {
              assert.ok(!answer.body.includes(foreign), `${nameIt(route)} shows ${foreign} to the other tenant`);
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
}
