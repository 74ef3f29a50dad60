import assert from "node:assert/strict";
import { once } from "node:events";
import { Redis } from "ioredis";
import { addressKey, createLimiter, TooManyRequests } from "../../src/http/limits.ts";
import { csrfToken, SESSION_COOKIE } from "../../src/identity/index.ts";
import type { RateClass } from "../../src/platform/route.ts";
import { openPersons, type Person } from "../identity/persons.ts";
import { type Answer, type Appliance, type ApplianceTenant, startAppliance } from "../support/appliance.ts";
import { waitUntil } from "../support/process.ts";
import { type RedisServer, startRedis } from "../support/redis.ts";
import { raw } from "./raw.ts";

const general = 30;
const browser = 40;

describe("http: rate limits", function () {
  this.timeout(120_000);
  let appliance: Appliance;
  let alder: ApplianceTenant;
  let birch: ApplianceTenant;

  before(async () => {
    appliance = await startAppliance({
      configure: (config) => {
        config.limits = { general, write: 6000, settings: 6000, console: browser };
      },
    });
    alder = await appliance.createTenant("Alder");
    birch = await appliance.createTenant("Birch");
  });
  after(() => appliance?.stop());

  const get = (tenant: ApplianceTenant) => appliance.call(tenant.apiKey, "GET", "/api/v1/sites");
  const isRefused = ({ status, headers, json }: Answer, why?: string) => {
    assert.equal(status, 429, why);
    assert.equal(headers["content-type"], "application/problem+json");
    assert.equal(headers["ratelimit-limit"], String(general));
    assert.equal(headers["ratelimit-remaining"], "0");
    const seconds = Number(headers["retry-after"]);
    assert.ok(seconds >= 1 && seconds <= 60, `retry-after ${headers["retry-after"]}`);
    assert.ok(Number(headers["ratelimit-reset"]) <= 60);
    assert.equal(json<{ type: string }>().type, "urn:ledgerstone:problem:too-many");
  };

  it("an answer says what is left, and beyond the limit comes 429 that says when to come again", async () => {
    const first = await get(alder);
    assert.equal(first.status, 200, first.body);
    assert.equal(first.headers["ratelimit-limit"], String(general));
    assert.equal(first.headers["ratelimit-remaining"], String(general - 1));
    const answers: Answer[] = [];
    for (let n = 0; n < general; n++) answers.push(await get(alder));
    assert.equal(answers.filter(({ status }) => status === 200).length, general - 1);
    isRefused(answers.at(-1)!);
  });

  it("guessing keys is limited by address, before any key is looked at", async () => {
    const answer = await appliance.call("atc_not-a-key", "GET", "/api/v1/sites");
    isRefused(answer);
  });

  it("one class of routes does not use up another's", async () => {
    const body = { name: "Gate" };
    const made = await appliance.call(birch.apiKey, "POST", "/api/v1/sites", body);
    assert.equal(made.status, 201, made.body);
  });

  it("tries at one's own factors count by person, from wherever: whoever uses theirs up stops nobody else", async () => {
    const persons = await openPersons(appliance);
    try {
      const [ada, ben] = [
        await persons.make(alder.tenantId, "ada", [{ role: "viewer" }]),
        await persons.make(alder.tenantId, "ben", [{ role: "viewer" }]),
      ];
      const auth = 10;
      /** No key is enrolled: a refusal that counts as a try at nothing but the limit. */
      const ask = async ({ token }: Person, localAddress: string): Promise<number> => {
        const headers = { cookie: `${SESSION_COOKIE}=${token}`, "x-csrf-token": csrfToken(token) };
        const url = `https://127.0.0.1:${appliance.ports.api}/api/v1/session/step-up/webauthn`;
        return (await raw(url, { method: "POST", ca: appliance.ca, localAddress, headers })).status;
      };
      const statuses: number[] = [];
      for (let n = 0; n < auth + 2; n++) statuses.push(await ask(ada, `127.0.1.${1 + (n % 3)}`));
      assert.deepEqual(statuses, [...Array(auth).fill(409), 429, 429]);
      assert.equal(await ask(ada, "127.0.1.9"), 429, "nor from a fresh address");
      assert.equal(await ask(ben, "127.0.1.9"), 409);
    } finally {
      await persons.stop();
    }
  });

  it("what somebody reads in a browser counts by person, and against no key's count", async () => {
    const persons = await openPersons(appliance);
    try {
      const [carl, dora] = [
        await persons.make(alder.tenantId, "carl", [{ role: "viewer" }]),
        await persons.make(alder.tenantId, "dora", [{ role: "viewer" }]),
      ];
      const ask = ({ token }: Person, localAddress: string) =>
        raw(`https://127.0.0.1:${appliance.ports.api}/api/v1/sites`, {
          ca: appliance.ca,
          localAddress,
          headers: { cookie: `${SESSION_COOKIE}=${token}` },
        });
      const statuses: number[] = [];
      for (let n = 0; n < browser + 2; n++) statuses.push((await ask(carl, `127.0.2.${1 + (n % 3)}`)).status);
      assert.deepEqual(statuses, [...Array(browser).fill(200), 429, 429]);
      assert.equal((await ask(carl, "127.0.2.9")).status, 429, "nor from a fresh address");
      const other = await ask(dora, "127.0.2.9");
      assert.deepEqual([other.status, other.headers["ratelimit-limit"]], [200, String(browser)]);
    } finally {
      await persons.stop();
    }
  });

  it("without Redis the API answers and limits hold; with Redis back, replicas share the count again", async () => {
    /** From an address of its own, so that only the tenant's count and this address' matter. */
    const from = (localAddress: string, method = "GET") =>
      raw(
        `https://127.0.0.1:${appliance.ports.api}/api/v1/sites`,
        {
          method,
          ca: appliance.ca,
          localAddress,
          headers: { authorization: `Bearer ${birch.apiKey}`, "content-type": "application/json" },
        },
        method === "POST" ? JSON.stringify({ name: "Yard" }) : undefined,
      );
    await appliance.redis.kill();
    isRefused(await get(birch), "an address that was over its limit stays so: an outage forgives nothing");
    const began = performance.now();
    const answer = await from("127.0.0.3");
    assert.equal(answer.status, 200, answer.body);
    assert.ok(performance.now() - began < 2500, `took ${Math.round(performance.now() - began)} ms`);
    assert.equal((await from("127.0.0.3", "POST")).status, 201);
    const statuses: number[] = [];
    for (let n = 0; n < general; n++) statuses.push((await from("127.0.0.3")).status);
    assert.deepEqual(statuses, [...Array(general - 1).fill(200), 429]);
    await appliance.redis.start();
    const { host, port, password } = appliance.redis;
    const redis = new Redis({ host, port, password });
    const counted = async () => {
      await from("127.0.0.4");
      return (await redis.keys("limit-general:address-127.0.0.*")).length > 0;
    };
    await waitUntil("the count in Redis", counted, { everyMs: 300 });
    redis.disconnect();
    assert.equal((await from("127.0.0.4", "POST")).status, 201);
  });
});

describe("http: counts", () => {
  const limits = {
    general: 100,
    write: 60,
    settings: 120,
    auth: 10,
    ingest: 6000,
    images: 1200,
    scim: 1800,
    downloads: 20,
    console: 600,
  };
  let server: RedisServer;
  let redis: Redis;
  before(async () => {
    server = await startRedis();
    const { host, port, password } = server;
    redis = new Redis({ host, port, password });
    // Before it is there each limiter counts by itself, and replicas are not tried at all.
    await once(redis, "ready");
  });
  after(async () => {
    redis.disconnect();
    await server.stop();
  });
  const refusedOf = (outcomes: PromiseSettledResult<unknown>[]) =>
    outcomes.filter((each) => each.status === "rejected" && each.reason instanceof TooManyRequests).length;

  it("a minute has exactly its limit, one after the other and at once, for every class", async () => {
    for (const [rate, limit] of Object.entries(limits) as [RateClass, number][]) {
      const limiter = createLimiter(limits, redis);
      const first = await limiter.take(rate, "one");
      assert.deepEqual([first["ratelimit-limit"], first["ratelimit-remaining"]], [String(limit), String(limit - 1)]);
      const more = await Promise.allSettled(Array.from({ length: limit + 20 }, () => limiter.take(rate, "one")));
      assert.equal(refusedOf(more), 21, rate);
      const alone = createLimiter(limits, redis);
      let taken = 0;
      for (let n = 0; n < limit + 5; n++) {
        taken += await alone.take(rate, "two").then(
          () => 1,
          () => 0,
        );
      }
      assert.equal(taken, limit, rate);
    }
  });

  it("replicas never give more than the limit together, and little less", async () => {
    const replicas = Array.from({ length: 3 }, () => createLimiter(limits, redis));
    const outcomes = await Promise.allSettled(
      Array.from({ length: 300 }, (_, n) => replicas[n % 3]!.take("general", "shared")),
    );
    const given = 300 - refusedOf(outcomes);
    assert.ok(given <= 100 && given > 90, `gave ${given} of 100`);
  });

  it("addresses of one IPv6 network count as one, and an IPv4 address as itself however it is written", () => {
    assert.equal(addressKey("2001:db8:1:2::1"), addressKey("2001:db8:1:2:ffff::9"));
    assert.notEqual(addressKey("2001:db8:1:2::1"), addressKey("2001:db8:1:3::1"));
    assert.equal(addressKey("::ffff:10.1.2.3"), addressKey("10.1.2.3"));
    assert.notEqual(addressKey("10.1.2.3"), addressKey("10.1.2.4"));
  });
});
