import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startProcess } from "../support/process.ts";
import { testBox } from "./box.ts";

const child = fileURLToPath(new URL("crash-child.ts", import.meta.url));
const rounds = 25;

describe("edge outbox under kill -9", () => {
  it("holds every event that it promised, whole, and no file that nobody names", async function () {
    this.timeout(120_000);
    const test = await testBox();
    const held = new Set<string>();
    const receipted = new Set<string>();
    const seqOf = new Map<string, number>();
    try {
      for (let round = 0; round < rounds; round++) {
        test.close();
        await runAndKill(test.dir, round, held, receipted);
        await checkBox(test, held, receipted, seqOf);
      }
      assert.ok(held.size > rounds, `only ${held.size} events were promised`);
    } finally {
      await test.stop();
    }
  });
});

async function runAndKill(dir: string, round: number, held: Set<string>, receipted: Set<string>): Promise<void> {
  let promised = 0;
  const running = startProcess({
    name: `outbox round ${round}`,
    command: process.execPath,
    args: [child, dir, String(round)],
    onLine(line) {
      const [what, id = ""] = line.split(" ");
      if (what === "held") held.add(id);
      if (what === "receipt") receipted.add(id);
      promised += 1;
    },
  });
  while (promised === 0) await sleep(5);
  await sleep((round * 37) % 190);
  running.signal("SIGKILL");
  const { signal } = await running.exited;
  assert.equal(signal, "SIGKILL", running.output());
}

type Box = Awaited<ReturnType<typeof testBox>>;

async function checkBox(
  { box, dir, files }: Box,
  held: Set<string>,
  receipted: Set<string>,
  seqOf: Map<string, number>, // of the rounds before, and of this one afterwards
): Promise<void> {
  assert.equal(box.setAside, null);
  const events = box.pendingAfter(0, 1_000_000).map(({ seq, id, wire }) => ({ seq, id, wire: JSON.parse(wire) }));
  for (const { seq, id } of events) seqOf.set(id, seq);
  const present = new Set(events.map(({ id }) => id));
  const gaps = events.filter(({ wire }) => wire.kind === "edge.gap").map(({ wire }) => wire.body);
  const told = new Set(gaps.flatMap(({ images = [] }) => images));
  const inGap = (seq = -1) => gaps.some(({ from, to }) => seq >= from && seq <= to);
  for (const id of held) {
    assert.ok(present.has(id) || receipted.has(id) || inGap(seqOf.get(id)), `event ${id} was promised and is gone`);
  }
  assert.equal(new Set(events.map(({ seq }) => seq)).size, events.length);
  assert.ok(events.every(({ seq }) => seq <= box.state().lastSeq));
  const named = new Set<string>();
  for (const { id, wire } of events) {
    for (const [n, image] of (wire.images ?? []).entries()) {
      const data = await readFile(join(dir, "images", `${id}.${n}`)).catch(() => null);
      if (data) named.add(`${id}.${n}`);
      const found = data && createHash("sha256").update(data).digest("hex");
      assert.ok(found === image.sha256 || (!data && told.has(image.sha256)), `image ${n} of ${id} is not whole`);
    }
  }
  const unnamed = (await files()).filter((name) => !named.has(name) && !receipted.has(name.split(".")[0]!));
  assert.deepEqual(unnamed, []);
}
