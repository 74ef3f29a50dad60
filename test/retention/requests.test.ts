import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { appendRow, withTenant } from "../../src/audit/index.ts";
import { subjectHash } from "../../src/keys/index.ts";
import { getErasureCertificate, placeHold, releaseHold, requestErasure } from "../../src/retention/index.ts";
import { count, type Estate, startEstate } from "./harness.ts";

const holdInput = { caseNumber: "C-2", reason: "claim", owner: "Legal", reviewOn: "2027-01-01" };
const jpeg = { bytes: Buffer.from("ffd8ffe0 a face".repeat(20)), type: "image/jpeg" as const };

describe("erasure on request", () => {
  let estate: Estate;
  before(async () => {
    estate = await startEstate();
  });
  after(() => estate.stop());
  const verbs = () => ({ pool: estate.deps.app, keyring: estate.seeds.keyring });

  it("erases a subject's events, images, openings and dead letters, and leaves the others' and the leaves beside them", async () => {
    const tenant = await estate.tenant();
    const mine = ["plate:ZH 123"];
    await estate.record(tenant, [{ subjects: mine, images: [jpeg] }, {}, { site: 1, subjects: mine }]);
    await estate.record(tenant, [{ subjects: ["plate:OTHER"] }]);
    await withTenant(estate.deps.app, tenant.principal, async (tx) => {
      const subject = subjectHash(await estate.seeds.keyring.indexKey(tx), "plate:zh-123");
      await tx.query(
        `insert into dead_letters (tenant_id, site_id, received, source_type, source_id, reason, detail, sealed, key_version, subjects)
         values ($1, $2, clock_timestamp(), 'device', $3, 'schema', 'x', '\\x00', 1, array[$4::bytea])`,
        [tenant.tenantId, tenant.sites[0]!.siteId, tenant.sites[0]!.deviceId, subject],
      );
      await appendRow(tx, {
        action: "search.made",
        entity: { type: "search", id: "1" },
        units: [{ name: "detail", content: "looked for ZH 123", subjects: [subject] }],
      });
    });
    const request = await requestErasure(verbs(), tenant.principal, { subject: "plate:ZH123", reason: "art. 17" });
    assert.equal(request.found.events, 2);
    await estate.work(tenant);
    assert.equal(await count(estate.database, "events", tenant.tenantId), 2);
    assert.equal(await count(estate.database, "images", tenant.tenantId), 0);
    assert.equal(await count(estate.database, "dead_letters", tenant.tenantId), 0);
    assert.equal(await count(estate.database, "batch_sites", tenant.tenantId), 2);
    assert.equal(await count(estate.database, "batches", tenant.tenantId), 2);
    const tombstones = await estate.verify(tenant);
    assert.deepEqual(
      tombstones.map((each) => each.list.map((line) => line.kind)),
      [["event", "event"], ["opening"]],
    );
    assert.equal(tombstones[0]!.reason.request, request.requestId);
    const certificate = await getErasureCertificate(estate.deps.app, tenant.principal, request.requestId);
    assert.equal(certificate.complete, true);
    assert.deepEqual(certificate.total, { events: 2, images: 1, openings: 1, bytes: certificate.total.bytes });
    const files = [];
    for await (const object of estate.deps.objects.list()) files.push(object.path);
    assert.deepEqual(files, []);
  });

  it("stops at a hold, says so, and finishes by itself when the hold is released", async () => {
    const tenant = await estate.tenant();
    const batch = await estate.record(tenant, [{ kind: "badge.read" }, {}, {}]);
    const hold = await placeHold(verbs(), tenant.principal, { ...holdInput, kind: "badge.read" });
    const request = await requestErasure(verbs(), tenant.principal, { eventIds: batch.eventIds, reason: "asked" });
    assert.deepEqual(request.found, { events: 3, held: 1, heldBy: [hold.holdId] });
    const [first] = await estate.work(tenant);
    assert.equal(first!.result.state, "waiting");
    assert.equal(await count(estate.database, "events", tenant.tenantId), 1);
    const waiting = await getErasureCertificate(estate.deps.app, tenant.principal, request.requestId);
    assert.deepEqual([waiting.request.state, waiting.held.events, waiting.complete], ["held", 1, false]);
    await releaseHold(estate.deps.app, tenant.principal, hold.holdId, "settled");
    await estate.work(tenant);
    assert.equal(await count(estate.database, "events", tenant.tenantId), 0);
    const done = await getErasureCertificate(estate.deps.app, tenant.principal, request.requestId);
    assert.deepEqual([done.request.state, done.total.events], ["done", 3]);
    assert.equal((await estate.verify(tenant)).length, 2);
  });

  it("images alone can go, and the events stay", async () => {
    const tenant = await estate.tenant({ sites: ["One"], imageDays: 4, eventDays: 10 });
    const batch = await estate.record(tenant, [{ images: [jpeg, jpeg] }, { images: [jpeg] }]);
    await requestErasure(verbs(), tenant.principal, {
      eventIds: [batch.eventIds[0]!],
      imagesOnly: true,
      reason: "face",
    });
    await estate.work(tenant);
    assert.equal(await count(estate.database, "events", tenant.tenantId), 2);
    assert.equal(await count(estate.database, "images", tenant.tenantId), 1);
    // The day's line later names every image of the events that are there, also those that went before.
    await estate.live(4);
    await estate.work(tenant);
    const tombstones = await estate.verify(tenant);
    assert.deepEqual(
      tombstones.map((each) =>
        each.list.map((line) => (line.kind === "image-day" ? `image-day ${line.images}` : line.kind)),
      ),
      [["image", "image"], ["image-day 3"]],
    );
  });

  it("a site-day after single erasures covers every batch that was not wholly erased before", async () => {
    const tenant = await estate.tenant({ sites: ["One", "Two"], imageDays: 3, eventDays: 3 });
    const lone = await estate.record(tenant, [{}]);
    await estate.record(tenant, [{}, {}, { site: 1 }]);
    await requestErasure(verbs(), tenant.principal, { eventIds: lone.eventIds, reason: "asked" });
    await estate.work(tenant);
    const hold = await placeHold(verbs(), tenant.principal, { ...holdInput, siteId: tenant.sites[1]!.siteId });
    await estate.live(3);
    await estate.work(tenant);
    const tombstones = await estate.verify(tenant);
    const line = tombstones[1]!.list[0]!;
    assert.equal(line.kind === "site-day" && `${line.batches} ${line.events}`, "1 2");
    // The shared batch keeps its structural unit for the held site; the lone one's went with its last event.
    assert.equal(await count(estate.database, "batches", tenant.tenantId), 1);
    await releaseHold(estate.deps.app, tenant.principal, hold.holdId, "over");
    await estate.work(tenant);
    assert.equal(await count(estate.database, "batches", tenant.tenantId), 0);
    await estate.verify(tenant);
  });

  it("a re-sent event that was erased stays a duplicate", async () => {
    const tenant = await estate.tenant();
    const batch = await estate.record(tenant, [{}]);
    await requestErasure(verbs(), tenant.principal, { eventIds: batch.eventIds, reason: "asked" });
    await estate.work(tenant);
    const again = await withTenant(estate.deps.app, tenant.principal, (tx) =>
      tx.query(
        `insert into event_keys (tenant_id, event_id, source_id, received) values ($1, $2, $3, clock_timestamp()) on conflict do nothing`,
        [tenant.tenantId, batch.eventIds[0], tenant.sites[0]!.deviceId],
      ),
    );
    assert.equal(again.rowCount, 0);
    await assert.rejects(estate.database.superuser.query("truncate event_keys"), { code: "LS002" });
  });

  it("the journal has each tombstone, with its list, and its proof when a witness has one", async () => {
    const tenant = await estate.tenant();
    const batch = await estate.record(tenant, [{}]);
    const request = await requestErasure(verbs(), tenant.principal, { eventIds: batch.eventIds, reason: "asked" });
    const [, waiting] = await estate.work(tenant);
    assert.deepEqual([waiting!.kind, waiting!.result.state], ["retention.journal", "waiting"]);
    estate.deps.proveRow = async () => ({ checkpoint: "note\n", path: ["AAAA"] });
    await estate.clock.advanceMs(120_000);
    await estate.work(tenant);
    const [file] = await readdir(estate.deps.journal.directory);
    const entries = (await readFile(`${estate.deps.journal.directory}/${file}`, "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
      .filter((entry) => entry.tenant === tenant.tenantId);
    assert.deepEqual(
      entries.map((entry) => entry.state),
      ["entered", "proven"],
    );
    assert.match(entries[0].row, /^ledgerstone\/row\/v1\n/);
    assert.match(entries[0].list.content, /^event /);
    const certificate = await getErasureCertificate(estate.deps.app, tenant.principal, request.requestId);
    assert.ok(certificate.tombstones[0]!.journalledAt);
    estate.deps.proveRow = async () => undefined;
  });
});
