import assert from "node:assert/strict";
import { type Appliance, type ApplianceTenant, startAppliance } from "../support/appliance.ts";
import { type RawAnswer, raw } from "./raw.ts";

describe("http: ETag, If-Match and If-None-Match", function () {
  this.timeout(120_000);
  let appliance: Appliance;
  let tenant: ApplianceTenant;
  let site: string;

  before(async () => {
    appliance = await startAppliance({
      configure: (config) => {
        config.limits = { general: 6000, write: 6000, settings: 6000 };
      },
    });
    tenant = await appliance.createTenant("Alder");
    const made = await appliance.call(tenant.apiKey, "POST", "/api/v1/sites", { name: "Gate" });
    site = `/sites/${made.json<{ siteId: string }>().siteId}`;
  });
  after(() => appliance?.stop());

  const send = (
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: unknown,
  ): Promise<RawAnswer> =>
    raw(
      `${appliance.apiUrl}/api/v1${path}`,
      {
        method,
        ca: appliance.ca,
        headers: {
          authorization: `Bearer ${tenant.apiKey}`,
          ...(body !== undefined && { "content-type": "application/json" }),
          ...headers,
        },
      },
      body === undefined ? undefined : JSON.stringify(body),
    );
  const tagOf = async (path: string): Promise<string> => {
    const answer = await send("GET", path);
    assert.match(String(answer.headers.etag), /^"[\w-]{27}"$/, path);
    return String(answer.headers.etag);
  };
  const changes = (): [string, string, (n: number) => unknown][] => [
    ["PATCH", "/tenant", (n) => ({ coolingOffHours: n })],
    ["PATCH", site, (n) => ({ name: `Gate ${n}` })],
    ["PUT", `${site}/retention`, (n) => ({ imageDays: 40 + n, eventDays: 400 })],
  ];

  it("what was read and has not changed needs no second body", async () => {
    for (const [, path] of changes()) {
      const tag = await tagOf(path);
      for (const header of [tag, `W/${tag}`, `"x", ${tag}`, "*"]) {
        const known = await send("GET", path, { "if-none-match": header });
        assert.deepEqual([known.status, known.body, known.headers.etag], [304, "", tag], `${path} ${header}`);
      }
      assert.equal((await send("GET", path, { "if-none-match": '"x"' })).status, 200);
    }
  });

  it("a change of what one has read goes through and tells the next tag; a change of anything else is refused", async () => {
    for (const [method, path, body] of changes()) {
      const before = await tagOf(path);
      const done = await send(method, path, { "if-match": `"other", ${before}` }, body(1));
      assert.equal(done.status, 200, done.body);
      const after = await tagOf(path);
      assert.notEqual(after, before);
      assert.equal(done.headers.etag, after, `${method} ${path} tells the tag that GET gives`);
      for (const stale of [before, `W/${after}`, '"x"', "x", ""]) {
        const refused = await send(method, path, { "if-match": stale }, body(2));
        assert.equal(refused.status, 412, `${path} ${stale}: ${refused.body}`);
        assert.match(refused.body, /precondition-failed.*read it again/);
      }
      assert.equal(await tagOf(path), after, "nothing was changed");
      assert.equal((await send(method, path, { "if-match": "*" }, body(3))).status, 200);
      assert.equal((await send(method, path, {}, body(4))).status, 200, "without a condition the last one wins");
    }
  });

  it("of ten changes at once that all saw the same state one goes through; without If-Match all do, and nine are lost", async () => {
    const tag = await tagOf(site);
    const race = (headers: Record<string, string>) =>
      Promise.all(Array.from({ length: 10 }, (_, n) => send("PATCH", site, headers, { name: `Racer ${n}` })));
    const statuses = (await race({ "if-match": tag })).map(({ status }) => status).sort();
    assert.deepEqual(statuses, [200, ...Array(9).fill(412)]);
    const unguarded = (await race({})).map(({ status }) => status);
    assert.deepEqual(unguarded, Array(10).fill(200));
  });

  it("conditions hold against a change by another way, too", async () => {
    const tag = await tagOf("/tenant");
    const mixed = await Promise.all([
      ...Array.from({ length: 5 }, (_, n) => send("PATCH", "/tenant", {}, { eventQuotaPerDay: 1000 + n })),
      ...Array.from({ length: 5 }, (_, n) =>
        send("PATCH", "/tenant", { "if-match": tag }, { byteQuotaPerDay: 1_000_000 + n }),
      ),
    ]);
    const statuses = mixed.map(({ status }) => status);
    assert.ok(statuses.slice(5).filter((status) => status === 200).length <= 1, statuses.join(" "));
    assert.ok(
      statuses.every((status) => [200, 412, 503].includes(status)),
      statuses.join(" "),
    );
    await appliance.cli(["verify"]);
  });

  it("DELETE with If-Match takes what was read, and answers that it is gone", async () => {
    const made = await send("POST", "/roles", {}, { name: "Readers", permissions: ["sites:read"] });
    const path = `/roles/${JSON.parse(made.body).roleId}`;
    const seen = await tagOf(path);
    assert.equal((await send("PATCH", path, {}, { name: "Watchers" })).status, 200);
    assert.equal((await send("DELETE", path, { "if-match": seen })).status, 412);
    const gone = await send("DELETE", path, { "if-match": await tagOf(path) });
    assert.deepEqual([gone.status, gone.body, gone.headers.etag], [204, "", undefined]);
    assert.equal((await send("GET", path)).status, 404);
  });
});
