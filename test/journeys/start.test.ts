import assert from "node:assert/strict";
import { type Appliance, startAppliance } from "../support/appliance.ts";

describe("journeys: the appliance starts, crashes and stops", () => {
  let appliance: Appliance;
  before(async function () {
    this.timeout(120_000);
    appliance = await startAppliance();
  });
  after(() => appliance?.stop());

  it("a key made by the command line opens the API, another does not", async () => {
    const { apiKey } = await appliance.createTenant("Alder");
    const sites = await appliance.call(apiKey, "GET", "/api/v1/sites");
    assert.equal(sites.status, 200, sites.body);
    const wrong = await appliance.call(`${apiKey.slice(0, -4)}aaaa`, "GET", "/api/v1/sites");
    assert.equal(wrong.status, 401);
    assert.match(wrong.headers["content-type"] ?? "", /^application\/problem\+json/);
  });

  it("each process comes back after kill -9, and the API answers again", async () => {
    const { apiKey } = await appliance.createTenant("Birch");
    for (const name of ["app", "worker", "broker", "redis", "postgres"] as const) {
      await appliance[name].kill();
      assert.equal(appliance[name].isRunning(), false);
      await appliance[name].start();
      const answered = async () => (await appliance.call(apiKey, "GET", "/api/v1/sites")).status === 200;
      const until = Date.now() + 20_000;
      while (!(await answered()) && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 100));
      assert.ok(await answered(), `after ${name}`);
    }
    assert.ok(appliance.worker.isRunning(), appliance.worker.output());
    assert.ok(appliance.app.isRunning(), appliance.app.output());
  });

  it("SIGTERM ends app and worker with exit code 0", async () => {
    assert.equal(await appliance.app.stop(), 0);
    assert.equal(await appliance.worker.stop(), 0);
    await appliance.worker.start();
    await appliance.app.start();
  });
});
