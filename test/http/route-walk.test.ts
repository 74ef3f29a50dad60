import assert from "node:assert/strict";
import { checkRoutes } from "../../src/http/check-routes.ts";
import { OWN_ACCOUNT, PERMISSIONS } from "../../src/identity/index.ts";
import { type Answer, type Appliance, type ApplianceTenant, startAppliance } from "../support/appliance.ts";
import {
  type AnyTableRoute,
  byKey,
  type Callers,
  isMutation,
  isOperators,
  nameIt,
  openCallers,
  type TableRoute,
  walked,
  walkedPublic,
} from "./route-callers.ts";
import { gapsOf } from "./route-gaps.ts";
import { routeInputs } from "./route-inputs.ts";

/** A directory's token has this permission and no other; every other key has not. */
const PROVISION = "scim:provision";
const keyPermissions = PERMISSIONS.filter((each) => each !== PROVISION);

/** Every route there is, one after the other, with everything that must not get through it. */
describe("http: a walk along the table of routes", function () {
  this.timeout(300_000);
  let appliance: Appliance;
  let tenant: ApplianceTenant;
  let callers: Callers;
  /** Who may do all that a tenant's own may: a key where a route takes one, else an owner's session. */
  let allowed: (route: TableRoute) => Record<string, string>;
  let session: Record<string, string>;
  const tenantRoutes = walked.filter((route) => !isOperators(route));

  before(async () => {
    appliance = await startAppliance({
      configure: (config) => {
        const many = 1_000_000;
        config.limits = {
          general: many,
          write: many,
          settings: many,
          auth: many,
          ingest: many,
          images: many,
          scim: many,
          downloads: many,
        };
      },
    });
    tenant = await appliance.createTenant("Alder");
    callers = await openCallers(appliance);
    const key = byKey(await callers.key(tenant.tenantId, keyPermissions));
    const directory = byKey(await callers.key(tenant.tenantId, [PROVISION]));
    session = await callers.owner(tenant.tenantId);
    allowed = (route) => (route.session ? session : route.permission === PROVISION ? directory : key);
  });
  after(async () => {
    await callers?.stop();
    await appliance?.stop();
  });

  /** The problem, in the words of the API or, below /scim, of RFC 7644. */
  function isRefused(answer: Answer, statuses: number | number[], what: string, route: AnyTableRoute): void {
    assert.ok([statuses].flat().includes(answer.status), `${what}: ${answer.status} ${answer.body.slice(0, 400)}`);
    const problem = answer.json<{ type?: string; status: number | string; correlation?: string; schemas?: string[] }>();
    assert.equal(Number(problem.status), answer.status, what);
    if (route.media) assert.deepEqual(problem.schemas, ["urn:ietf:params:scim:api:messages:2.0:Error"], what);
    else {
      assert.equal(answer.headers["content-type"], "application/problem+json", what);
      assert.match(problem.type!, /^urn:ledgerstone:problem:[a-z-]+$/, what);
      assert.equal(problem.correlation, answer.headers["x-request-id"], what);
    }
    assert.doesNotMatch(answer.body, /node_modules|at .*\.ts:|select |violates|relation /, `${what} tells internals`);
  }

  it("every route has its permission, rate class, schemas, examples, ledger action; every list its cursor", () => {
    assert.deepEqual(gapsOf({ routes: walked, publicRoutes: walkedPublic }), []);
    assert.ok(walked.length > 100 && walkedPublic.length > 5, `${walked.length} and ${walkedPublic.length} routes`);
  });

  it("a table with a gap is found out, and one without permission, rate class or action refuses to start", () => {
    const good = walked.find(({ path, method }) => path === "/api/v1/sites" && method === "post")!;
    const list = walked.find(({ path, method }) => path === "/api/v1/sites" && method === "get")!;
    const planted: [Partial<TableRoute>, RegExp, RegExp | undefined][] = [
      [{ permission: undefined as never }, /no permission/, /no permission/],
      [{ permission: "sites:fly" }, /no permission that exists/, undefined],
      [{ rate: undefined as never }, /rate class/, /rate class/],
      [{ action: undefined }, /no ledger action/, /ledger action/],
      [{ response: undefined, status: undefined }, /what it answers/, undefined],
      [{ body: good.body!.meta({ examples: [] }) }, /no example/, undefined],
      [{ summary: "Makes a thing. Shown once." }, /shows a secret/, undefined],
      [{ method: "put" }, /If-Match/, undefined],
    ];
    for (const [change, found, refused] of planted) {
      const routes = [{ ...good, ...change }];
      assert.match(gapsOf({ routes, publicRoutes: [] }).join("\n"), found);
      if (refused) assert.throws(() => checkRoutes({ routes: routes as never, publicRoutes: [] }), refused);
    }
    assert.match(
      gapsOf({ routes: [{ ...list, query: undefined }], publicRoutes: [] }).join("\n"),
      /list without limit/,
    );
    assert.throws(() => checkRoutes({ routes: [good, good] as never, publicRoutes: [] }), /declared twice/);
  });

  it("no credential, and one that is none, gets 401 before anything else", async () => {
    const altered = `${tenant.apiKey.slice(0, -6)}aaaaaa`;
    const strange = ["x", altered, "atc_", `${tenant.apiKey}x`, tenant.apiKey.slice(0, -1)];
    const credentials = [
      {},
      ...strange.map(byKey),
      { authorization: "Basic eDp5" },
      { cookie: "__Host-ledgerstone=x" },
      { cookie: `__Host-ledgerstone=${"A".repeat(43)}` },
    ];
    for (const route of walked) {
      for (const credential of credentials) {
        const answer = await callers.send(route, credential, { body: "{ not json" });
        isRefused(answer, 401, `${nameIt(route)} with ${JSON.stringify(credential).slice(0, 40)}`, route);
      }
    }
  });

  it("a credential that lacks the permission alone gets 403 before its body is read, and is told which", async () => {
    for (const permission of new Set(tenantRoutes.map((route) => route.permission))) {
      if (permission === OWN_ACCOUNT) continue;
      const few = byKey(
        await callers.key(
          tenant.tenantId,
          keyPermissions.filter((each) => each !== permission),
        ),
      );
      for (const route of tenantRoutes.filter((each) => each.permission === permission && !each.session)) {
        const answer = await callers.send(route, few, { body: "{ not json" });
        isRefused(answer, 403, nameIt(route), route);
        assert.ok(answer.body.includes(permission), `${nameIt(route)} does not name ${permission}: ${answer.body}`);
      }
    }
    for (const route of walked.filter((each) => isOperators(each) || each.session)) {
      const answer = await callers.send(route, byKey(tenant.apiKey), { body: "{ not json" });
      isRefused(answer, 403, `${nameIt(route)} by a key with everything`, route);
    }
    for (const route of walked.filter(isOperators)) {
      isRefused(await callers.send(route, session), 403, `${nameIt(route)} by a tenant's owner`, route);
    }
  });

  it("a session changes nothing without its token, or from another site's page", async () => {
    const { cookie } = session as { cookie: string };
    const forgeries: Record<string, string>[] = [
      { cookie },
      { cookie, "x-csrf-token": "x" },
      { ...session, "sec-fetch-site": "cross-site" },
      { ...session, "sec-fetch-site": "same-site" },
    ];
    for (const route of tenantRoutes.filter(isMutation)) {
      for (const forged of forgeries)
        isRefused(await callers.send(route, forged, { body: {} }), 403, nameIt(route), route);
    }
  });

  it("an id that is another tenant's, nobody's, or none, is not found", async () => {
    const birch = await appliance.createTenant("Birch");
    const body = { name: "Gate" };
    const { siteId } = (await appliance.call(birch.apiKey, "POST", "/api/v1/sites", body)).json<{ siteId: string }>();
    const theirs = byKey(await callers.key(birch.tenantId, keyPermissions));
    const named = tenantRoutes.filter(({ path }) => path.includes("/:"));
    assert.ok(named.length > 50);
    for (const route of named) {
      const found = [400, 403, 404, 409, 412, 413, 415, 422];
      for (const id of [siteId, "..%2f..%2fetc%2fpasswd", "%00", "null", `${siteId}%0a`]) {
        const path = route.path.replace(/:\w+/g, id);
        const answer = await callers.send(route, allowed(route), { path, body: isMutation(route) ? {} : undefined });
        assert.ok(found.includes(answer.status), `${nameIt(route)} ${id}: ${answer.status} ${answer.body}`);
        if (!isMutation(route)) isRefused(answer, [400, 404], `${nameIt(route)} ${id}`, route);
      }
    }
    const seen = await appliance.call(birch.apiKey, "GET", `/api/v1/sites/${siteId}`);
    assert.equal(seen.status, 200, "it is there for its own tenant");
    const mine = await callers.send(named[0]!, theirs, { path: "/api/v1/sites" });
    assert.ok(mine.status < 500);
  });

  const bodies: [string, number[], string | Buffer][] = [
    ["cut off", [400], '{"name":'],
    ["an unknown key", [400], '{"__proto__":{"admin":true},"constructor":1,"no such key":1}'],
    ["an array", [400], "[]"],
    ["a number", [400], "1e999"],
    ["NUL", [400], '{"name":"a\u0000"}\u0000'],
    ["no UTF-8", [400], Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ["deep", [400], `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
    ["large", [413], Buffer.alloc(2_000_000, 0x20)],
  ];

  it("a body that is no JSON, of another shape, too deep or too large, is refused", async () => {
    const withBody = tenantRoutes.filter(({ body }) => body);
    assert.ok(withBody.length > 40);
    for (const route of withBody) {
      for (const [what, statuses, body] of bodies) {
        isRefused(await callers.send(route, allowed(route), { body }), statuses, `${nameIt(route)}: ${what}`, route);
      }
      const other = { body: "a=b", headers: { "content-type": "text/plain" } };
      isRefused(await callers.send(route, allowed(route), other), 415, `${nameIt(route)}: another type`, route);
    }
  });

  it("a route that asks for no credential is refused the same, and fails on nothing", async () => {
    for (const route of walkedPublic) {
      for (const [what, , body] of isMutation(route) ? bodies : []) {
        const answer = await callers.send(route, {}, { body });
        const refused = answer.status >= 400 && answer.status < 500;
        assert.ok(refused, `${nameIt(route)}: ${what}: ${answer.status} ${answer.body.slice(0, 300)}`);
        if (what === "large" && route.body) assert.equal(answer.status, 413, nameIt(route));
      }
      for (const slug of ["..%2f", "%00", "a".repeat(300), "'%20or%201=1", "no-such-tenant", "%ff"]) {
        const answer = await callers.send(route, {}, { path: route.path.replace(/:\w+/g, slug) });
        assert.ok(answer.status >= 300 && answer.status < 500, `${nameIt(route)} ${slug}: ${answer.status}`);
        assert.doesNotMatch(answer.body, /node_modules|at .*\.ts:|violates|relation /, nameIt(route));
      }
    }
  });

  it("nothing of it failed in the log, and the chains verify", async () => {
    assert.doesNotMatch(appliance.app.output(), /request failed/);
    await appliance.cli(["verify"]);
  });
  routeInputs(() => ({ appliance, callers }));
});
