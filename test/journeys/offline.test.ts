import assert from "node:assert/strict";
import { mkdir, readFile, statfs, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse, stringify } from "yaml";
import { clockBehind } from "../../appliance/story/faketime.ts";
import { type Edge, readStatus, startEdge } from "../../src/edge/index.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { type Appliance, startAppliance } from "../support/appliance.ts";
import { waitUntil } from "../support/process.ts";
import { countEvents, createSite, type EnrolledEdge, enrolEdge, photographs, type Site } from "./fleet.ts";

const log = createLogger("edge", "silent");
const backoff = { firstBackoffMs: 100, longestBackoffMs: 1000 };
const resend = { sender: { resendMs: 3000 }, backoff };

describe("journeys: an edge keeps what the appliance cannot take", function () {
  this.timeout(180_000);
  let appliance: Appliance;
  let site: Site;

  before(async () => {
    appliance = await startAppliance();
    site = await createSite(appliance, await appliance.createTenant("Alder"), "Gate");
  });
  after(() => appliance?.stop());

  const append = async (edge: Edge, from: number, count: number) => {
    for (let n = from; n < from + count; n++) await edge.append({ kind: "badge.read", body: { n } });
  };
  const allReceived = (edge: Edge) =>
    waitUntil("every receipt", async () => edge.stats().pending === 0 && edge.stats().openImages === 0);
  const dead = async (enrolled: EnrolledEdge) =>
    (
      await appliance.superuser.query<{ reason: string; n: number }>(
        "select reason, count(*)::int as n from dead_letters where source_id = $1 group by reason",
        [enrolled.deviceId],
      )
    ).rows;

  it("offline for a while, it goes on taking events and photographs and delivers them afterwards", async () => {
    const enrolled = await enrolEdge(appliance, site, "edge");
    let edge = await startEdge({ dir: enrolled.dir, log, ...resend });
    try {
      await append(edge, 0, 50);
      await allReceived(edge);
      await Promise.all([appliance.broker.stop(), appliance.app.stop()]);
      await append(edge, 50, 300);
      const photo = await readFile(join(photographs, "image.jpg"));
      await edge.append({ kind: "gate.passage", body: { n: 350 }, images: [{ data: photo }] });
      // The box is switched off and on meanwhile.
      await edge.stop();
      edge = await startEdge({ dir: enrolled.dir, log, ...resend });
      await append(edge, 351, 49);
      await sleep(1500);
      assert.equal(edge.stats().connected, false);
      assert.equal(edge.stats().pending, 350);
      assert.equal(await countEvents(appliance, enrolled.deviceId), 50);
      await Promise.all([appliance.broker.start(), appliance.app.start()]);
      await allReceived(edge);
      assert.deepEqual(edge.losses(10), []);
    } finally {
      await edge.stop();
    }
    const { rows } = await appliance.superuser.query(
      "select (body::json ->> 'n')::int as n from events where source_id = $1 order by n",
      [enrolled.deviceId],
    );
    assert.deepEqual(
      rows.map(({ n }) => n),
      Array.from({ length: 400 }, (_, n) => n),
    );
  });

  it("nearly full, the appliance stores and confirms nothing, and the edge keeps all until there is room", async () => {
    const enrolled = await enrolEdge(appliance, site, "edge");
    const { bavail, bsize } = await statfs(appliance.directory);
    await setMinFreeBytes(appliance, Math.floor(bavail * bsize * 1.5));
    const edge = await startEdge({ dir: enrolled.dir, log, ...resend });
    try {
      await append(edge, 0, 100);
      await waitUntil("a connection", async () => edge.stats().connected);
      await sleep(4000);
      assert.equal(edge.stats().pending, 100, "no receipt");
      assert.equal(await countEvents(appliance, enrolled.deviceId), 0);
      const body = [{ kind: "gate.passage", occurred: new Date().toISOString(), body: {} }];
      const refused = await appliance.call(site.apiKey, "POST", `/api/v1/events?site=${site.siteId}`, body);
      assert.equal(refused.status, 507, refused.body);
      assert.match(refused.body, /room/);
      const began = performance.now();
      await setMinFreeBytes(appliance, 1_000_000);
      assert.ok(performance.now() - began < 40_000);
      await allReceived(edge);
      assert.equal(await countEvents(appliance, enrolled.deviceId), 100);
    } finally {
      await edge.stop();
    }
    assert.deepEqual(await dead(enrolled), []);
  });

  for (const [shift, reason] of [
    ["+366d", "future"],
    ["-366d", "too-old"],
  ] as const) {
    it(`with a clock ${shift} off, an edge says so; its events become dead letters with the remedy, and later ones are stored`, async () => {
      const enrolled = await enrolEdge(appliance, site, "edge");
      await mkdir(`${enrolled.dir}-sites`);
      await symlink(enrolled.dir, join(`${enrolled.dir}-sites`, "edge-1"));
      const simulate = ["simulate", "--dir", `${enrolled.dir}-sites`, "--photographs", photographs, "--rate", "100"];
      const wrong = appliance.edgeService([...simulate, "--most", "20", "--drain", "60"], {
        ...clockBehind(1),
        FAKETIME: shift,
      });
      await wrong.start();
      try {
        const made = async () => ((await readStatus(enrolled.dir)).outbox?.lastSeq ?? 0) >= 20;
        await waitUntil("its events", made, { timeoutMs: 30_000 });
        await waitUntil("a word", async () => /is the clock right|the clock differs/.test(wrong.output()), {
          timeoutMs: 30_000,
        }).catch((error) => {
          throw new Error(wrong.output(), { cause: error });
        });
      } finally {
        await wrong.stop();
      }
      assert.equal(await countEvents(appliance, enrolled.deviceId), 0);

      const edge = await startEdge({ dir: enrolled.dir, log, ...resend });
      try {
        await append(edge, 0, 5);
        await allReceived(edge);
        const losses = edge.losses(100).filter((loss) => loss.what === "event");
        assert.equal(losses.length, 20);
        assert.ok(
          losses.every((loss) => loss.reason === reason),
          JSON.stringify(losses[0]),
        );
        if (reason === "future") assert.match(losses[0]!.detail, /set the clock/);
      } finally {
        await edge.stop();
      }
      assert.deepEqual(await dead(enrolled), [{ reason, n: 20 }]);
      assert.equal(await countEvents(appliance, enrolled.deviceId), 5);
    });
  }

  it("every chain verifies afterwards", async () => {
    await appliance.cli(["verify"]);
  });
});

/** Both processes read it at their start: an admin's change, and a real restart. */
async function setMinFreeBytes(appliance: Appliance, bytes: number): Promise<void> {
  const config = parse(await readFile(appliance.configFile, "utf8"));
  config.ingest = { ...config.ingest, minFreeBytes: bytes };
  await writeFile(appliance.configFile, stringify(config), { mode: 0o600 });
  for (const name of ["app", "worker"] as const) {
    assert.equal(await appliance[name].stop(), 0, appliance[name].output().slice(-1000));
    await appliance[name].start();
  }
}
