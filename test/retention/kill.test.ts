import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { confirmErasing } from "../../src/retention/index.ts";
import { startProcess, waitUntil } from "../support/process.ts";
import { type RedisServer, startRedis } from "../support/redis.ts";
import type { SeededTenant } from "../support/seed.ts";
import { count, type Estate, startEstate } from "./harness.ts";

const jpeg = { bytes: Buffer.from("ffd8ffe0 a gate".repeat(20)), type: "image/jpeg" as const };

describe("a job process killed at any line", function () {
  this.timeout(180_000);
  let estate: Estate;
  let redis: RedisServer;
  before(async () => {
    estate = await startEstate();
    redis = await startRedis();
  });
  after(async () => {
    await redis.stop();
    await estate.stop();
  });

  const child = () =>
    startProcess({
      name: "job process",
      command: process.execPath,
      args: [join(import.meta.dirname, "worker-child.ts")],
      env: {
        ...process.env,
        CHILD: JSON.stringify({
          postgres: estate.database.section,
          redis: redis.section,
          objects: join(estate.directory, "objects"),
          journal: estate.deps.journal.directory,
        }),
      },
    });

  /** Nothing due is left, every file is gone, every tombstone is in the journal. */
  const finished = async (tenants: SeededTenant[]) => {
    const { rows } = await estate.database.superuser.query(
      `select (select count(*) from site_days where day < ledger.utc_day(test.clock_timestamp()) - 1 and not events_erased and tenant_id = any($1))
            + (select count(*) from object_garbage where collected_at is null)
            + (select count(*) from erasures where journalled_at is null) as left`,
      [tenants.map((tenant) => tenant.tenantId)],
    );
    return Number(rows[0].left) === 0;
  };

  it("is run again and finishes: each site-day entombed once, all chains whole, Redis flushed meanwhile", async () => {
    const a = await estate.tenant({ imageDays: 2, eventDays: 2 });
    const b = await estate.tenant({ imageDays: 2, eventDays: 2 });
    const keeper = await estate.tenant({ imageDays: 90, eventDays: 90, sites: ["Archive"] });
    for (let day = 0; day < 6; day++) {
      for (const tenant of [a, b]) {
        for (let i = 0; i < 3; i++) await estate.record(tenant, [{ images: [jpeg] }, { site: 1 }]);
      }
      // Every other day somebody else's site keeps the partition, so that both ways of erasing are killed.
      if (day % 2 === 0) await estate.record(keeper, [{ images: [jpeg] }]);
      await estate.clock.advanceDays(1);
    }
    await estate.live(4);
    for (const tenant of [a, b]) await confirm(tenant);
    for (let kill = 0; kill < 12; kill++) {
      const running = child();
      await waitUntil("it started", async () => running.output().includes("started"), { running, timeoutMs: 30_000 });
      await sleep(Math.random() * 700);
      await running.stop("SIGKILL");
      if (kill % 4 === 3) await redis.command("FLUSHALL");
    }
    const last = child();
    await waitUntil("all is erased", () => finished([a, b]), { running: last, timeoutMs: 90_000, everyMs: 200 });
    await last.stop("SIGKILL");
    for (const tenant of [a, b]) {
      const lines = (await estate.verify(tenant)).flatMap((tombstone) => tombstone.list);
      const siteDays = lines.filter((line) => line.kind === "site-day").map((line) => `${line.site} ${line.day}`);
      assert.equal(new Set(siteDays).size, siteDays.length, "a site-day twice");
      assert.equal(siteDays.length, 12);
      for (const table of ["events", "images", "batches", "batch_sites"]) {
        assert.equal(await count(estate.database, table, tenant.tenantId), 0, table);
      }
    }
    assert.equal(await count(estate.database, "events", keeper.tenantId), 3);
    await estate.verify(keeper);
    const files = [];
    for await (const object of estate.deps.objects.list()) files.push(object.ref?.tenantId);
    assert.deepEqual(files, [keeper.tenantId, keeper.tenantId, keeper.tenantId]);
  });

  const confirm = (tenant: SeededTenant) =>
    confirmErasing(estate.deps.app, tenant.principal, "the days of this test passed in seconds");
});
