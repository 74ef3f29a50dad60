import assert from "node:assert/strict";
import type { Principal } from "../../src/audit/index.ts";
import { withTenant } from "../../src/audit/index.ts";
import { placeHold, setPolicy } from "../../src/retention/index.ts";
import { getRetentionState, listPolicies, retryFiles, whatGoes, whatGoesOn } from "../../src/retention/upcoming.ts";
import type { SeededTenant } from "../support/seed.ts";
import { type Estate, startEstate } from "./harness.ts";

const jpeg = { bytes: Buffer.from("ffd8ffe0 a face".repeat(20)), type: "image/jpeg" as const };

describe("retention: what will be erased, and when", () => {
  let estate: Estate;
  let tenant: SeededTenant;
  let person: Principal;
  const pool = () => estate.deps.app;
  let today: string;
  const inDays = (days: number) => new Date(Date.parse(today) + days * 86_400_000).toISOString().slice(0, 10);

  before(async () => {
    estate = await startEstate();
  });
  beforeEach(async () => {
    today = await estate.clock.today();
    tenant = await estate.tenant({ imageDays: 5, eventDays: 10 });
    person = { ...tenant.principal, sites: "all" };
    await estate.record(tenant, [{ images: [jpeg] }, {}, { site: 1 }]);
  });
  after(() => estate.stop());

  it("is told by day and by site, images before their events", async () => {
    const found = await whatGoes(pool(), person, { days: 30 });
    assert.deepEqual(
      found.map(({ on, what, sites, events, images }) => [on, what, sites, events, images]),
      [
        [inDays(5), "images", 1, 0, 1],
        [inDays(10), "events", 2, 3, 0],
      ],
    );
    assert.deepEqual(await whatGoes(pool(), person, { days: 4 }), []);
    const sites = await whatGoesOn(pool(), person, { on: inDays(10) });
    assert.deepEqual(
      new Map(sites.map(({ siteId, events }) => [siteId, events])),
      new Map([
        [tenant.sites[0]!.siteId, 2],
        [tenant.sites[1]!.siteId, 1],
      ]),
    );
  });

  it("follows a change in its cooling-off from the moment it takes effect", async () => {
    await estate.database.superuser.query("update tenants set cooling_off_hours = 72 where tenant_id = $1", [
      tenant.tenantId,
    ]);
    const { siteId } = tenant.sites[0]!;
    await withTenant(pool(), person, (tx) => setPolicy(tx, siteId, { imageDays: 1, eventDays: 2 }));
    const found = await whatGoes(pool(), person, { days: 30, siteId });
    assert.deepEqual(
      found.map(({ on, what, events, images }) => [on, what, events, images]),
      [[inDays(3), "events", 2, 1]],
      "both are over by then: one erasure takes them",
    );
    const { policies } = await listPolicies(pool(), person, { limit: 10, pendingOnly: true });
    assert.deepEqual(
      policies.map((each) => [each.siteId, each.inForce.eventDays, each.pending?.eventDays]),
      [[siteId, 10, 2]],
    );
    assert.equal((await listPolicies(pool(), person, { limit: 10, pendingOnly: false })).policies.length, 2);
  });

  it("marks what a hold keeps", async () => {
    const { siteId } = tenant.sites[1]!;
    const hold = { siteId, caseNumber: "1", reason: "claim", owner: "Legal", reviewOn: "2099-01-01" };
    await placeHold({ pool: pool(), keyring: estate.seeds.keyring }, person, hold);
    const events = (await whatGoes(pool(), person, { days: 30 })).find(({ what }) => what === "events");
    assert.deepEqual([events?.sites, events?.heldSites], [2, 1]);
    const sites = await whatGoesOn(pool(), person, { on: inDays(10) });
    assert.deepEqual(sites.map((each) => [each.siteId === siteId, each.held]).sort(), [
      [false, false],
      [true, true],
    ]);
  });

  it("tells whoever is limited to a site of that site alone", async () => {
    const { siteId } = tenant.sites[1]!;
    const limited = { ...person, sites: [siteId] };
    assert.deepEqual(
      (await whatGoes(pool(), limited, { days: 30 })).map(({ what, events }) => [what, events]),
      [["events", 1]],
    );
    const { policies } = await listPolicies(pool(), limited, { limit: 10, pendingOnly: false });
    assert.deepEqual(
      policies.map((each) => each.siteId),
      [siteId],
    );
    const other = whatGoes(pool(), limited, { days: 30, siteId: tenant.sites[0]!.siteId });
    await assert.rejects(other, { code: "not-found" });
  });

  it("shows files that could not be removed, and tries them again at once", async () => {
    await estate.live(6);
    await estate.work(tenant);
    const { rowCount } = await estate.database.superuser.query(
      "update object_garbage set collected_at = null where tenant_id = $1",
      [tenant.tenantId],
    );
    assert.ok(rowCount);
    await estate.database.superuser.query(
      `insert into tasks (tenant_id, kind, key, arguments, attempts, note, run_after)
       values ($1, 'retention.files', 'all', '{}', 9, 'EACCES', clock_timestamp() + interval '1 hour')`,
      [tenant.tenantId],
    );
    const { stop, files } = await getRetentionState(pool(), person);
    assert.equal(stop, null);
    assert.deepEqual([files.pending, files.task?.note, files.task?.attempts], [rowCount, "EACCES", 9]);
    await retryFiles(pool(), person);
    await estate.work(tenant);
    assert.deepEqual((await getRetentionState(pool(), person)).files, { pending: 0, oldestAt: null, task: null });
    await estate.verify(tenant);
  });
});
