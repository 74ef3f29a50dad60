import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import type { Principal } from "../../src/audit/index.ts";
import { type EventPage, type EventQuery, type EventsDeps, eventDetail, searchEvents } from "../../src/events/index.ts";
import type { Incoming } from "../../src/ingest/incoming.ts";
import { createRecorder, type Recorder } from "../../src/ingest/recorder.ts";
import { subjectHasher } from "../../src/keys/index.ts";
import { AppError } from "../../src/platform/errors.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { fromHex } from "../../src/record/bytes.ts";
import { eventLeaf } from "../../src/record/event.ts";
import { verifyInclusion } from "../../src/record/proof.ts";
import { unitHash } from "../../src/record/unit.ts";
import { parseWireEvents } from "../../src/record/wire.ts";
import { wireEvent } from "../ingest/device.ts";
import { createEstate, type Estate, type Tenant } from "../ingest/estate.ts";
import { recomputeTenant } from "../ingest/recompute.ts";

const isCode = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;
const sha256 = createHash("sha256").update("photo").digest("hex");

describe("events: search and detail", () => {
  let estate: Estate;
  let recorder: Recorder;
  let tenant: Tenant;
  let stranger: Tenant;
  let owner: Principal;
  let clerk: Principal;
  const ids: string[] = [];

  async function store(of: Tenant, deviceId: string, events: Record<string, unknown>[]): Promise<string[]> {
    const items = events.map((event): Incoming => {
      const [parsed] = parseWireEvents(JSON.stringify(event));
      return { sender: { type: "device", id: deviceId }, siteId: null, parsed: parsed! };
    });
    const { outcomes } = await recorder.record(of.principal, items);
    return outcomes.map((outcome) => {
      assert.equal(outcome.status, "stored");
      return outcome.id!;
    });
  }

  before(async () => {
    estate = await createEstate();
    const limits = { maxBodyBytes: 65_536, maxImageBytes: 33_554_432, longestOfflineDays: 60 };
    recorder = createRecorder({ ...estate, limits, log: createLogger("test", "silent") });
    [tenant, stranger] = [await estate.newTenant(), await estate.newTenant()];
    owner = { ...tenant.principal, actor: { type: "api-key", id: randomUUID() }, via: "api" };
    clerk = { ...owner, sites: [tenant.otherSiteId] };
    const other = await tenant.newDevice({ siteId: tenant.otherSiteId });
    for (let batch = 0; batch < 4; batch++) {
      ids.push(
        ...(await store(
          tenant,
          tenant.deviceId,
          Array.from({ length: 10 }, (_, n) =>
            wireEvent({
              kind: n % 2 ? "gate.passage" : "temperature",
              body: { batch, n, words: n === 3 ? "A Blue Lorry %_" : "car" },
              subjects: n === 5 ? ["plate:AB12CDE"] : [],
              images: n === 7 ? [{ sha256, bytes: 5, type: "image/jpeg" }] : [],
            }),
          ),
        )),
      );
      ids.push(...(await store(tenant, other, [wireEvent({ subjects: ["plate:AB12CDE"], body: "blue lorry" })])));
      await store(stranger, stranger.deviceId, [wireEvent({ subjects: ["plate:AB12CDE"], body: "blue lorry" })]);
    }
  });
  after(async () => {
    for (const each of [tenant, stranger]) await recomputeTenant(estate.database.superuser, each.tenantId);
    await estate.stop();
  });

  const deps = (): EventsDeps => ({
    pool: estate.pool,
    hashSubject: subjectHasher(estate.keyring),
  });
  const search = (query: Partial<EventQuery>, who = owner): Promise<EventPage> =>
    searchEvents(deps(), who, { limit: 100, ...query });

  it("pages of every question put together are the whole, newest first, nothing twice", async () => {
    const questions: Partial<EventQuery>[] = [
      {},
      { siteIds: [tenant.siteId] },
      { siteIds: [tenant.siteId, tenant.otherSiteId] },
      { kind: "gate.passage" },
      { kind: "gate.passage", siteIds: [tenant.siteId] },
      { subject: "plate:AB12CDE" },
      { text: "lorry" },
      { source: tenant.deviceId },
      { source: tenant.deviceId, kind: "gate.passage" },
      { source: tenant.deviceId, kind: "gate.passage", siteIds: [tenant.siteId], text: "lorry" },
      { subject: "plate:AB12CDE", text: "lorry" },
      { subject: "plate:AB12CDE", source: tenant.deviceId },
      { subject: "plate:AB12CDE", text: "car", kind: "gate.passage", source: tenant.deviceId },
    ];
    const sizes = [44, 40, 44, 24, 20, 8, 8, 40, 20, 4, 4, 4, 4];
    for (const [n, question] of questions.entries()) {
      const whole = (await search(question)).events;
      assert.equal(whole.length, sizes[n], JSON.stringify(question));
      const order = whole.map(({ received, eventId }) => `${received} ${eventId}`);
      assert.deepEqual(order, [...order].sort().reverse());
      const paged: string[] = [];
      let after: string | undefined;
      do {
        const page: EventPage = await search({ ...question, limit: 3, after });
        paged.push(...page.events.map(({ received, eventId }) => `${received} ${eventId}`));
        after = page.next ?? undefined;
      } while (after !== undefined);
      assert.deepEqual(paged, order, JSON.stringify(question));
    }
  });

  it("pages reach over days and weeks without a hole", async () => {
    const { superuser } = estate.database;
    const other = await estate.newTenant();
    await superuser.query("select app.make_partitions(current_date - 50, current_date)");
    // Planted, since nothing can be received in the past.
    await superuser.query(
      `insert into events (tenant_id, site_id, received, event_id, batch_id, index, source_type, source_id, kind, occurred, body, body_salt)
       select $1, $2, clock_timestamp() - make_interval(hours => 7 * n), gen_random_uuid(), gen_random_uuid(), 0, 'device', $3, 'planted', now(), '{}', sha256('')
         from generate_series(1, 150) n`,
      [other.tenantId, other.siteId, other.deviceId],
    );
    const principal: Principal = { ...other.principal, via: "api" };
    for (const question of [{}, { kind: "planted" }, { siteIds: [other.siteId] }]) {
      for (const limit of [7, 149, 200]) {
        const seen: string[] = [];
        let after: string | undefined;
        do {
          const page: EventPage = await search({ ...question, limit, after }, principal);
          seen.push(...page.events.map(({ received, eventId }) => `${received} ${eventId}`));
          after = page.next ?? undefined;
        } while (after !== undefined);
        assert.equal(new Set(seen).size, 150);
        assert.deepEqual(seen, [...seen].sort().reverse());
      }
    }
    const week = new Date(Date.now() - 7 * 86_400_000).toISOString().replace("Z", "000Z");
    const recent = (await search({ from: week, limit: 500 }, principal)).events.length;
    const older = (await search({ to: week, limit: 500 }, principal)).events.length;
    assert.deepEqual([recent + older, recent], [150, 23]);
  });

  it("times are half-open and of receipt", async () => {
    const all = (await search({})).events;
    const times = [...new Set(all.map(({ received }) => received))].sort();
    const [first, second] = [times[0]!, times[1]!];
    const within = (await search({ from: first, to: second })).events;
    assert.ok(within.length > 0 && within.every(({ received }) => received === first));
    assert.equal((await search({ to: first })).events.length, 0);
    const texts = (await search({ text: "o", from: first, to: second })).events;
    assert.ok(texts.every(({ received }) => received === first));
  });

  it("a subject is found in any spelling, text in any case and without wildcards", async () => {
    assert.equal((await search({ subject: "Plate: ab-12 cde" })).events.length, 8);
    assert.equal((await search({ subject: "plate:ZZ" })).events.length, 0);
    assert.equal((await search({ text: "BLUE lorry" })).events.length, 8);
    assert.equal((await search({ text: "lorry %_" })).events.length, 4);
    assert.equal((await search({ text: "l_rry" })).events.length, 0);
  });

  it("a principal sees its own sites alone, whatever it asks", async () => {
    for (const question of [{}, { kind: "gate.passage" }, { subject: "plate:AB12CDE" }, { text: "lorry" }]) {
      const { events } = await search(question, clerk);
      assert.equal(events.length, 4);
      assert.ok(events.every(({ siteId }) => siteId === tenant.otherSiteId));
    }
    await assert.rejects(search({ siteIds: [tenant.siteId] }, clerk), isCode("not-found"));
    assert.equal((await search({ siteIds: [stranger.siteId] })).events.length, 0);
    // The row policy by itself, without the check above it.
    const forged = { ...clerk, sites: [tenant.otherSiteId] };
    const { selectBySites } = await import("../../src/events/store.ts");
    const { withTenant } = await import("../../src/audit/index.ts");
    const range = { from: null, to: null, after: null };
    const any = { kind: null, source: null };
    const seen = await withTenant(estate.pool, forged, (tx) => selectBySites(tx, [tenant.siteId], any, range, 10));
    assert.equal(seen.length, 0);
    const unguarded = await withTenant(estate.pool, owner, (tx) => selectBySites(tx, [tenant.siteId], any, range, 10));
    assert.equal(unguarded.length, 10);
  });

  it("says how many images of each event are not erased", async () => {
    const amounts = (events: EventPage["events"]) => events.map(({ images, imagesKept }) => `${images} ${imagesKept}`);
    const all = amounts((await search({})).events);
    assert.deepEqual([...new Set(all)].sort(), ["0 0", "1 1"]);
    assert.equal(all.filter((each) => each === "1 1").length, 4);
    const client = await estate.database.superuser.connect();
    try {
      await client.query("begin");
      const { rows } = await client.query(
        "delete from images where tenant_id = $1 and event_id = (select min(event_id::text)::uuid from images where tenant_id = $1) returning *",
        [tenant.tenantId],
      );
      await client.query("commit");
      assert.equal(rows.length, 1);
      assert.equal(amounts((await search({})).events).filter((each) => each === "1 0").length, 1);
      assert.deepEqual(amounts((await search({ text: "lorry" }, clerk)).events), ["0 0", "0 0", "0 0", "0 0"]);
      await client.query("begin");
      const row = rows[0];
      const names = Object.keys(row);
      await client.query(
        `insert into images (${names.join(", ")}) values (${names.map((_, n) => `$${n + 1}`).join(", ")})`,
        Object.values(row),
      );
      await client.query("commit");
    } finally {
      client.release();
    }
  });

  it("a cursor that is not ours is refused", async () => {
    for (const after of ["", "x", Buffer.from("a b c").toString("base64url")]) {
      await assert.rejects(search({ after }), isCode("invalid"));
    }
  });

  it("an event's detail leads from its body to the batch in the ledger", async () => {
    for (const eventId of ids.slice(0, 12)) {
      const detail = await eventDetail(estate, owner, eventId);
      assert.ok(detail.state === "present");
      const { proof } = detail;
      const bodyHash = unitHash("body", fromHex(proof.bodySalt), detail.body);
      assert.ok(proof.lines.includes(`unit body ${bodyHash}\n`));
      const leaf = eventLeaf(proof.lines);
      const claim = { index: proof.index, size: proof.siteEvents, leaf, root: fromHex(proof.siteRoot) };
      assert.ok(
        verifyInclusion(
          claim,
          proof.path.map((hash) => fromHex(hash)),
        ),
      );
      assert.ok(proof.batch.content.includes(`site ${detail.siteId} ${proof.siteEvents} ${proof.siteRoot}\n`));
      const { rows } = await estate.database.superuser.query(
        "select units from ledger.rows where tenant_id = $1 and seq = $2",
        [tenant.tenantId, proof.batch.seq],
      );
      assert.ok(rows[0].units.includes(`unit batch ${proof.batch.unitHash}\n`));
    }
    const withImage = (await search({})).events.find(({ images }) => images === 1)!;
    const detail = await eventDetail(estate, owner, withImage.eventId);
    assert.ok(detail.state === "present" && detail.images[0]?.state === "pending");
  });

  it("another's event, one outside the sites, and none at all are not found", async () => {
    const [foreign] = (await searchEvents(deps(), { ...stranger.principal, via: "api" }, { limit: 1 })).events;
    for (const [who, eventId] of [
      [owner, foreign!.eventId],
      [clerk, ids[0]!],
      [owner, randomUUID()],
    ] as const) {
      await assert.rejects(eventDetail(estate, who, eventId), isCode("not-found"));
    }
  });
});
