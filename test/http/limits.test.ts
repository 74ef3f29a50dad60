import assert from "node:assert/strict";
import { type Answer, type Appliance, type ApplianceTenant, startAppliance } from "../support/appliance.ts";

const general = 30;

describe("http: rate limits", function () {
  this.timeout(120_000);
  let appliance: Appliance;
  let alder: ApplianceTenant;
  let birch: ApplianceTenant;

  before(async () => {
    appliance = await startAppliance({
      configure: (config) => {
        config.limits = { general, write: 6000, settings: 6000 };
      },
    });
    alder = await appliance.createTenant("Alder");
    birch = await appliance.createTenant("Birch");
  });
  after(() => appliance?.stop());

  const get = (tenant: ApplianceTenant) => appliance.call(tenant.apiKey, "GET", "/api/v1/sites");
  const isRefused = ({ status, headers, json }: Answer) => {
    assert.equal(status, 429);
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

  it("without Redis the API answers, and each process counts by itself", async () => {
    await appliance.redis.kill();
    const began = performance.now();
    const answer = await get(birch);
    assert.equal(answer.status, 200, answer.body);
    assert.ok(performance.now() - began < 2500, `took ${Math.round(performance.now() - began)} ms`);
    const made = await appliance.call(birch.apiKey, "POST", "/api/v1/sites", { name: "Yard" });
    assert.equal(made.status, 201, made.body);
    const answers: Answer[] = [];
    for (let n = 0; n < general; n++) answers.push(await get(birch));
    isRefused(answers.at(-1)!);
    await appliance.redis.start();
    assert.equal((await appliance.call(birch.apiKey, "POST", "/api/v1/sites", { name: "Pier" })).status, 201);
  });
});
