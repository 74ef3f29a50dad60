import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type Appliance, type ApplianceTenant, startAppliance } from "../support/appliance.ts";
import { waitUntil } from "../support/process.ts";
import { type RawAnswer, raw } from "./raw.ts";

describe("http: Idempotency-Key", function () {
  this.timeout(180_000);
  let appliance: Appliance;
  let alder: ApplianceTenant;
  let birch: ApplianceTenant;

  before(async () => {
    appliance = await startAppliance();
    alder = await appliance.createTenant("Alder");
    birch = await appliance.createTenant("Birch");
  });
  after(() => appliance?.stop());

  const post = (path: string, body: unknown, key?: string, apiKey = alder.apiKey): Promise<RawAnswer> =>
    raw(
      `${appliance.apiUrl}/api/v1${path}`,
      {
        method: "POST",
        ca: appliance.ca,
        headers: {
          authorization: `Bearer ${apiKey}`,
          "content-type": "application/json",
          ...(key && { "idempotency-key": key }),
        },
      },
      JSON.stringify(body),
    );
  const count = async (name: string): Promise<number> =>
    (await appliance.superuser.query("select 1 from sites where name = $1", [name])).rowCount ?? 0;
  const sleepOn = (event: "insert" | "update") =>
    appliance.superuser.query(
      `create or replace function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(20); return new; end $$;
       create trigger slow before ${event} on idempotency_keys for each row execute function slow()`,
    );
  const wake = async () => {
    await appliance.superuser.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'",
    );
    await appliance.superuser.query("drop trigger slow on idempotency_keys");
  };
  const busy = async () =>
    ((await appliance.superuser.query("select 1 from pg_stat_activity where wait_event = 'PgSleep'")).rowCount ?? 0) >
    0;

  it("without a key a repetition does it again", async () => {
    for (let n = 0; n < 2; n++) assert.equal((await post("/sites", { name: "twice" })).status, 201);
    assert.equal(await count("twice"), 2);
  });

  it("with one, a repetition gets the first answer, with its status and place", async () => {
    const key = randomUUID();
    const first = await post("/sites", { name: "once" }, key);
    const again = await post("/sites", { name: "once" }, key);
    assert.deepEqual([first.status, again.status], [201, 201]);
    assert.equal(again.body, first.body);
    assert.equal(again.headers.location, first.headers.location);
    assert.deepEqual(
      [first.headers["idempotency-replayed"], again.headers["idempotency-replayed"]],
      [undefined, "true"],
    );
    assert.notEqual(again.headers["x-request-id"], first.headers["x-request-id"]);
    assert.equal(await count("once"), 1);
  });

  it("a key belongs to its caller, and to one request", async () => {
    const key = randomUUID();
    assert.equal((await post("/sites", { name: "mine" }, key)).status, 201);
    assert.equal((await post("/sites", { name: "mine" }, key, birch.apiKey)).status, 201, "another tenant's");
    const made = await post("/api-keys", { name: "other", permissions: ["sites:write"] });
    assert.equal((await post("/sites", { name: "mine" }, key, JSON.parse(made.body).key)).status, 201, "another key's");
    assert.equal(await count("mine"), 3);
    const other = await post("/sites", { name: "other" }, key);
    assert.equal(other.status, 422, other.body);
    assert.equal(JSON.parse(other.body).type, "urn:ledgerstone:problem:key-reused");
    const elsewhere = await post("/holds", { name: "mine" }, key);
    assert.notEqual(elsewhere.status, 201);
    for (const bad of ["a b", "ä", "x".repeat(256), " "]) {
      const answer = await post("/sites", { name: "bad" }, Buffer.from(bad).toString("latin1"));
      assert.equal(answer.status, 400, JSON.stringify(bad));
    }
    assert.equal(await count("bad"), 0);
  });

  it("a refused request takes no key", async () => {
    const key = randomUUID();
    assert.equal((await post("/sites", { name: "" }, key)).status, 400);
    assert.equal((await post("/sites", { name: "zone", timeZone: "Mars/Base" }, key)).status, 400);
    assert.equal((await post("/sites", { name: "zone" }, key)).status, 201);
  });

  it("of many at once with one key one does it; the others are told so", async () => {
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 12 }, () => post("/sites", { name: "race" }, key)));
    const statuses = answers.map(({ status }) => status);
    assert.ok(
      statuses.every((status) => [201, 409].includes(status)),
      statuses.join(" "),
    );
    assert.ok(statuses.includes(201));
    assert.equal(await count("race"), 1);
    assert.equal(new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body)).size, 1);
  });

  it("a secret that is shown once is not kept, and not shown again", async () => {
    const key = randomUUID();
    const first = await post("/api-keys", { name: "secret", permissions: ["sites:read"] }, key);
    assert.equal(first.status, 201);
    const again = await post("/api-keys", { name: "secret", permissions: ["sites:read"] }, key);
    assert.equal(again.status, 409);
    assert.match(again.body, /shown once/);
    const { rows } = await appliance.superuser.query(
      "select status, answer, secret from idempotency_keys where secret",
    );
    assert.deepEqual(rows, [{ status: null, answer: null, secret: true }]);
    assert.equal((await appliance.superuser.query("select 1 from api_keys where name = 'secret'")).rowCount, 1);
  });

  it("kept answers are sealed, and keys are hashed", async () => {
    const key = "order-of-AB12CDE";
    const wanted = { subject: "plate:AB12CDE", reason: "asked by AB12CDE" };
    const first = await post("/erasure-requests", wanted, key);
    assert.equal((await post("/erasure-requests", wanted, key)).body, first.body);
    const { rows } = await appliance.superuser.query("select k::text as text, answer from idempotency_keys k");
    for (const { text, answer } of rows) {
      assert.doesNotMatch(text + (answer ?? ""), /AB12CDE|requestId/);
    }
  });

  it("an erasure takes kept answers along: they may speak of whom it takes out", async () => {
    const key = randomUUID();
    const { siteId } = JSON.parse((await post("/sites", { name: "forgotten" }, key)).body);
    const occurred = new Date().toISOString();
    const event = { kind: "gate.opened", occurred, body: {}, subjects: ["plate:GONE1"] };
    assert.equal((await post(`/events?site=${siteId}`, [event])).status, 200);
    assert.equal((await post("/erasure-requests", { subject: "plate:GONE1", reason: "asked" })).status, 202);
    const kept = async (tenantId: string): Promise<number> => {
      const sql = "select 1 from idempotency_keys where answer is not null and tenant_id = $1";
      return (await appliance.superuser.query(sql, [tenantId])).rowCount ?? 0;
    };
    const gone = async () => (await kept(alder.tenantId)) === 0;
    await waitUntil("the answers to go", gone, { timeoutMs: 60_000, everyMs: 300 });
    assert.ok((await kept(birch.tenantId)) > 0, "another tenant's stay");
    const again = await post("/sites", { name: "forgotten" }, key);
    assert.equal(again.status, 409, again.body);
    assert.equal(await count("forgotten"), 1);
  });

  it("killAfterCommitBeforeAnswer: it is not done again; the caller learns that it was done", async () => {
    const key = randomUUID();
    await sleepOn("update");
    const lost = post("/sites", { name: "crash" }, key).catch(() => undefined);
    await waitUntil("the answer being kept", busy, { everyMs: 50 });
    assert.equal(await count("crash"), 1);
    await appliance.app.kill();
    await lost;
    await wake();
    await appliance.app.start();
    const soon = await post("/sites", { name: "crash" }, key);
    assert.equal(soon.status, 409);
    assert.match(soon.body, /under way/);
    await appliance.superuser.query(
      "update idempotency_keys set made_at = made_at - interval '2 minutes' where answer is null",
    );
    const later = await post("/sites", { name: "crash" }, key);
    assert.equal(later.status, 409);
    assert.match(later.body, /answer was lost/);
    assert.equal(await count("crash"), 1);
    assert.equal((await post("/sites", { name: "crash" })).status, 201, "without the key it is done again");
    assert.equal(await count("crash"), 2);
  });

  it("killBeforeCommit: it was not done, and the repetition does it once", async () => {
    const key = randomUUID();
    await sleepOn("insert");
    const lost = post("/sites", { name: "early" }, key).catch(() => undefined);
    await waitUntil("the act at its end", busy, { everyMs: 50 });
    await appliance.app.kill();
    await lost;
    await wake();
    await appliance.app.start();
    assert.equal(await count("early"), 0);
    assert.equal((await post("/sites", { name: "early" }, key)).status, 201);
    assert.equal(await count("early"), 1);
  });

  it("after 24 hours a key is free, and its answer gone", async () => {
    const key = randomUUID();
    assert.equal((await post("/sites", { name: "old" }, key)).status, 201);
    await appliance.superuser.query("update idempotency_keys set made_at = made_at - interval '25 hours'");
    assert.equal((await post("/sites", { name: "new" }, key)).status, 201);
    const { rows } = await appliance.superuser.query(
      "select count(*)::int as n from idempotency_keys where tenant_id = $1",
      [alder.tenantId],
    );
    assert.equal(rows[0].n, 1);
  });

  it("the chains verify", async () => {
    await appliance.cli(["verify"]);
  });
});
