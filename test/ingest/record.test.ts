import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import type { Incoming } from "../../src/ingest/incoming.ts";
import { createRecorder, type Recorder } from "../../src/ingest/recorder.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { parseWireEvents } from "../../src/record/wire.ts";
import { createEstate, type Estate, newId, type Tenant } from "./estate.ts";
import { recomputeTenant } from "./recompute.ts";

const limits = { maxBodyBytes: 65_536, maxImageBytes: 33_554_432, longestOfflineDays: 60 };

function incoming(deviceId: string, event: Record<string, unknown>): Incoming {
  const wire = {
    id: newId(),
    kind: "gate.passage",
    occurred: new Date().toISOString(),
    body: { open: true },
    ...event,
  };
  const [parsed] = parseWireEvents(JSON.stringify(wire));
  return { sender: { type: "device", id: deviceId }, siteId: null, parsed: parsed! };
}

describe("ingest: a batch in the database", () => {
  let estate: Estate;
  let tenant: Tenant;
  let recorder: Recorder;
  const one = async (sql: string, params: unknown[]) => (await estate.database.superuser.query(sql, params)).rows[0];

  before(async () => {
    estate = await createEstate();
    recorder = createRecorder({ ...estate, limits, log: createLogger("test", "silent") });
  });
  beforeEach(async () => {
    tenant = await estate.newTenant();
  });
  afterEach(async () => {
    await recomputeTenant(estate.database.superuser, tenant.tenantId);
  });
  after(() => estate.stop());

  it("events, images, subjects and outbox numbers are stored under one ledger row", async () => {
    const outbox = randomUUID();
    const sha256 = createHash("sha256").update("photo").digest("hex");
    const items = [3, 1, 2].map((seq) =>
      incoming(tenant.deviceId, {
        outbox,
        seq,
        kind: seq === 3 ? "null" : "gate.passage",
        body: { plate: 'AB "12" \\ CDE', text: "Grüße 🚧", n: 1.5 },
        subjects: ["plate:AB12CDE", "plate:ab 12 cde", "badge:77"],
        images: seq === 2 ? [{ sha256, bytes: 5, type: "image/jpeg" }] : [],
      }),
    );
    const { outcomes, marks } = await recorder.record(tenant.principal, items);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ["stored", "stored", "stored"],
    );
    assert.deepEqual(marks, [{ deviceId: tenant.deviceId, outbox, ranges: [[1, 3]], backedUp: null }]);
    const [, , withImage] = outcomes;
    assert.ok(withImage?.status === "stored" && withImage.tickets[0]?.sha256 === sha256);
    const seen = await recomputeTenant(estate.database.superuser, tenant.tenantId);
    assert.equal(seen.events, 3);
    const subjects = await one("select count(*)::int as n from event_subjects where tenant_id = $1", [tenant.tenantId]);
    assert.equal(subjects.n, 6);
    const day = await one(
      "select events::int, bytes::int, images::int, image_bytes::int from site_days where tenant_id = $1",
      [tenant.tenantId],
    );
    assert.deepEqual([day.events, day.images, day.image_bytes], [3, 1, 5]);
  });

  it("an event sent twice is stored once, and gets its pending tickets again", async () => {
    const sha256 = createHash("sha256").update("photo").digest("hex");
    const item = incoming(tenant.deviceId, { images: [{ sha256, bytes: 5, type: "image/png" }] });
    const [first] = (await recorder.record(tenant.principal, [item, item])).outcomes;
    const again = await recorder.record(tenant.principal, [item]);
    assert.equal(again.outcomes[0]?.status, "duplicate");
    assert.deepEqual({ ...again.outcomes[0], status: "stored" }, first);
  });

  it("an id that another source used is rejected", async () => {
    const other = await tenant.newDevice();
    const id = newId();
    await recorder.record(tenant.principal, [incoming(tenant.deviceId, { id })]);
    const { outcomes } = await recorder.record(tenant.principal, [incoming(other, { id }), incoming(other, {})]);
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.status === "rejected" ? outcome.reason : outcome.status)),
      ["id-collision", "stored"],
    );
  });

  it("what is too old, in the future, too large, revoked or no event becomes a dead letter that only the tenant's key opens", async () => {
    const revoked = await tenant.newDevice();
    await estate.database.superuser.query("update devices set revoked_at = now() where device_id = $1", [revoked]);
    const day = 86_400_000;
    const items = [
      incoming(tenant.deviceId, {
        id: newId(Date.now() - 8 * day),
        occurred: new Date(Date.now() - 8 * day).toISOString(),
      }),
      incoming(tenant.deviceId, { occurred: new Date(Date.now() + 365 * day).toISOString() }),
      incoming(tenant.deviceId, { id: newId(Date.now() - 70 * day) }),
      incoming(tenant.deviceId, { body: "x".repeat(70_000) }),
      incoming(revoked, { body: "secret-plate" }),
      incoming(tenant.deviceId, { unknown: 1 }),
      incoming(tenant.deviceId, { id: "../../etc/passwd" }),
    ];
    const { outcomes } = await recorder.record(tenant.principal, items);
    assert.deepEqual(
      outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason),
      ["too-old", "future", "too-old", "oversize", "revoked", "schema", "id-invalid"],
    );
    const { rows } = await estate.database.superuser.query(
      "select reason, detail, sealed, key_version from dead_letters where tenant_id = $1",
      [tenant.tenantId],
    );
    assert.equal(rows.length, 7);
    for (const row of rows) assert.ok(!row.sealed.includes("secret-plate") && !row.detail.includes("passwd"));
    const row = await one("select action from ledger.rows where tenant_id = $1 order by seq desc limit 1", [
      tenant.tenantId,
    ]);
    assert.ok(["events.rejected", "ops.update"].includes(row.action));
  });

  it("over quota events are rejected, and the ledger says so once", async () => {
    await estate.database.superuser.query("update tenants set event_quota_per_day = 2 where tenant_id = $1", [
      tenant.tenantId,
    ]);
    const send = () =>
      recorder.record(tenant.principal, [incoming(tenant.deviceId, {}), incoming(tenant.deviceId, {})]);
    assert.deepEqual(
      (await send()).outcomes.map(({ status }) => status),
      ["stored", "stored"],
    );
    for (let i = 0; i < 3; i++) {
      assert.deepEqual(
        (await send()).outcomes.map((each) => each.status === "rejected" && each.reason),
        ["quota", "quota"],
      );
    }
    const said = await one(
      "select count(*)::int as n from ledger.rows where tenant_id = $1 and action = 'quota.reached'",
      [tenant.tenantId],
    );
    assert.equal(said.n, 1);
  });

  it("an event that the database refuses becomes a dead letter, and its neighbours are stored", async () => {
    const { superuser } = estate.database;
    await superuser.query(`create function public.refuse_poison() returns trigger language plpgsql as
      $$ begin if new.kind = 'poison' then raise exception 'poison' using errcode = '22000'; end if; return new; end $$`);
    await superuser.query(
      "create trigger poison before insert on events for each row execute function refuse_poison()",
    );
    try {
      const items = Array.from({ length: 40 }, (_, n) => incoming(tenant.deviceId, n === 17 ? { kind: "poison" } : {}));
      const { outcomes } = await recorder.record(tenant.principal, items);
      assert.deepEqual(
        outcomes.flatMap((outcome, n) => (outcome.status === "rejected" ? [n] : [])),
        [17],
      );
      assert.equal((await recomputeTenant(superuser, tenant.tenantId)).events, 39);
    } finally {
      await superuser.query("drop function public.refuse_poison() cascade");
    }
  });

  it("concurrent batches of one tenant that share ids neither deadlock nor double anything", async () => {
    const items = Array.from({ length: 50 }, () => incoming(tenant.deviceId, {}));
    const shuffled = () =>
      items
        .map((item) => ({ item, key: Math.random() }))
        .sort((a, b) => a.key - b.key)
        .map(({ item }) => item);
    const second = createRecorder({ ...estate, limits, log: createLogger("test", "silent") });
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, n) => (n % 2 ? recorder : second).record(tenant.principal, shuffled())),
    );
    const stored = results.flatMap(({ outcomes }) => outcomes).filter(({ status }) => status === "stored");
    assert.equal(stored.length, 50);
  });

  it("a plain device may leave out the id, and is marked best effort; one with a certificate may not", async () => {
    const plain = await tenant.newDevice({ access: "plain" });
    const [nameless] = parseWireEvents(
      JSON.stringify({ kind: "temperature", occurred: new Date().toISOString(), body: 21.5 }),
      { plain: true },
    );
    const from = (id: string): Incoming => ({ sender: { type: "device", id }, siteId: null, parsed: nameless! });
    const statuses = async (id: string): Promise<string[]> =>
      (await recorder.record(tenant.principal, [from(id)])).outcomes.map((each) =>
        each.status === "rejected" ? each.reason : each.status,
      );
    assert.deepEqual(await statuses(plain), ["stored"]);
    assert.deepEqual(await statuses(plain), ["duplicate"]);
    assert.deepEqual(await statuses(tenant.deviceId), ["id-invalid"]);
    const row = await one("select best_effort from events where tenant_id = $1", [tenant.tenantId]);
    assert.equal(row.best_effort, true);
  });

  it("a gap that an edge declares counts as behind it", async () => {
    const outbox = randomUUID();
    const gap = incoming(tenant.deviceId, {
      outbox,
      seq: 9,
      kind: "edge.gap",
      body: { from: 1, to: 8, reason: "quota" },
    });
    const { marks } = await recorder.record(tenant.principal, [gap]);
    assert.deepEqual(marks[0]?.ranges, [[1, 9]]);
  });

  it("an outbox that numbers wildly gets no further receipts, and costs no more memory", async () => {
    const outbox = randomUUID();
    let seq = 1;
    for (let batch = 0; batch < 12; batch++) {
      const items = Array.from({ length: 1000 }, () => {
        seq += 2;
        return incoming(tenant.deviceId, { outbox, seq });
      });
      await recorder.record(tenant.principal, items);
    }
    const row = await one(
      "select pg_column_size(seen) as bytes, octet_length(seen::text) as text from device_outboxes where tenant_id = $1",
      [tenant.tenantId],
    );
    assert.ok(row.bytes < 200_000, `${row.bytes} bytes`);
    assert.equal((await recomputeTenant(estate.database.superuser, tenant.tenantId)).events, 12_000);
  });

  it("a stamp that the chain refuses is made again, without a busy loop", async () => {
    const { superuser } = estate.database;
    await superuser.query("create sequence stamps");
    // Refuses the first six, as around midnight or after the clock was set back.
    await superuser.query(`create function public.refuse_stamp() returns trigger language plpgsql as
      $$ begin if nextval('public.stamps') <= 6 then raise exception 'stamp' using errcode = 'LS006'; end if; return new; end $$`);
    await superuser.query("grant usage on sequence stamps to ledgerstone_app, ledgerstone_owner");
    await superuser.query("create trigger stamp before insert on batches for each row execute function refuse_stamp()");
    try {
      const began = performance.now();
      const { outcomes } = await recorder.record(tenant.principal, [incoming(tenant.deviceId, {})]);
      assert.equal(outcomes[0]?.status, "stored");
      assert.ok(performance.now() - began > 150);
    } finally {
      await superuser.query("drop function public.refuse_stamp() cascade; drop sequence stamps");
    }
  });

  it("a missing day partition is made and the batch stored", async () => {
    const { rows } = await estate.database.superuser.query(
      "select to_char(now() at time zone 'UTC', 'YYYYMMDD') as day",
    );
    await estate.database.superuser.query(`drop table event_subjects_${rows[0].day}`);
    const { outcomes } = await recorder.record(tenant.principal, [
      incoming(tenant.deviceId, { subjects: ["badge:1"] }),
    ]);
    assert.equal(outcomes[0]?.status, "stored");
  });
});
