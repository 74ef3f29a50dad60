import assert from "node:assert/strict";
import { z } from "zod";
import { routeTable } from "../../src/http/api-routes.ts";
import { type Appliance, type ApplianceTenant, startAppliance } from "../support/appliance.ts";

type Page = Record<string, unknown> & { next: string | number | null };

describe("http: lists, page by page", function () {
  this.timeout(120_000);
  let appliance: Appliance;
  let tenant: ApplianceTenant;

  before(async () => {
    appliance = await startAppliance({
      configure: (config) => {
        config.limits = { general: 100_000, write: 100_000, settings: 100_000 };
      },
    });
    tenant = await appliance.createTenant("Alder");
    for (let n = 0; n < 5; n++) await addOne(n);
  });
  after(() => appliance?.stop());

  async function post(path: string, body: unknown): Promise<Record<string, string>> {
    const answer = await appliance.call(tenant.apiKey, "POST", `/api/v1${path}`, body);
    assert.ok(answer.status < 300, `${path}: ${answer.body}`);
    return answer.json();
  }
  const get = async (path: string): Promise<Page> => {
    const answer = await appliance.call(tenant.apiKey, "GET", `/api/v1${path}`);
    assert.equal(answer.status, 200, `${path}: ${answer.body}`);
    return answer.json<Page>();
  };

  /** One more of everything that is listed. */
  async function addOne(n: number): Promise<void> {
    const { siteId } = await post("/sites", { name: `Site ${n}` });
    await post(`/sites/${siteId}/devices`, { name: `camera ${n % 2}` });
    await post(`/events?site=${siteId}`, [{ kind: "gate.opened", occurred: new Date().toISOString(), body: { n } }]);
    await post(`/events?site=${siteId}`, [{ kind: `?${n}` }]);
    await post("/erasure-cases", { about: `plate N${n}` });
    await post("/holds", { siteId, caseNumber: `${n}`, reason: "test", owner: "I", reviewOn: "2099-01-01" });
    await post("/erasure-requests", { subject: `plate:N${n}`, reason: "test" });
    await post("/exports", { from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z" });
    await post("/api-keys", { name: `key ${n % 3}`, permissions: ["sites:read"] });
    const { userId } = await post("/users", {
      userName: `person-${crypto.randomUUID()}`,
      displayName: `Person ${n % 2}`,
    });
    await post("/groups", { name: `Shift ${crypto.randomUUID()}` });
    await post("/grants", { to: { userId }, role: { builtin: "viewer" } });
  }

  const lists: [path: string, name: string, id: string, query?: string][] = [
    ["/sites", "sites", "siteId"],
    ["/devices", "devices", "deviceId"],
    ["/events", "events", "eventId"],
    ["/holds", "holds", "holdId"],
    ["/holds", "holds", "holdId", "open=false"],
    ["/erasure-requests", "requests", "requestId"],
    ["/erasure-cases", "cases", "caseId"],
    ["/erasure-cases", "cases", "caseId", "open=false"],
    ["/dead-letters", "letters", "letterId"],
    ["/retention/policies", "policies", "siteId"],
    ["/exports", "exports", "exportId"],
    ["/tasks", "tasks", "taskId"],
    ["/api-keys", "apiKeys", "keyId"],
    ["/users", "users", "userId"],
    ["/groups", "groups", "groupId"],
    ["/grants", "grants", "grantId"],
  ];
  /** As the API's document says. */
  function sortsOf(path: string): string[] {
    const { query } = routeTable().find((route) => route.method === "get" && route.path === `/api/v1${path}`)!;
    const { properties } = z.toJSONSchema(query!, { io: "input" });
    return ((properties?.sort as { enum?: string[] } | undefined)?.enum ?? []) as string[];
  }
  const idsOf = (page: Page, name: string, id: string): string[] => {
    const rows = page[name] as Record<string, string>[];
    assert.ok(
      rows.every((row) => typeof row[id] === "string"),
      `${name} have no ${id}: ${JSON.stringify(rows[0])}`,
    );
    return rows.map((row) => row[id]!);
  };

  it("the pages together are the whole list, in its order, nothing twice, also while more comes in", async () => {
    for (const [path, name, id, query = ""] of lists) {
      const whole = idsOf(await get(`${path}?limit=500&${query}`), name, id);
      assert.ok(whole.length >= 5, `${path} has ${whole.length}`);
      const seen: string[] = [];
      for (let next: Page["next"] = "", n = 0; next !== null; n++) {
        const page = await get(`${path}?limit=2&${query}${next && `&after=${encodeURIComponent(next)}`}`);
        const ids = idsOf(page, name, id);
        assert.ok(ids.length <= 2);
        seen.push(...ids);
        next = page.next;
        if (n === 1) await addOne(seen.length);
      }
      assert.equal(new Set(seen).size, seen.length, `${path} shows something twice`);
      const kept = seen.filter((each) => whole.includes(each));
      assert.deepEqual(kept, whole, `${path}?${query}`);
    }
  });

  it("every order that a list offers goes page by page to the same whole, by what it names", async () => {
    // What changes by itself moves in the order of what changed.
    await appliance.worker.stop();
    const sorted = lists.filter(([path]) => sortsOf(path).length > 0);
    assert.ok(sorted.length >= 11, `${sorted.length} lists are sorted`);
    for (const [path, name, id, query = ""] of sorted) {
      for (const sort of sortsOf(path)) {
        const whole = await get(`${path}?limit=500&sort=${sort}&${query}`);
        const seen: string[] = [];
        for (let next: Page["next"] = ""; next !== null; ) {
          const page = await get(
            `${path}?limit=3&sort=${sort}&${query}${next && `&after=${encodeURIComponent(next)}`}`,
          );
          seen.push(...idsOf(page, name, id));
          next = page.next;
        }
        assert.deepEqual(seen, idsOf(whole, name, id), `${path} by ${sort}`);
        assert.equal(new Set(seen).size, seen.length);
        const times = (whole[name] as Record<string, string>[]).map((row) => row[sort.replace("-", "")]);
        if (!sort.endsWith("At") || times.includes(undefined)) continue;
        const ascending = times.map((at) => at ?? "").sort();
        assert.deepEqual(
          times.map((at) => at ?? ""),
          sort.startsWith("-") ? ascending.reverse() : ascending,
          sort,
        );
      }
      for (const sort of ["x", "-", "name desc", "createdAt,name"]) {
        const answer = await appliance.call(tenant.apiKey, "GET", `/api/v1${path}?sort=${encodeURIComponent(sort)}`);
        assert.equal(answer.status, 400, `${path}?sort=${sort}`);
        assert.match(answer.body, /query\.sort/);
      }
    }
  });

  it("a full list and a short one say that there is no more", async () => {
    for (const [path] of lists) assert.equal((await get(`${path}?limit=500`)).next, null, path);
    assert.deepEqual(await get("/erasures?limit=1"), { erasures: [], next: null });
  });

  it("a cursor that is none is refused, and so is a limit out of bounds", async () => {
    const strange = ["x", "bm90IG91cnM", Buffer.from("2026-13-45T99:99:99.000000Z x").toString("base64url"), "%00"];
    const forged = Buffer.from("2026-99-99T00:00:00.000000Z 00000000-0000-4000-8000-000000000000").toString(
      "base64url",
    );
    for (const [path] of lists) {
      for (const query of [
        ...[...strange, forged].map((after) => `after=${after}`),
        "limit=0",
        "limit=501",
        "limit=x",
      ]) {
        const answer = await appliance.call(tenant.apiKey, "GET", `/api/v1${path}?${query}`);
        assert.equal(answer.status, 400, `${path}?${query}: ${answer.body}`);
      }
    }
  });
});
