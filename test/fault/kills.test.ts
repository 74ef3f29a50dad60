import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createSite, type EnrolledEdge, enrolEdge, photographs } from "../journeys/fleet.ts";
import { type Appliance, startAppliance } from "../support/appliance.ts";
import { waitUntil } from "../support/process.ts";
import { type EdgesProcess, startEdges } from "./edges-process.ts";
import { type Strikes, strike } from "./strikes.ts";
import { startWatcher, type Watcher } from "./watcher.ts";

const edgeCount = 4;
const imageEvery = 250;

describe("app, worker, Redis, Mosquitto and Postgres are killed while edges send", function () {
  this.timeout(400_000);
  let appliance: Appliance;
  let edges: EnrolledEdge[];
  let sender: EdgesProcess;
  let watched: EnrolledEdge;
  let watcher: Watcher;
  let strikes: Strikes;
  let total: number;
  const column = async <T>(sql: string, values: unknown[] = []): Promise<T[]> =>
    (await appliance.superuser.query<{ it: T }>(sql, values)).rows.map(({ it }) => it);

  before(async () => {
    total = Number(process.env.LEDGERSTONE_FAULT_EVENTS ?? 60_000);
    // The appliance refuses environment that names none of its settings.
    delete process.env.LEDGERSTONE_FAULT_EVENTS;
    appliance = await startAppliance();
    const alder = await appliance.createTenant("Alder");
    const birch = await appliance.createTenant("Birch");
    edges = [];
    for (const tenant of [alder, birch]) {
      for (const name of ["Gate", "Yard"]) {
        edges.push(await enrolEdge(appliance, await createSite(appliance, tenant, name), `${name} edge`));
      }
    }
    watched = await enrolEdge(appliance, await createSite(appliance, alder, "Tower"), "watcher");
    watcher = await startWatcher(watched.dir, appliance.superuser, 10);
    sender = startEdges({
      dirs: edges.map(({ dir }) => dir),
      photographs,
      events: total / edgeCount,
      imageEvery,
      perSecond: Math.max(50, total / edgeCount / 50),
    });
    strikes = await strike(appliance, { seed: process.env.SEED ?? "night of the hammers", rounds: 3 });
    const settled = async () => {
      assert.deepEqual(sender.ended(), [], sender.output());
      const { made, pending, openImages } = sender.state();
      return made === total && pending === 0 && openImages === 0 && watcher.pending() === 0;
    };
    await waitUntil("every event to have its receipt", settled, { timeoutMs: 200_000, everyMs: 250 }).catch((error) => {
      throw new Error(`${JSON.stringify({ ...sender.state(), watched: watcher.pending() })} ${sender.output()}`, {
        cause: error,
      });
    });
  });
  after(async () => {
    await sender?.stop();
    await watcher?.stop();
    await appliance?.stop();
  });

  it("each was killed three times, and none ended by itself", () => {
    assert.deepEqual(strikes.kills, { app: 3, worker: 3, redis: 3, broker: 3, postgres: 3 });
    assert.deepEqual(strikes.endedByThemselves, []);
  });

  it("every event that an outbox took is stored once, at its edge's site, and nothing else is", async () => {
    assert.equal(sender.state().losses, 0);
    for (const { dir, deviceId, siteId, tenantId } of edges) {
      const made = (await readFile(join(dir, "made.txt"), "utf8")).trim().split("\n");
      const scope = [deviceId, siteId, tenantId];
      const stored = await column<string>(
        "select event_id::text as it from events where source_id = $1 and site_id = $2 and tenant_id = $3",
        scope,
      );
      assert.equal(made.length, total / edgeCount);
      assert.equal(stored.length, made.length, "as many rows as events");
      assert.deepEqual(new Set(stored), new Set(made));
    }
    assert.deepEqual(await column("select count(*)::int as it from dead_letters"), [0]);
    assert.deepEqual(await column("select count(*)::int as it from events"), [total + watcher.sent()]);
  });

  it("every image was uploaded", async () => {
    const declared = edgeCount * Math.floor(total / edgeCount / imageEvery);
    assert.deepEqual(await column("select count(*)::int as it from images where stored_at is not null"), [declared]);
    assert.deepEqual(await column("select count(*)::int as it from images where stored_at is null"), [0]);
  });

  it("no receipt covered what the database did not hold at that moment", () => {
    assert.ok(watcher.receipts() > 20, `${watcher.receipts()} receipts`);
    assert.deepEqual(watcher.absent(), []);
  });

  it("every chain verifies: rows, leaves, roots, checkpoints and openings", async () => {
    await appliance.cli(["seal"]);
    const reports = JSON.parse(await appliance.cli(["verify", "--json"])) as {
      ok: boolean;
      events: { events: number };
    }[];
    assert.deepEqual(
      reports.map(({ ok }) => ok),
      [true, true],
    );
    assert.equal(
      reports.reduce((sum, report) => sum + report.events.events, 0),
      total + watcher.sent(),
    );
  });

  it("app and worker end on SIGTERM within seconds, with exit code 0", async () => {
    for (const name of ["app", "worker"] as const) {
      const began = performance.now();
      assert.equal(await appliance[name].stop(), 0, appliance[name].output().slice(-2000));
      assert.ok(performance.now() - began < 10_000, `${name} took ${Math.round(performance.now() - began)} ms`);
    }
  });
});
