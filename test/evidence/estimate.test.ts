import assert from "node:assert/strict";
import { withTenant } from "../../src/audit/index.ts";
import { cut } from "../../src/evidence/estimate.ts";
import { estimateExport, estimateSchema } from "../../src/evidence/index.ts";
import { type SeededTenant, seedBatch, seedTenant } from "../support/seed.ts";
import { evidenceFixture, type Fixture } from "./fixture.ts";

const at = (day: string, time = "00:00:00") => `${day}T${time}.000000Z`;

describe("the estimate of an export", () => {
  let fixture: Fixture;
  let tenant: SeededTenant;
  let eventIds: string[];
  const image = {
    bytes: Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(5000, 7)]),
    type: "image/jpeg",
  } as const;

  before(async () => {
    fixture = await evidenceFixture();
    tenant = await seedTenant(fixture.seed);
    const [north, south] = tenant.sites;
    ({ eventIds } = await seedBatch(fixture.seed, tenant.principal, [
      { ...north!, body: JSON.stringify("n".repeat(100)), images: [image] },
      { ...north!, body: "{}" },
      { ...south!, body: "{}", images: [image, image] },
    ]));
  });
  after(() => fixture.stop());

  const estimate = (wanted: object, principal = tenant.principal) =>
    estimateExport(fixture.seed.pool, principal, estimateSchema.parse(wanted));
  const today = async (): Promise<string> =>
    withTenant(fixture.seed.pool, tenant.principal, async (tx) => {
      const { rows } = await tx.query<{ day: string }>("select ledger.utc_day(clock_timestamp())::text as day");
      return rows[0]!.day;
    });

  it("takes whole days from their counts and counts what a range cuts off", () => {
    const days = (from: string, before: string) => ({ from, before });
    assert.deepEqual(cut({ from: at("2026-11-01"), to: at("2026-11-04") }), {
      days: days("2026-11-01", "2026-11-04"),
      edges: [],
    });
    assert.deepEqual(cut({ from: at("2026-11-01", "06:00:00"), to: at("2026-11-04", "09:00:00") }), {
      days: days("2026-11-02", "2026-11-04"),
      edges: [
        { from: at("2026-11-01", "06:00:00"), to: at("2026-11-02") },
        { from: at("2026-11-04"), to: at("2026-11-04", "09:00:00") },
      ],
    });
    for (const [from, to] of [
      [at("2026-11-01", "06:00:00"), at("2026-11-01", "09:00:00")],
      [at("2026-11-01", "22:00:00"), at("2026-11-02", "03:00:00")],
    ] as const) {
      const { days: none, edges } = cut({ from, to });
      assert.deepEqual([none.from === none.before, edges], [true, [{ from, to }]]);
    }
  });

  it("is the same by days and by hours, and about what the bundle takes", async () => {
    const day = await today();
    const whole = await estimate({ from: at(day), to: at("2100-01-01") });
    assert.deepEqual([whole.events, whole.images, whole.imageBytes], [3, 3, 3 * image.bytes.length]);
    const cutOff = await estimate({ from: "2020-01-01T00:00:01Z", to: "2100-01-01T00:00:01Z" });
    assert.deepEqual([cutOff.events, cutOff.images], [3, 3]);
    const inside = await estimate({ from: at(day, "00:00:01"), to: at(day, "23:59:59") });
    assert.deepEqual([inside.events, inside.images, inside.imageBytes], [3, 3, whole.imageBytes]);
    assert.equal((await estimate({ from: "2020-01-01T00:00:00Z", to: "2020-02-01T00:00:00Z" })).rows, 0);
  });

  it("of single events is theirs alone, and names those that are not here", async () => {
    const gone = crypto.randomUUID();
    const { events, images, rows, missing } = await estimate({ events: [eventIds[2]!, gone] });
    assert.deepEqual([events, images, rows, missing], [1, 2, 1, [gone]]);
  });

  it("counts for who sees one site nothing of another, also when its events are named", async () => {
    const [north, south] = tenant.sites;
    const limited = { ...tenant.principal, sites: [north!.siteId] };
    const day = await today();
    for (const wanted of [
      { from: at(day), to: at("2100-01-01") },
      { from: at(day, "00:00:01"), to: at(day, "23:59:59") },
    ]) {
      const { events, images } = await estimate(wanted, limited);
      assert.deepEqual([events, images], [2, 1]);
    }
    const named = await estimate({ events: [eventIds[2]!] }, limited);
    assert.deepEqual([named.events, named.missing], [0, [eventIds[2]]]);
    await assert.rejects(estimate({ from: at(day), to: at("2100-01-01"), sites: [south!.siteId] }, limited), /outside/);
  });
});
