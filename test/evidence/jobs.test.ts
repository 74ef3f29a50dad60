import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Principal, withTenant } from "../../src/audit/index.ts";
import { atPlaceByHand, clearPlacesByHand } from "../../src/evidence/by-hand.ts";
import {
  type EvidenceDeps,
  type ExportInput,
  expireExports,
  getExport,
  listExports,
  openExport,
  requestExport,
} from "../../src/evidence/index.ts";
import { evidenceHandlers } from "../../src/evidence/jobs.ts";
import { bindHandlers, findDueTasks, runTask } from "../../src/tasks/index.ts";
import { type SeededTenant, seedBatch, seedTenant } from "../support/seed.ts";
import { evidenceFixture, type Fixture } from "./fixture.ts";

const always = { from: "2020-01-01T00:00:00Z", to: "2100-01-01T00:00:00Z" };
const secretBody = "the guard's name is Ferdinand";

describe("export as a job", () => {
  let fixture: Fixture;
  let tenant: SeededTenant;
  let deps: EvidenceDeps;
  let eventIds: string[];

  before(async () => {
    fixture = await evidenceFixture();
    deps = { ...fixture.exporter, directory: fixture.path("exports"), keepDays: 7 };
    tenant = await seedTenant(fixture.seed);
    const bytes = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(3000, 7)]);
    const events = tenant.sites.map((site) => ({
      ...site,
      body: JSON.stringify(secretBody),
      subjects: ["plate:AB12CDE"],
      images: [{ bytes, type: "image/jpeg" as const }],
    }));
    ({ eventIds } = await seedBatch(fixture.seed, tenant.principal, events));
  });
  after(() => fixture.stop());

  it("is asked for, made, and downloaded, and the ledger tells of each", async () => {
    const { exportId, state } = await ask(always);
    assert.equal(state, "ready");
    await work();
    const done = await getExport(deps.pool, tenant.principal, exportId);
    assert.deepEqual([done.state, done.events, done.images, done.parts?.length], ["done", 2, 1, 1]);
    assert.equal((await fixture.verify(await download(exportId))).result, "passed");
    assert.deepEqual(await actions(exportId), ["evidence.requested", "evidence.exported", "evidence.downloaded"]);
    const whole = await readFile(await download(exportId));
    for (const from of [1, 262_143, whole.length - 1].filter((at) => at < whole.length)) {
      const rest = [];
      for await (const chunk of (await openExport(deps, tenant.principal, exportId, { from })).stream) rest.push(chunk);
      assert.ok(Buffer.concat(rest).equals(whole.subarray(from)), `a cut download goes on at byte ${from}`);
    }
    const beyond = openExport(deps, tenant.principal, exportId, { from: whole.length });
    await assert.rejects(beyond, /does not reach so far/);
  });

  it("at rest shows nothing of what is in it, and no work is left beside it", async () => {
    const { exportId } = await ask(always);
    await work();
    const folder = join(deps.directory, tenant.tenantId, exportId);
    assert.deepEqual(await readdir(folder), ["part-1"]);
    const sealed = await readFile(join(folder, "part-1"));
    assert.equal(sealed.includes("bagit.txt"), false);
    const clear = await readFile(await download(exportId));
    assert.equal(clear.includes("bagit.txt"), true, "the same search finds it in the download");
  });

  it("with a passphrase forgets it when the export is made", async () => {
    const passphrase = "correct horse battery staple";
    const { exportId, scope } = await ask({ ...always, passphrase });
    assert.equal(JSON.stringify(scope).includes("sealed"), false);
    const stored = async () => (await row(exportId)).scope as Record<string, unknown>;
    assert.equal(typeof (await stored()).sealedPassphrase, "string");
    assert.equal(JSON.stringify(await stored()).includes(passphrase), false);
    await work();
    assert.equal((await stored()).sealedPassphrase, undefined);
    assert.equal((await fixture.verify(await download(exportId), { passphrase } as never)).result, "passed");
  });

  it("of someone who sees one site holds that site, and shows to nobody with less", async () => {
    const [north, south] = tenant.sites;
    const limited: Principal = { ...tenant.principal, sites: [south!.siteId] };
    await assert.rejects(requestExport(deps, limited, { ...always, sites: [north!.siteId] }), /outside yours/);
    const { exportId } = await requestExport(deps, limited, always);
    await work();
    const path = await download(exportId, limited);
    assert.equal((await fixture.verify(path)).result, "passed");
    const events = await fixture.read(path, "data/events/events.txt");
    assert.equal(events.includes(south!.siteId), true);
    assert.equal(events.includes(north!.siteId), false);
    const other: Principal = { ...tenant.principal, sites: [north!.siteId] };
    await assert.rejects(openExport(deps, other, exportId), /not found/);
    assert.equal((await listExports(deps.pool, other)).exports.length, 0);
    assert.equal((await listExports(deps.pool, limited)).exports.length, 1);
  });

  it("that cannot be made fails, tells why, and leaves no file", async () => {
    const { exportId } = await ask({ events: [crypto.randomUUID()] });
    await work();
    const failed = await getExport(deps.pool, tenant.principal, exportId);
    assert.equal(failed.state, "failed");
    assert.match(failed.error!, /not here: found no event/);
    assert.equal(existsSync(join(deps.directory, tenant.tenantId, exportId)), false);
    assert.deepEqual(await actions(exportId), ["evidence.requested", "evidence.failed"]);
  });

  it("is refused beyond the day's quota", async () => {
    const { rows } = await fixture.database.superuser.query("select exports from tenant_usage where tenant_id = $1", [
      tenant.tenantId,
    ]);
    await setQuota(rows[0].exports);
    await assert.rejects(ask(always), /no more exports today/);
    await setQuota(rows[0].exports + 1);
    await ask(always);
    await work();
    await setQuota(100);
  });

  it("expires: the files go, and folders that no export owns", async () => {
    const { exportId } = await ask({ events: [eventIds[0]!] });
    await work();
    const folder = join(deps.directory, tenant.tenantId, exportId);
    const orphan = join(deps.directory, tenant.tenantId, crypto.randomUUID());
    await mkdir(orphan);
    await writeFile(join(orphan, "part-1.unfinished"), "left by a kill");
    assert.deepEqual(await expireExports(deps), { expired: 0, orphans: 1 });
    assert.deepEqual([existsSync(folder), existsSync(orphan)], [true, false]);
    await fixture.database.superuser.query("update exports set expires_at = now() where export_id = $1", [exportId]);
    assert.equal((await expireExports(deps)).expired, 1);
    assert.equal(existsSync(folder), false);
    await assert.rejects(openExport(deps, tenant.principal, exportId), /cannot be downloaded/);
  });

  it("by hand, killed: what it left is cleared after a day, unless an export is at work there", async () => {
    const place = { tenantId: tenant.tenantId, path: "/out/bundle.zip" };
    const left = await atPlaceByHand(deps, place, async (folder) => {
      await mkdir(join(folder, "parts"), { recursive: true });
      await writeFile(join(folder, "parts", "1"), "sealed");
      return folder;
    });
    const hour = 3_600_000;
    assert.equal(await clearPlacesByHand(deps, undefined, Date.now() + 23 * hour), 0);
    await atPlaceByHand(deps, place, async (folder) => {
      assert.equal(folder, left, "the same export finds it again");
      assert.equal(await clearPlacesByHand(deps, undefined, Date.now() + 100 * hour), 0);
      await assert.rejects(
        atPlaceByHand(deps, place, async () => {}),
        /another export writes there/,
      );
    });
    assert.equal(existsSync(left), true);
    assert.equal(await clearPlacesByHand(deps, undefined, Date.now() + 25 * hour), 1);
    assert.equal(existsSync(left), false);
  });

  it("made while an erasure was asked for is made anew", async () => {
    const { exportId } = await ask(always);
    const [ref] = (await findDueTasks(deps.pool, 10)).filter((task) => task.kind === "evidence.export");
    let seals = 0;
    const racing: EvidenceDeps = {
      ...deps,
      // After the checkpoint, before the end: someone asks to be erased.
      async seal(tenantId) {
        await deps.seal(tenantId);
        if (seals++ > 0) return;
        setTimeout(() => withTenant(deps.pool, tenant.principal, insertErasureRequest), 0);
        await new Promise((resolve) => setTimeout(resolve, 200));
      },
    };
    await assert.rejects(runTask(deps.pool, ref!, bindHandlers(racing, evidenceHandlers)), /erasure was asked for/);
    assert.equal(existsSync(join(deps.directory, tenant.tenantId, exportId)), false);
    await fixture.database.superuser.query("update tasks set run_after = now() where state = 'ready'");
    await work();
    assert.equal((await getExport(deps.pool, tenant.principal, exportId)).state, "done");
  });

  it("stopped with the worker goes on where it was, under the same key", async () => {
    const { exportId } = await ask(always);
    const [ref] = (await findDueTasks(deps.pool, 10)).filter((task) => task.kind === "evidence.export");
    const stopping = new AbortController();
    const stopped: EvidenceDeps = {
      ...deps,
      objects: {
        ...deps.objects,
        async *readInto(...parts) {
          stopping.abort(new Error("the worker stops"));
          yield* deps.objects.readInto(...parts);
        },
      },
    };
    const handlers = bindHandlers(stopped, evidenceHandlers);
    await assert.rejects(runTask(deps.pool, ref!, handlers, { signal: stopping.signal }), /the worker stops/);
    const folder = join(deps.directory, tenant.tenantId, exportId);
    assert.deepEqual((await readdir(folder)).sort(), ["key", "part-1.unfinished", "work"]);
    await fixture.database.superuser.query("update tasks set run_after = now() where state = 'ready'");
    // What reads the ledger anew would ask for a checkpoint.
    const handlersAgain = bindHandlers({ ...deps, seal: () => assert.fail("sealed again") }, evidenceHandlers);
    await runTask(deps.pool, ref!, handlersAgain);
    assert.deepEqual(await readdir(folder), ["part-1"]);
    assert.equal((await fixture.verify(await download(exportId))).result, "passed");
  });

  it("run once more after its end leaves the finished files alone", async () => {
    const { exportId } = await ask(always);
    await work();
    const { superuser } = fixture.database;
    await superuser.query("update tasks set state = 'ready', run_after = now() where key = $1", [exportId]);
    await work();
    assert.equal((await fixture.verify(await download(exportId))).result, "passed");
  });

  const ask = (input: ExportInput) => requestExport(deps, tenant.principal, input);

  async function work(): Promise<void> {
    const handlers = bindHandlers(deps, evidenceHandlers);
    for (const ref of await findDueTasks(deps.pool, 100))
      if (handlers.has(ref.kind)) await runTask(deps.pool, ref, handlers);
  }

  async function download(exportId: string, principal = tenant.principal): Promise<string> {
    const opened = await openExport(deps, principal, exportId);
    const chunks = [];
    for await (const chunk of opened.stream) chunks.push(chunk);
    const path = fixture.path(opened.fileName);
    await writeFile(path, Buffer.concat(chunks));
    return path;
  }

  async function row(exportId: string) {
    return (await fixture.database.superuser.query("select * from exports where export_id = $1", [exportId])).rows[0];
  }

  async function actions(exportId: string): Promise<string[]> {
    const { rows } = await fixture.database.superuser.query(
      "select action from ledger.rows where entity_type = 'export' and entity_id = $1 order by seq",
      [exportId],
    );
    return rows.map((each) => each.action);
  }

  async function setQuota(exports: number): Promise<void> {
    await fixture.database.superuser.query("update tenants set export_quota_per_day = $2 where tenant_id = $1", [
      tenant.tenantId,
      exports,
    ]);
  }

  async function insertErasureRequest(tx: Parameters<Parameters<typeof withTenant>[2]>[0]): Promise<void> {
    const { appendRow } = await import("../../src/audit/index.ts");
    const requestId = crypto.randomUUID();
    const { seq, at } = await appendRow(tx, {
      action: "erasure.requested",
      entity: { type: "request", id: requestId },
    });
    await tx.query(
      `insert into erasure_requests (tenant_id, request_id, basis, event_ids, requested_by_type, requested_by, seq, requested_at)
       values ($1::uuid, $2::uuid, 'request', $3::uuid[], 'user', 'test', $4::bigint, $5::timestamptz)`,
      [tx.principal.tenantId, requestId, [crypto.randomUUID()], seq, at],
    );
  }
});
