import assert from "node:assert/strict";
import { withTenant } from "../../src/audit/index.ts";
import { placeHold, releaseHold } from "../../src/retention/holds.ts";
import { count, type Estate, startEstate } from "./harness.ts";

const holdFor = (siteId?: string) => ({
  siteId,
  caseNumber: "C-1",
  reason: "dispute",
  owner: "Legal",
  reviewOn: "2027-01-01",
});
const jpeg = { bytes: Buffer.from("ffd8ffe0 not shown to anyone".repeat(10)), type: "image/jpeg" as const };

describe("retention erases what is due", () => {
  let estate: Estate;
  before(async () => {
    estate = await startEstate();
  });
  after(() => estate.stop());

  it("a day that is due everywhere goes by truncation, with one site-day line per site that verifies", async () => {
    const a = await estate.tenant({ imageDays: 5, eventDays: 5 });
    const b = await estate.tenant({ imageDays: 5, eventDays: 5 });
    const day = await estate.clock.today();
    const batches = [];
    for (let i = 0; i < 3; i++) batches.push(await estate.record(a, [{}, { site: 1, images: [jpeg] }, {}]));
    await estate.record(b, [{}]);
    await estate.live(4);
    assert.deepEqual(
      (await estate.work(a)).filter((each) => each.kind === "retention.erase"),
      [],
    );
    await estate.live(1);
    const done = await estate.work(a);
    assert.deepEqual(done[0], {
      kind: "retention.erase",
      result: { state: "done", result: { day, what: "events", whole: true } },
    });
    const [tombstone, ...more] = await estate.verify(a);
    assert.equal(more.length, 0);
    assert.deepEqual(tombstone!.reason.basis, "retention");
    assert.equal(tombstone!.list.length, 3);
    const siteDay = tombstone!.list.find((line) => line.kind === "site-day" && line.site === a.sites[0]!.siteId);
    assert.equal(siteDay?.kind === "site-day" && siteDay.batches, 3);
    assert.equal(siteDay?.kind === "site-day" && siteDay.events, 6);
    assert.equal((await estate.verify(b)).length, 1);
    for (const table of ["events", "batch_sites", "batches", "images", "event_subjects"]) {
      assert.equal(await count(estate.database, table, a.tenantId), 0, table);
    }
  });

  it("a hold keeps its site-day, the others go, and the release lets it go by itself", async () => {
    const tenant = await estate.tenant({ imageDays: 3, eventDays: 3 });
    await estate.record(tenant, [{ site: 0 }, { site: 1 }]);
    const hold = await placeHold(
      { pool: estate.deps.app, keyring: estate.seeds.keyring },
      tenant.principal,
      holdFor(tenant.sites[0]!.siteId),
    );
    assert.equal(hold.events, 1);
    await estate.live(3);
    const done = await estate.work(tenant);
    assert.equal(done[0]!.result.state, "waiting");
    assert.equal(await count(estate.database, "events", tenant.tenantId), 1);
    await releaseHold(estate.deps.app, tenant.principal, hold.holdId, "settled");
    await estate.work(tenant);
    assert.equal(await count(estate.database, "events", tenant.tenantId), 0);
    assert.equal(await count(estate.database, "batches", tenant.tenantId), 0);
    assert.equal((await estate.verify(tenant)).length, 2);
  });

  it("images go before their events, by their own line, and their files after their keys", async () => {
    const tenant = await estate.tenant({ imageDays: 2, eventDays: 20, sites: ["One"] });
    const other = await estate.tenant({ imageDays: 20, eventDays: 20, sites: ["Other"] });
    const day = await estate.clock.today();
    await estate.record(tenant, [{ images: [jpeg, jpeg] }, {}]);
    await estate.record(other, [{ images: [jpeg] }]);
    await estate.live(2);
    const results = await estate.work(tenant);
    const [tombstone] = await estate.verify(tenant);
    assert.deepEqual(
      tombstone!.list.map((line) => [
        line.kind,
        line.kind === "image-day" && line.images,
        line.kind === "image-day" && line.day,
      ]),
      [["image-day", 2, day]],
    );
    assert.equal(await count(estate.database, "events", tenant.tenantId), 2);
    assert.equal(await count(estate.database, "images", tenant.tenantId), 0);
    assert.equal(await count(estate.database, "images", other.tenantId), 1);
    assert.ok(results.some((each) => each.kind === "retention.files"));
    const left = [];
    for await (const object of estate.deps.objects.list()) left.push(object.ref?.tenantId);
    assert.ok(!left.includes(tenant.tenantId));
    assert.ok(left.includes(other.tenantId));
  });

  it("the executor cannot delete, and the application cannot erase", async () => {
    const tenant = await estate.tenant();
    await estate.record(tenant, [{}]);
    const siteId = tenant.sites[0]!.siteId;
    const day = await estate.clock.today();
    const inTenant = (pool: "app" | "executor", sql: string, params: unknown[] = []) =>
      withTenant(estate.database.pool(pool), tenant.principal, (tx) => tx.query(sql, params));
    await assert.rejects(inTenant("executor", "delete from events"), { code: "42501" });
    await assert.rejects(inTenant("executor", `truncate events_${day.replaceAll("-", "")}`), { code: "42501" });
    const erase = "select * from ledger.erase_site_day($1, $2::date, 'retention', null, 'cron', gen_random_uuid())";
    await assert.rejects(inTenant("app", erase, [siteId, day]), { code: "42501" });
    const answer = await inTenant("executor", erase, [siteId, day]);
    assert.equal((answer.rows[0] as { outcome: string }).outcome, "not-due");
    // The same statement with the privilege granted does delete: the grant is what holds it.
    await estate.database.superuser.query("grant delete on events to ledgerstone_executor");
    await assert.rejects(inTenant("executor", "delete from events"), { code: "LS005" });
    await estate.database.superuser.query("revoke delete on events from ledgerstone_executor");
  });

  it("nobody truncates a day without its tombstones, not even the owner or a superuser", async () => {
    const tenant = await estate.tenant();
    await estate.record(tenant, [{}]);
    const partition = `events_${(await estate.clock.today()).replaceAll("-", "")}`;
    await assert.rejects(estate.database.pool("owner").query(`truncate ${partition}`), { code: "LS008" });
    await assert.rejects(estate.database.superuser.query(`truncate ${partition}`), { code: "LS008" });
    await estate.database.superuser.query(`alter table ${partition} disable trigger guard`);
    const client = await estate.database.superuser.connect();
    await client.query("begin");
    await client.query(`truncate ${partition}`);
    await client.query("rollback");
    client.release();
    await estate.database.superuser.query(`alter table ${partition} enable always trigger guard`);
  });
});
