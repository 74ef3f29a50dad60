import assert from "node:assert/strict";
import { confirmErasing } from "../../src/retention/index.ts";
import { tidyPartitions } from "../../src/retention/upkeep.ts";
import { type Estate, startEstate } from "./harness.ts";

const signal = new AbortController().signal;

describe("event keys", () => {
  let estate: Estate;
  before(async () => {
    estate = await startEstate();
  });
  after(() => estate.stop());

  it("the keys of a day stay while an event of that day is kept, and go after it", async () => {
    const tenant = await estate.tenant({ imageDays: 1, eventDays: 100, sites: ["Long"] });
    await estate.record(tenant, [{}]);
    const keys = `event_keys_${(await estate.clock.today()).replaceAll("-", "")}`;
    const stands = async () => {
      const { rows } = await estate.database.superuser.query("select to_regclass($1) is not null as there", [keys]);
      return rows[0].there as boolean;
    };
    await estate.clock.advanceMs(70 * 86_400_000);
    await tidyPartitions(estate.deps, signal);
    assert.equal(await stands(), true, "no new id can name it, but the event is still found by it");
    await estate.clock.advanceMs(31 * 86_400_000);
    // The clock has jumped: a person says that it is right.
    await estate.live(1);
    await confirmErasing(estate.deps.app, tenant.principal, "the clock is right");
    await estate.work(tenant);
    await tidyPartitions(estate.deps, signal);
    await tidyPartitions(estate.deps, signal);
    assert.equal(await stands(), false);
    await estate.verify(tenant);
  });
});
