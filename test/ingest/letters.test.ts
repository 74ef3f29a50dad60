import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { Principal } from "../../src/audit/index.ts";
import { listLetters, openLetter } from "../../src/ingest/letters/open.ts";
import { discardLetter, type RetryDeps, retryLetter } from "../../src/ingest/letters/retry.ts";
import { readMessage } from "../../src/ingest/read-message.ts";
import { createRecorder, type Recorder } from "../../src/ingest/recorder.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { placeHold } from "../../src/retention/index.ts";
import { createEstate, type Estate, newId, type Tenant } from "./estate.ts";
import { recomputeTenant } from "./recompute.ts";

const limits = { maxBodyBytes: 65_536, maxImageBytes: 33_554_432, longestOfflineDays: 60 };
const dayMs = 86_400_000;

describe("ingest: dead letters in an admin's hands", () => {
  let estate: Estate;
  let tenant: Tenant;
  let recorder: Recorder;
  let deps: RetryDeps;
  let admin: Principal;
  const query = async (sql: string, params: unknown[]) => (await estate.database.superuser.query(sql, params)).rows;
  const page = { limit: 100 };

  before(async () => {
    estate = await createEstate();
    recorder = createRecorder({ ...estate, limits, log: createLogger("test", "silent") });
    deps = { ...estate, recorder, maxMessageBytes: 1_000_000, diskFull: () => false };
  });
  beforeEach(async () => {
    tenant = await estate.newTenant();
    const actor = { type: "user" as const, id: randomUUID() };
    admin = { tenantId: tenant.tenantId, actor, via: "web", correlation: randomUUID(), sites: "all" };
  });
  afterEach(() => recomputeTenant(estate.database.superuser, tenant.tenantId));
  after(() => estate.stop());

  /** What a device sends; answers with its letter when it is refused. */
  async function send(message: string, deviceId = tenant.deviceId) {
    const { parsed, bytes } = readMessage(Buffer.from(message), 1_000_000);
    const items = parsed.map((each) => ({
      sender: { type: "device" as const, id: deviceId },
      siteId: null,
      parsed: each,
      ...(bytes && { bytes }),
    }));
    await recorder.record(tenant.principal, items);
    return (await listLetters(deps, admin, page)).letters[0]!;
  }
  const tooOld = () => {
    const occurred = new Date(Date.now() - 20 * dayMs);
    return JSON.stringify({ id: newId(occurred.getTime()), kind: "gate.passage", occurred, body: { text: "café" } });
  };
  const events = () => query("select source_id, body from events where tenant_id = $1", [tenant.tenantId]);
  const actions = async () =>
    (await query("select action, actor_id from ledger.rows where tenant_id = $1 order by seq", [tenant.tenantId])).map(
      ({ action, actor_id: by }) => [action, by],
    );

  it("shows why each was refused and what was sent, and shows it to nobody of another site", async () => {
    const letter = await send('{"kind":"?"}');
    assert.deepEqual([letter.reason, letter.siteId], ["schema", tenant.siteId]);
    assert.deepEqual(letter.source, { type: "device", id: tenant.deviceId });
    assert.doesNotMatch(letter.detail, /found/, "the sender's words are in the content alone");
    assert.equal((await openLetter(deps, admin, letter.letterId)).content, '{"kind":"?"}');
    const binary = Buffer.from([0xff, 0xfe, 0x00]).toString("latin1");
    await recorder.record(tenant.principal, [
      {
        sender: { type: "device", id: tenant.deviceId },
        siteId: null,
        ...(() => {
          const { parsed, bytes } = readMessage(Buffer.from(binary, "latin1"), 1000);
          return { parsed: parsed[0]!, bytes: bytes! };
        })(),
      },
    ]);
    const [unread] = (await listLetters(deps, admin, { ...page, reason: "malformed" })).letters;
    assert.deepEqual(await openLetter(deps, admin, unread!.letterId).then((l) => [l.encoding, l.content]), [
      "base64",
      "//4A",
    ]);
    const elsewhere = { ...admin, sites: [tenant.otherSiteId] };
    assert.deepEqual((await listLetters(deps, elsewhere, page)).letters, []);
    for (const work of [
      openLetter(deps, elsewhere, letter.letterId),
      retryLetter(deps, elsewhere, letter.letterId),
      discardLetter(deps, elsewhere, { letterId: letter.letterId, reason: "mine?" }),
    ]) {
      await assert.rejects(work, { code: "not-found" });
    }
    assert.equal((await listLetters(deps, admin, page)).letters.length, 2);
  });

  it("goes through once the window is wide enough: as from its device, on the admin's word, and only once", async () => {
    const { letterId, reason } = await send(tooOld());
    assert.equal(reason, "too-old");
    const before = await retryLetter(deps, admin, letterId);
    assert.deepEqual([before.removed, before.results[0]!.reason], [false, "too-old"]);
    assert.deepEqual(await events(), []);
    await query("update sites set offline_window_days = 30 where tenant_id = $1", [tenant.tenantId]);
    const after = await retryLetter(deps, admin, letterId);
    assert.deepEqual([after.removed, after.results[0]!.status], [true, "stored"]);
    assert.deepEqual(await events(), [{ source_id: tenant.deviceId, body: '{"text":"café"}' }]);
    const rows = await actions();
    assert.deepEqual(rows.slice(-2), [
      ["events.recorded", admin.actor.id],
      ["dead-letter.retried", admin.actor.id],
    ]);
    assert.deepEqual((await listLetters(deps, admin, page)).letters, []);
    await assert.rejects(retryLetter(deps, admin, letterId), { code: "not-found" });
  });

  it("killed between the storing and the removal, is found stored and goes when it is tried again", async () => {
    const { letterId } = await send(tooOld());
    await query("update sites set offline_window_days = 30 where tenant_id = $1", [tenant.tenantId]);
    const killed = new Error("killAfterCommitBeforeRemoval");
    const dies: Recorder = {
      async record(...args) {
        await recorder.record(...args);
        throw killed;
      },
    };
    await assert.rejects(retryLetter({ ...deps, recorder: dies }, admin, letterId), killed);
    assert.equal((await events()).length, 1);
    const again = await retryLetter(deps, admin, letterId);
    assert.deepEqual([again.removed, again.results[0]!.status], [true, "duplicate"]);
    assert.equal((await events()).length, 1);
  });

  it("refused for something else, has one letter again, of the new reason", async () => {
    const { letterId } = await send(tooOld());
    await query("update sites set offline_window_days = 30 where tenant_id = $1", [tenant.tenantId]);
    await query("update devices set revoked_at = now() where tenant_id = $1", [tenant.tenantId]);
    const { removed, results } = await retryLetter(deps, admin, letterId);
    assert.deepEqual([removed, results[0]!.reason], [true, "revoked"]);
    const { letters } = await listLetters(deps, admin, page);
    assert.deepEqual(
      letters.map(({ reason }) => reason),
      ["revoked"],
    );
  });

  it("is kept by a hold, also against who could discard it", async () => {
    const { letterId } = await send('{"kind":"?"}');
    const hold = { caseNumber: "1", reason: "claim", owner: "Legal", reviewOn: "2099-01-01" };
    const { holdId } = await placeHold(deps, admin, { ...hold, kind: "gate.passage" });
    const [held] = (await listLetters(deps, admin, page)).letters;
    assert.deepEqual(held!.heldBy, [holdId]);
    await assert.rejects(discardLetter(deps, admin, { letterId, reason: "tidy" }), { code: "held" });
    await assert.rejects(retryLetter(deps, admin, letterId), { code: "held" });
    const direct =
      "select ledger.remove_dead_letter($1, 'discarded', 'x', 'user', 'x', 'web', gen_random_uuid()) as answer";
    const client = await estate.pool.connect();
    try {
      await client.query("begin");
      await client.query("select app.bind($1::uuid, null)", [tenant.tenantId]);
      const { rows } = await client.query(direct, [letterId]);
      assert.match(JSON.stringify(rows[0]), /held/, "the database itself keeps it");
    } finally {
      await client.query("rollback");
      client.release();
    }
    assert.equal((await listLetters(deps, admin, page)).letters.length, 1);
  });

  it("of an API key is each site's own, also when the same words came for another one", async () => {
    const { parsed } = readMessage(Buffer.from('{"kind":"?"}'), 1000);
    const sender = { type: "api-key" as const, id: randomUUID() };
    for (const siteId of [tenant.siteId, tenant.otherSiteId, tenant.siteId]) {
      await recorder.record(tenant.principal, [{ sender, siteId, parsed: parsed[0]! }]);
    }
    const { letters } = await listLetters(deps, admin, page);
    assert.deepEqual(letters.map(({ siteId }) => siteId).sort(), [tenant.siteId, tenant.otherSiteId].sort());
  });

  it("is discarded with a reason that stands in the ledger", async () => {
    const { letterId } = await send('{"kind":"?"}');
    await discardLetter(deps, admin, { letterId, reason: "the installer's test" });
    assert.deepEqual((await actions()).at(-1), ["dead-letter.discarded", admin.actor.id]);
    const [opening] = await query(
      "select content from ledger.openings where tenant_id = $1 order by seq desc limit 1",
      [tenant.tenantId],
    );
    const { refusedFor, reason, site } = JSON.parse(opening.content);
    assert.deepEqual([refusedFor, reason, site], ["schema", "the installer's test", tenant.siteId]);
  });
});
