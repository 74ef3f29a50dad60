import assert from "node:assert/strict";
import { withTenant } from "../../src/audit/index.ts";
import {
  cancelPendingPolicy,
  confirmErasing,
  getRetention,
  placeHold,
  previewPolicy,
  setPolicy,
} from "../../src/retention/index.ts";
import { listTasks } from "../../src/tasks/index.ts";
import { count, type Estate, startEstate } from "./harness.ts";

const holdInput = { caseNumber: "C-3", reason: "claim", owner: "Legal", reviewOn: "2027-01-01" };

describe("retention waits for people where it must", () => {
  let estate: Estate;
  before(async () => {
    estate = await startEstate();
  });
  after(() => estate.stop());

  it("a clock over 24 hours past the last checkpoint erases nothing until a person confirms", async () => {
    const tenant = await estate.tenant({ imageDays: 2, eventDays: 2 });
    await estate.record(tenant, [{}]);
    await estate.live(1);
    await estate.clock.advanceDays(3);
    const [stopped] = await estate.work(tenant);
    assert.equal(stopped!.result.state, "waiting");
    assert.match((stopped!.result as { note: string }).note, /over 24 hours past a checkpoint/);
    assert.equal(await count(estate.database, "events", tenant.tenantId), 1);
    const { tasks: waiting } = await withTenant(estate.deps.app, tenant.principal, (tx) =>
      listTasks(tx, { kindPrefix: "retention.", states: ["waiting"], limit: 10 }),
    );
    assert.equal(waiting.length, 1);
    await confirmErasing(estate.deps.app, tenant.principal, "the appliance was off over the weekend");
    await estate.work(tenant);
    assert.equal(await count(estate.database, "events", tenant.tenantId), 0);
    await estate.verify(tenant);
  });

  it("a run over three times its forecast waits for a person", async () => {
    const tenant = await estate.tenant({ imageDays: 3, eventDays: 3, sites: ["One"] });
    await estate.record(tenant, [{}]);
    await estate.live(1);
    // Whatever made the days due that nobody foresaw: a restored clock, a damaged table.
    await estate.database.superuser.query(
      `insert into site_days (tenant_id, site_id, day, events)
       select $1, $2, ledger.utc_day(test.clock_timestamp()) - 3 - n, 1000 from generate_series(0, 5) n`,
      [tenant.tenantId, tenant.sites[0]!.siteId],
    );
    const [stopped] = await estate.work(tenant);
    assert.match((stopped!.result as { note: string }).note, /three times its forecast/);
    const { events, stop } = await confirmErasing(estate.deps.app, tenant.principal, "looked at it");
    assert.equal(events, 6000);
    assert.match(stop ?? "", /three times/);
  });

  it("a policy is previewed by day, waits for its cooling-off and can be cancelled in it", async () => {
    const tenant = await estate.tenant({ sites: ["One"] });
    const { siteId } = tenant.sites[0]!;
    await estate.record(tenant, [{}, {}]);
    await estate.live(4);
    await estate.record(tenant, [{}]);
    const preview = await previewPolicy(estate.deps.app, tenant.principal, siteId, { imageDays: 2, eventDays: 2 });
    assert.deepEqual(
      [preview.shortens, preview.coolingOffHours, preview.total.days, preview.total.events],
      [true, 24, 1, 2],
    );
    assert.deepEqual(preview.events, { atMostHours: 48, atLeastDays: 1 });
    await placeHold({ pool: estate.deps.app, keyring: estate.seeds.keyring }, tenant.principal, {
      ...holdInput,
      siteId,
    });
    const held = await previewPolicy(estate.deps.app, tenant.principal, siteId, { imageDays: 2, eventDays: 2 });
    assert.equal(held.total.heldDays, 1);
    await withTenant(estate.deps.app, tenant.principal, (tx) => setPolicy(tx, siteId, { imageDays: 2, eventDays: 2 }));
    const pending = await getRetention(estate.deps.app, tenant.principal, siteId);
    assert.deepEqual([pending.inForce.eventDays, pending.pending?.eventDays], [90, 2]);
    await cancelPendingPolicy(estate.deps.app, tenant.principal, siteId);
    await estate.live(2);
    const after = await getRetention(estate.deps.app, tenant.principal, siteId);
    assert.deepEqual(
      [after.inForce.version, after.inForce.eventDays, after.pending, after.history.length],
      [3, 90, null, 3],
    );
    assert.equal(await count(estate.database, "events", tenant.tenantId), 3);
  });

  it("a hold and the executor never pass each other: what a hold counted when it was placed is still there", async () => {
    for (let round = 0; round < 6; round++) {
      const tenant = await estate.tenant({ imageDays: 2, eventDays: 2, sites: ["One"] });
      await estate.record(tenant, [{}, {}, {}]);
      await estate.live(2);
      const keyring = estate.seeds.keyring;
      const place = async () => {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 40));
        return placeHold({ pool: estate.deps.app, keyring }, tenant.principal, {
          ...holdInput,
          siteId: tenant.sites[0]!.siteId,
        });
      };
      const [hold] = await Promise.all([place(), estate.work(tenant)]);
      assert.equal(await count(estate.database, "events", tenant.tenantId), hold.events);
      await estate.verify(tenant);
    }
  });

  it("a hold by time range takes in what occurred inside it, though it was received later", async () => {
    const tenant = await estate.tenant({ imageDays: 2, eventDays: 2, sites: ["One"] });
    await estate.record(tenant, [{}]);
    const { rows } = await estate.database.superuser.query(
      "select min(occurred)::text as at from events where tenant_id = $1",
      [tenant.tenantId],
    );
    const at = new Date(rows[0].at);
    const from = new Date(at.getTime() - 1000).toISOString();
    const to = new Date(at.getTime() + 1000).toISOString();
    await placeHold({ pool: estate.deps.app, keyring: estate.seeds.keyring }, tenant.principal, {
      ...holdInput,
      from,
      to,
    });
    await estate.live(2);
    await estate.work(tenant);
    assert.equal(await count(estate.database, "events", tenant.tenantId), 1);
  });

  it("the caller cannot make a day due: the function reads policy and clock itself", async () => {
    const tenant = await estate.tenant({ sites: ["One"] });
    await estate.record(tenant, [{}]);
    const day = await estate.clock.today();
    const call = (sql: string) =>
      withTenant(estate.deps.executor, tenant.principal, (tx) =>
        tx.query<{ outcome: string }>(sql, [tenant.sites[0]!.siteId, day]),
      );
    const answer = await call(
      "select outcome from ledger.erase_site_day($1, $2::date, 'retention', null, 'cron', gen_random_uuid())",
    );
    assert.equal(answer.rows[0]!.outcome, "not-due");
    await assert.rejects(
      call(
        "select outcome from ledger.erase_site_day($1, $2::date, 'request', gen_random_uuid(), 'cron', gen_random_uuid())",
      ),
      { code: "LS007" },
    );
    await assert.rejects(
      call(
        "select outcome from ledger.erase_site_day($1, $2::date, 'offboarding', gen_random_uuid(), 'cron', gen_random_uuid())",
      ),
      { code: "LS404" },
    );
    // With the due rule taken away, the same call erases: the rule is what held it.
    await estate.database.superuser.query(
      "alter function ledger.due_version(uuid, date, boolean) rename to due_version_kept",
    );
    await estate.database.superuser.query(
      "create function ledger.due_version(uuid, date, boolean) returns int language sql as 'select 1'",
    );
    await estate.database.superuser.query(
      "alter function ledger.due_version(uuid, date, boolean) owner to ledgerstone_owner",
    );
    const unguarded = await call(
      "select outcome from ledger.erase_site_day($1, $2::date, 'retention', null, 'cron', gen_random_uuid())",
    );
    assert.equal(unguarded.rows[0]!.outcome, "erased");
    await estate.database.superuser.query("drop function ledger.due_version(uuid, date, boolean)");
    await estate.database.superuser.query(
      "alter function ledger.due_version_kept(uuid, date, boolean) rename to due_version",
    );
  });
});
