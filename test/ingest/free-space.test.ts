import assert from "node:assert/strict";
import { createIngestMetrics, startIngest } from "../../src/ingest/index.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { type Broker, startMosquitto } from "../support/mosquitto.ts";
import { createEstate, type Estate } from "./estate.ts";
import { ingestConfig } from "./settings.ts";

describe("ingest: the disk of Postgres", () => {
  let estate: Estate;
  let broker: Broker;
  before(async () => {
    [estate, broker] = await Promise.all([createEstate(), startMosquitto()]);
  });
  after(async () => {
    await broker?.stop();
    await estate?.stop();
  });

  const isFull = async (postgres: { directory?: string }): Promise<boolean> => {
    const metrics = createIngestMetrics();
    const config = { ...ingestConfig(broker, { minFreeBytes: 1 }), postgres };
    const ingest = await startIngest({ ...estate, config, log: createLogger("test", "silent"), metrics });
    await ingest.stop();
    return (await metrics.diskFull.get()).values[0]?.value === 1;
  };

  it("counts where the configuration names it", async () => {
    // A file system that never has room.
    assert.equal(await isFull({ directory: "/proc" }), true);
    assert.equal(await isFull({}), false);
  });
});
