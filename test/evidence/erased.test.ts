import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { withTenant } from "../../src/audit/index.ts";
import { type ExportOptions, exportBundle } from "../../src/evidence/export.ts";
import { createLogger } from "../../src/platform/logger.ts";
import type { RetentionDeps } from "../../src/retention/deps.ts";
import { planTenant, requestErasure } from "../../src/retention/index.ts";
import { retentionHandlers } from "../../src/retention/jobs.ts";
import { bindHandlers, findDueTasks, runTask } from "../../src/tasks/index.ts";
import { type FakeClock, fakeClock } from "../retention/clock.ts";
import { quietNotices } from "../support/notices.ts";
import { type SeededBatch, type SeededTenant, seedBatch, seedTenant } from "../support/seed.ts";
import { everythingRequest, evidenceFixture, type Fixture } from "./fixture.ts";

const picture = (n: number) => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(5000, n)]);

describe("export of what was partly erased", () => {
  let fixture: Fixture;
  let tenant: SeededTenant;
  let clock: FakeClock;
  let deps: RetentionDeps;
  const batches: SeededBatch[] = [];
  let files = 0;
  let daysBehind = 20;

  before(async () => {
    fixture = await evidenceFixture();
    clock = await fakeClock(fixture.database, daysBehind);
    fixture.setBehind(daysBehind * 86_400_000);
    await fixture.seed.pool.query(
      "select app.make_partitions((now() - interval '22 days')::date, (now() + interval '3 days')::date)",
    );
    const app = fixture.seed.pool;
    const journal = fixture.path("journal");
    await mkdir(journal);
    deps = {
      app,
      keyring: fixture.seed.keyring,
      notices: quietNotices(fixture.seed.keyring),
      executor: fixture.database.pool("executor") as never,
      objects: fixture.seed.objects,
      journal: { directory: journal },
      partitionDaysAhead: 3,
      proveRow: async () => undefined,
      log: createLogger("test", "silent"),
    };
    tenant = await seedTenant(fixture.seed);
    await setPolicy(tenant.sites[0]!.siteId, 2, 4);
    await record();
    await record();
  });
  after(() => fixture.stop());

  it("by request: events, images and openings are absent, entombed, and in the report", async () => {
    await erase({ subject: "plate:AB12CDE", reason: "Art. 17" });
    await erase({ eventIds: [batches[1]!.eventIds[1]!], imagesOnly: true, reason: "only its picture" });
    const { path, verdict } = await exportAll();
    assert.equal(verdict.result, "passed");
    assert.deepEqual(verdict.tombstones, { total: 2, discretionary: 2, undecided: 0 });
    const report = await fixture.read(path, "data/report.html");
    assert.match(report, /2 tombstones in the ledger: 2 events with their images, 1 image by itself/);
    assert.match(report, /erasure request/);
    const images = await fixture.read(path, "data/tables/images.csv");
    assert.equal(images.match(/,erased,/g)?.length, 1);
    assert.equal(verdict.counts!.certificates, 2);
  });

  it("by retention: whole days are absent, and due by the site's policy", async () => {
    await live(3);
    await record();
    let { verdict } = await exportAll();
    assert.equal(verdict.result, "passed");
    await live(3);
    ({ verdict } = await exportAll());
    assert.equal(verdict.result, "passed");
    assert.equal(verdict.tombstones!.total > 3, true);
    assert.equal(verdict.tombstones!.discretionary, 2);
  });

  it("limited to one site still explains what is gone of the others", async () => {
    const { verdict } = await exportAll({ sites: [tenant.sites[1]!.siteId], withholdUnits: "all" });
    assert.equal(verdict.result, "passed");
  });

  it("passes when an erasure comes while it runs, and shows the state before it", async () => {
    const batch = await record();
    let erasing: Promise<unknown> | undefined;
    const path = fixture.path("meanwhile.zip");
    const result = await fixture.export(
      tenant.principal,
      {},
      { kind: "file", path },
      {
        onProgress({ phase }) {
          // The files go later: one that goes while it is read fails the attempt, and the job makes the bundle anew (jobs.test.ts).
          if (phase === "rows")
            erasing ??= erase({ eventIds: [batch.eventIds[0]!], reason: "meanwhile" }, ["retention.files"]);
        },
      },
    );
    await erasing;
    await work();
    assert.equal((await fixture.verify(path)).result, "passed");
    const bodies = await fixture.read(path, "data/events/openings.jsonl");
    assert.equal(bodies.includes(batch.eventIds[0]!), true);
    const after = await exportAll();
    assert.equal(after.verdict.result, "passed");
    assert.equal(after.verdict.counts!.events, result.events - 1);
  });

  it("goes on after a stop when a policy changed meanwhile, and begins anew when something was erased", async () => {
    await record();
    const path = fixture.path("stopped.zip");
    const attempt = async (signal?: AbortSignal, onProgress?: ExportOptions["onProgress"]) => {
      let resumed = false;
      const onResumed = () => {
        resumed = true;
      };
      const asked = {
        principal: tenant.principal,
        request: everythingRequest,
        target: { kind: "file", path } as const,
        directory: fixture.path("work-stopped"),
      };
      await exportBundle(fixture.exporter, asked, { signal, onProgress, onResumed, keepWork: true });
      return resumed;
    };
    const stop = async () => {
      const stopping = new AbortController();
      const onProgress = ({ phase }: { phase: string }) => phase === "images" && stopping.abort(new Error("stop"));
      await assert.rejects(attempt(stopping.signal, onProgress), /stop/);
    };
    await stop();
    await setPolicy(tenant.sites[0]!.siteId, 2, 5);
    assert.equal(await attempt(), true);
    assert.equal((await fixture.verify(path)).result, "passed");
    await stop();
    await live(7);
    assert.equal(await attempt(), false);
    assert.equal((await fixture.verify(path)).result, "passed");
  });

  async function record(): Promise<SeededBatch> {
    const [north, south] = tenant.sites;
    const image = (n: number) => [{ bytes: picture(batches.length * 10 + n), type: "image/jpeg" as const }];
    const batch = await seedBatch(fixture.seed, tenant.principal, [
      { ...north!, subjects: ["plate:AB12CDE"], images: image(1) },
      { ...north!, subjects: ["plate:ZZ99ZZZ"], images: image(2) },
      { ...south!, images: image(3) },
    ]);
    batches.push(batch);
    return batch;
  }

  async function exportAll(request = {}) {
    const path = fixture.path(`${++files}.zip`);
    await fixture.export(tenant.principal, request, { kind: "file", path });
    return { path, verdict: await fixture.verify(path) };
  }

  async function erase(input: Parameters<typeof requestErasure>[2], later: string[] = []): Promise<void> {
    await requestErasure(fixture.seed, tenant.principal, input);
    await work(later);
  }

  async function work(later: string[] = []): Promise<void> {
    const handlers = new Map([...bindHandlers(deps, retentionHandlers)].filter(([kind]) => !later.includes(kind)));
    for (let round = 0; round < 20; round++) {
      const due = (await findDueTasks(deps.app, 1000)).filter((ref) => handlers.has(ref.kind));
      if (due.length === 0) return;
      for (const ref of due) await runTask(deps.app, ref, handlers);
    }
  }

  async function live(days: number): Promise<void> {
    for (let half = 0; half < days * 2; half++) {
      await clock.advanceMs(43_200_000);
      daysBehind -= 0.5;
      fixture.setBehind(daysBehind * 86_400_000);
      await fixture.exporter.seal(tenant.tenantId);
      await planTenant(deps, tenant.tenantId);
      await work();
    }
  }

  async function setPolicy(siteId: string, imageDays: number, eventDays: number): Promise<void> {
    await fixture.database.superuser.query("update tenants set cooling_off_hours = 0 where tenant_id = $1", [
      tenant.tenantId,
    ]);
    await withTenant(fixture.seed.pool, tenant.principal, (tx) =>
      tx.query("select ledger.set_policy($1, $2::int, $3::int, 'system', 'test', 'cli', gen_random_uuid(), null)", [
        siteId,
        imageDays,
        eventDays,
      ]),
    );
  }
});
