import assert from "node:assert/strict";
import { type Appliance, type ApplianceTenant, startAppliance } from "../support/appliance.ts";

type Page = Record<string, unknown> & { next: string | number | null };

describe("http: lists, page by page", function () {
  this.timeout(120_000);
  let appliance: Appliance;
  let tenant: ApplianceTenant;

  before(async () => {
    appliance = await startAppliance();
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
    await post(`/sites/${siteId}/devices`, { name: `camera ${n}` });
    await post(`/events?site=${siteId}`, [{ kind: "gate.opened", occurred: new Date().toISOString(), body: { n } }]);
    await post("/holds", { siteId, caseNumber: `${n}`, reason: "test", owner: "I", reviewOn: "2099-01-01" });
    await post("/erasure-requests", { subject: `plate:N${n}`, reason: "test" });
    await post("/exports", { from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z" });
    await post("/api-keys", { name: `key ${n}`, permissions: ["sites:read"] });
  }

  const lists: [path: string, name: string, id: string, query?: string][] = [
    ["/sites", "sites", "siteId"],
    ["/devices", "devices", "deviceId"],
    ["/events", "events", "eventId"],
    ["/holds", "holds", "holdId"],
    ["/holds", "holds", "holdId", "open=false"],
    ["/erasure-requests", "requests", "requestId"],
    ["/exports", "exports", "exportId"],
    ["/tasks", "tasks", "taskId"],
    ["/api-keys", "apiKeys", "keyId"],
  ];
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
