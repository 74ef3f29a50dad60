import assert from "node:assert/strict";
import { withTenant } from "../../src/audit/index.ts";
import { placeHold, setPolicy } from "../../src/retention/index.ts";
import { holdsOverview, retentionOverview } from "../../src/retention/overview.ts";
import { type Estate, startEstate } from "./harness.ts";

const holdInput = { caseNumber: "C-3", reason: "claim", owner: "Legal", reviewOn: "2020-01-01" };

const image = { bytes: Buffer.from("a picture"), type: "image/jpeg" as const };

describe("retention: the overview", () => {
  let estate: Estate;
  before(async () => {
    estate = await startEstate();
  });
  after(() => estate.stop());

  const due = async (tenant: Awaited<ReturnType<Estate["tenant"]>>, sites: "all" | string[] = "all") => {
    const { erasing } = await retentionOverview(estate.deps.app, { ...tenant.principal, sites });
    assert.equal(erasing.length, 30);
    return erasing.flatMap(({ events, images }, inDays) => (events + images > 0 ? [{ inDays, events, images }] : []));
  };

  it("foresees to the day what is then erased, of a person's own sites", async () => {
    const tenant = await estate.tenant({ imageDays: 2, eventDays: 4 });
    await estate.record(tenant, [{ images: [image] }, {}]);
    await estate.record(tenant, [{ site: 1 }]);
    await estate.live(1);
    await estate.record(tenant, [{ site: 1, images: [image] }]);
    assert.deepEqual(await due(tenant), [
      { inDays: 1, events: 0, images: 1 },
      { inDays: 2, events: 0, images: 1 },
      { inDays: 3, events: 3, images: 0 },
      { inDays: 4, events: 1, images: 0 },
    ]);
    assert.deepEqual(await due(tenant, [tenant.sites[0]!.siteId]), [
      { inDays: 1, events: 0, images: 1 },
      { inDays: 3, events: 2, images: 0 },
    ]);
    for (const expected of [
      { events: 0, images: 1 },
      { events: 0, images: 1 },
      { events: 3, images: 0 },
      { events: 1, images: 0 },
    ]) {
      await estate.live(1);
      const { rows } = await estate.database.superuser.query<{ last: string }>(
        "select coalesce(max(seq), 0) as last from erasures where tenant_id = $1",
        [tenant.tenantId],
      );
      assert.deepEqual((await due(tenant))[0], { inDays: 0, ...expected });
      await estate.work(tenant);
      const { rows: erased } = await estate.database.superuser.query(
        `select coalesce(sum(events), 0)::int as events, coalesce(sum(images), 0)::int as images
           from erasures where tenant_id = $1 and seq > $2`,
        [tenant.tenantId, rows[0]!.last],
      );
      assert.deepEqual(erased[0], expected);
    }
    await estate.verify(tenant);
  });

  it("counts a change in its cooling-off from the day it takes effect, and leaves out what a hold keeps whole", async () => {
    const tenant = await estate.tenant({ sites: ["One", "Two"], imageDays: 20, eventDays: 20 });
    await estate.record(tenant, [{}, { site: 1 }]);
    await estate.database.superuser.query("update tenants set cooling_off_hours = 72 where tenant_id = $1", [
      tenant.tenantId,
    ]);
    const [one, two] = tenant.sites;
    await withTenant(estate.deps.app, tenant.principal, (tx) =>
      setPolicy(tx, one!.siteId, { imageDays: 1, eventDays: 1 }),
    );
    const soon = await due(tenant);
    assert.ok(soon[0]!.inDays >= 3 && soon[0]!.inDays <= 4, JSON.stringify(soon));
    assert.deepEqual(soon[1], { inDays: 20, events: 1, images: 0 });
    await placeHold({ ...estate.deps, pool: estate.deps.app }, tenant.principal, { ...holdInput, siteId: two!.siteId });
    const { erasing, narrowHolds } = await retentionOverview(estate.deps.app, tenant.principal);
    assert.deepEqual([erasing[20]!.events, erasing[20]!.heldEvents, narrowHolds], [0, 1, 0]);
    await placeHold({ ...estate.deps, pool: estate.deps.app }, tenant.principal, {
      ...holdInput,
      siteId: one!.siteId,
      kind: "gate.opened",
    });
    const seen = await holdsOverview(estate.deps.app, tenant.principal);
    assert.deepEqual(seen, { open: 2, narrow: 1, toReview: 2, nextReview: "2020-01-01" });
    const clerk = { ...tenant.principal, sites: [one!.siteId] };
    assert.equal((await holdsOverview(estate.deps.app, clerk)).open, 1);
  });

  it("foresees storage from what came in lately and what the policies keep of it", async () => {
    const tenant = await estate.tenant({ sites: ["One"], imageDays: 10, eventDays: 10 });
    await estate.database.superuser.query(
      `insert into site_days (tenant_id, site_id, day, events, bytes, images, image_bytes)
       select $1, $2, ledger.utc_day(test.clock_timestamp()) - n, 10, 100, 1, 1000 from generate_series(0, 9) n`,
      [tenant.tenantId, tenant.sites[0]!.siteId],
    );
    const { storage } = await retentionOverview(estate.deps.app, tenant.principal);
    assert.deepEqual(storage.now, { events: 100, bytes: 1000, images: 10, imageBytes: 10_000 });
    assert.deepEqual(storage.inflow, { bytes: 100, imageBytes: 1000 });
    // What goes and what comes are the same: it stays as it is, but for the day that comes before the first one goes.
    assert.equal(storage.forecast.at(-1)!.bytes, 11_000);
    assert.ok(storage.forecast.every(({ bytes }) => bytes >= 11_000 && bytes <= 12_100));
  });
});
