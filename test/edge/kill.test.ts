import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startEdge } from "../../src/edge/edge.ts";
import { waitUntil } from "../support/process.ts";
import { enrolledDirectory, quiet, testBroker } from "./peer.ts";

const command = fileURLToPath(new URL("../../src/bin/edge.ts", import.meta.url));

describe("edge under kill -9 while it sends", () => {
  it("delivers every event that it answered for, each always under the same number", async function () {
    this.timeout(90_000);
    const net = await testBroker();
    const enrolled = await enrolledDirectory(net.broker);
    const promised: string[] = [];
    try {
      for (let round = 0; round < 6; round++) await feedAndKill(enrolled.dir, round, promised);
      const edge = await startEdge({ dir: enrolled.dir, log: quiet, sender: { resendMs: 2_000 } });
      await waitUntil("all receipts", async () => edge.stats().pending === 0);
      const { lastSeq } = edge.stats();
      await edge.stop();
      const seqOf = new Map<string, number>();
      for (const { id = "", seq = 0 } of net.listener.arrivals) {
        assert.equal(seqOf.get(id) ?? seq, seq);
        seqOf.set(id, seq);
      }
      assert.ok(promised.length > 100, `only ${promised.length} promised`);
      for (const id of promised) assert.ok(seqOf.has(id), `${id} was promised and never came`);
      assert.deepEqual(
        [...seqOf.values()].sort((a, b) => a - b),
        Array.from({ length: lastSeq }, (_, i) => i + 1),
      );
    } finally {
      await net.stop();
      await enrolled.stop();
    }
  });
});

async function feedAndKill(dir: string, round: number, promised: string[]): Promise<void> {
  const child = spawn(process.execPath, [command, "run", "--dir", dir, "--stdin"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  child.stdin.on("error", () => {});
  createInterface({ input: child.stdout }).on("line", (line) => {
    promised.push(JSON.parse(line).id);
  });
  const before = promised.length;
  const feeding = setInterval(() => {
    for (let i = 0; i < 5; i++) child.stdin.write('{"kind":"a","body":{"x":1}}\n');
  }, 10);
  try {
    await waitUntil("first answer", async () => promised.length > before);
    await sleep(200 + round * 83);
  } finally {
    clearInterval(feeding);
    child.kill("SIGKILL");
    await once(child, "close");
  }
}
