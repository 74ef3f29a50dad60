import assert from "node:assert/strict";
import type { Principal } from "../../src/audit/index.ts";
import { whatCameIn } from "../../src/events/index.ts";
import type { Incoming } from "../../src/ingest/incoming.ts";
import { createRecorder, type Recorder } from "../../src/ingest/recorder.ts";
import { AppError } from "../../src/platform/errors.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { parseWireEvents } from "../../src/record/wire.ts";
import { wireEvent } from "../ingest/device.ts";
import { createEstate, type Estate, type Tenant } from "../ingest/estate.ts";

const sha256 = "ab".repeat(32);

describe("events: what came in", () => {
  let estate: Estate;
  let recorder: Recorder;
  let tenant: Tenant;
  let owner: Principal;
  let clerk: Principal;
  let bytes: number;

  async function send(deviceId: string, events: number, images = 0): Promise<number> {
    const items = Array.from({ length: events }, (_, n): Incoming => {
      const image = { sha256, bytes: 1000, type: "image/jpeg" };
      const wire = wireEvent({ body: { n }, ...(n < images && { images: [image] }) });
      const [parsed] = parseWireEvents(JSON.stringify(wire));
      return { sender: { type: "device", id: deviceId }, siteId: null, parsed: parsed! };
    });
    const { outcomes } = await recorder.record(tenant.principal, items);
    assert.ok(outcomes.every(({ status }) => status === "stored"));
    return Array.from({ length: events }, (_, n) => JSON.stringify({ n }).length).reduce((sum, each) => sum + each, 0);
  }

  before(async () => {
    estate = await createEstate();
    const limits = { maxBodyBytes: 65_536, maxImageBytes: 33_554_432, longestOfflineDays: 60 };
    recorder = createRecorder({ ...estate, limits, log: createLogger("test", "silent") });
    tenant = await estate.newTenant();
    owner = { ...tenant.principal, actor: { type: "user", id: crypto.randomUUID() }, via: "web" };
    clerk = { ...owner, sites: [tenant.otherSiteId] };
    bytes = await send(tenant.deviceId, 7, 2);
    bytes += await send(tenant.deviceId, 4, 1);
    await send(await tenant.newDevice({ siteId: tenant.otherSiteId }), 3);
  });
  after(() => estate?.stop());

  it("is as much as was sent, by hour and by day, of a site and of all", async () => {
    for (const span of ["day", "week", "month"] as const) {
      const all = await whatCameIn(estate.pool, owner, { span, siteId: null });
      assert.equal(all.points.length, { day: 24, week: 7, month: 30 }[span]);
      assert.equal(all.step, span === "day" ? "hour" : "day");
      assert.equal(all.total.events, 14);
      assert.deepEqual(
        all.points.map(({ at }) => at),
        all.points.map(({ at }) => at).sort(),
      );
      const one = await whatCameIn(estate.pool, owner, { span, siteId: tenant.siteId });
      assert.deepEqual(one.total, { events: 11, bytes, images: 3, imageBytes: 3000 });
    }
  });

  it("shows a clerk of one site that site alone, and knows no other", async () => {
    for (const span of ["day", "week"] as const) {
      const seen = await whatCameIn(estate.pool, clerk, { span, siteId: null });
      assert.equal(seen.total.events, 3);
      await assert.rejects(
        whatCameIn(estate.pool, clerk, { span, siteId: tenant.siteId }),
        (error) => error instanceof AppError && error.code === "not-found",
      );
    }
    const stranger = { ...(await estate.newTenant()).principal };
    assert.equal((await whatCameIn(estate.pool, stranger, { span: "day", siteId: tenant.siteId })).total.events, 0);
  });

  it("forgets an hour when its slot comes round again", async () => {
    const { superuser } = estate.database;
    await superuser.query("update site_hours set hour = hour - interval '48 hours' where tenant_id = $1", [
      tenant.tenantId,
    ]);
    assert.equal((await whatCameIn(estate.pool, owner, { span: "day", siteId: null })).total.events, 0);
    await send(tenant.deviceId, 2);
    assert.equal((await whatCameIn(estate.pool, owner, { span: "day", siteId: tenant.siteId })).total.events, 2);
    const { rows } = await superuser.query<{ slots: number }>(
      "select max(n)::int as slots from (select count(*) as n from site_hours where tenant_id = $1 group by site_id) s",
      [tenant.tenantId],
    );
    assert.ok(rows[0]!.slots <= 2, "an hour takes one slot");
  });
});
