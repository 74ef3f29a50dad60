import assert from "node:assert/strict";
import { type Appliance, startAppliance } from "../../support/appliance.ts";
import { type Lab, ok, openScimLab, refused } from "./lab.ts";

describe("SCIM: limits", function () {
  this.timeout(120_000);
  let lab: Lab;
  let appliance: Appliance;
  before(async () => {
    appliance = await startAppliance({
      configure: (config) => {
        config.limits = { ...config.limits, scim: 5 };
      },
    });
    lab = await openScimLab(appliance);
  });
  after(async () => {
    await lab?.stop();
    await appliance?.stop();
  });

  it("too many requests are told 429 in SCIM's shape, and when to come again", async () => {
    const { send } = lab.alder.scim;
    for (let n = 0; n < 5; n++) ok(await send("GET", "/Users?count=0"));
    const answer = await send("GET", "/Users?count=0");
    refused(answer, 429);
    assert.ok(Number(answer.headers["retry-after"]) >= 1);
    assert.match(answer.body, /raise limits\.scim/);
  });
});
