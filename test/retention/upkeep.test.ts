import assert from "node:assert/strict";
import { mkdir, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { withTenant } from "../../src/audit/index.ts";
import { objectPath } from "../../src/objects/index.ts";
import { placeHold, reconcileObjects } from "../../src/retention/index.ts";
import { forgetFinishedTasks, makePartitions, tidyPartitions } from "../../src/retention/upkeep.ts";
import { count, type Estate, startEstate } from "./harness.ts";

const jpeg = { bytes: Buffer.from("ffd8ffe0 a gate".repeat(20)), type: "image/jpeg" as const };
const signal = new AbortController().signal;

describe("upkeep", () => {
  let estate: Estate;
  before(async () => {
    estate = await startEstate();
  });
  after(() => estate.stop());

  it("an emptied day is dropped, one with a row in it is not, and the days to come are made", async () => {
    const tenant = await estate.tenant({ imageDays: 1, eventDays: 1, sites: ["One"] });
    await estate.record(tenant, [{}]);
    const day = await estate.clock.today();
    const partition = async (name: string) => {
      const { rows } = await estate.database.superuser.query("select to_regclass($1) is not null as there", [name]);
      return rows[0].there as boolean;
    };
    const name = `events_${day.replaceAll("-", "")}`;
    await estate.live(1);
    await tidyPartitions(estate.deps, signal);
    assert.equal(await partition(name), true);
    await estate.work(tenant);
    await tidyPartitions(estate.deps, signal);
    assert.equal(await partition(name), false);
    const ahead = `events_${(await estate.clock.dayBefore(-60)).replaceAll("-", "")}`;
    assert.equal(await partition(ahead), false);
    await makePartitions({ ...estate.deps, partitionDaysAhead: 60 });
    assert.equal(await partition(ahead), true);
    const { rows } = await estate.database.superuser.query(
      "select tgenabled from pg_trigger where tgrelid = $1::regclass and tgname = 'guard'",
      [ahead],
    );
    assert.deepEqual(rows, [{ tgenabled: "A" }]);
    await estate.verify(tenant);
  });

  it("tasks that ended a month ago are forgotten, of every tenant; what is open or younger stays", async () => {
    const tenants = [
      await estate.tenant({ imageDays: 1, eventDays: 1 }),
      await estate.tenant({ imageDays: 1, eventDays: 1 }),
    ];
    for (const { tenantId } of tenants) {
      await estate.database.superuser.query(
        `insert into tasks (tenant_id, kind, arguments, key, state, created_at, updated_at, finished_at)
         select $1, 'test.kept', '{}', age || ' ' || state, state, now() - age, now() - age,
                case when state in ('done', 'failed') then now() - age end
           from unnest(array['29 days', '300 days', '400 days']::interval[]) age,
                unnest(array['ready', 'waiting', 'done', 'failed', 'cancelled']) state`,
        [tenantId],
      );
    }
    assert.equal(await forgetFinishedTasks(estate.deps, signal), 12);
    for (const { tenantId } of tenants) {
      const { rows } = await estate.database.superuser.query(
        "select key from tasks where tenant_id = $1 and kind = 'test.kept' order by key",
        [tenantId],
      );
      const open = ["ready", "waiting"].flatMap((state) => [
        `29 days ${state}`,
        `300 days ${state}`,
        `400 days ${state}`,
      ]);
      const young = ["done", "failed", "cancelled"].map((state) => `29 days ${state}`);
      assert.deepEqual(rows.map((row) => row.key).sort(), [...open, ...young].sort());
    }
    await estate.database.superuser.query("delete from tasks where kind = 'test.kept'");
  });

  it("dead letters expire with their site's events, unless a hold keeps them", async () => {
    const tenant = await estate.tenant({ imageDays: 1, eventDays: 1 });
    for (const { siteId, deviceId } of tenant.sites) {
      await withTenant(estate.deps.app, tenant.principal, async (tx) => {
        await tx.query(
          `insert into dead_letters (tenant_id, site_id, received, source_type, source_id, reason, detail, sealed, key_version)
           values ($1, $2, clock_timestamp(), 'device', $3, 'schema', 'x', '\\x00', 1)`,
          [tenant.tenantId, siteId, deviceId],
        );
        await tx.query("select ledger.append('system', 'test', 'cli', 'test.letter', 'site', $1, gen_random_uuid())", [
          siteId,
        ]);
      });
    }
    await placeHold({ pool: estate.deps.app, keyring: estate.seeds.keyring }, tenant.principal, {
      siteId: tenant.sites[0]!.siteId,
      kind: "gate.passage",
      caseNumber: "C",
      reason: "r",
      owner: "o",
      reviewOn: "2027-01-01",
    });
    await estate.live(1);
    await estate.work(tenant);
    const { rows } = await estate.database.superuser.query("select site_id from dead_letters where tenant_id = $1", [
      tenant.tenantId,
    ]);
    assert.deepEqual(rows, [{ site_id: tenant.sites[0]!.siteId }]);
    await estate.verify(tenant);
  });

  it("orphans are listed, removed on demand, and more than half of all files only by force", async () => {
    const tenant = await estate.tenant({ sites: ["One"] });
    await estate.record(tenant, [{ images: [jpeg, jpeg, jpeg] }]);
    const directory = join(estate.directory, "objects");
    const old = new Date(Date.now() - 7_200_000);
    const plant = async () => {
      const path = join(
        directory,
        objectPath({ tenantId: tenant.tenantId, imageId: crypto.randomUUID(), day: "2026-01-05", kind: "image" }),
      );
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, "left behind");
      await utimes(path, old, old);
    };
    await plant();
    const dry = await reconcileObjects(estate.deps, { dryRun: true });
    assert.deepEqual([dry.files, dry.orphans.length, dry.removed], [4, 1, 0]);
    assert.equal((await reconcileObjects(estate.deps, { dryRun: false })).removed, 1);
    for (let n = 0; n < 4; n++) await plant();
    await assert.rejects(reconcileObjects(estate.deps, { dryRun: false }), { code: "conflict" });
    assert.equal((await reconcileObjects(estate.deps, { dryRun: false, force: true })).removed, 4);
    assert.equal(await count(estate.database, "images", tenant.tenantId), 3);
    assert.equal((await reconcileObjects(estate.deps, { dryRun: true })).orphans.length, 0);
  });
});
