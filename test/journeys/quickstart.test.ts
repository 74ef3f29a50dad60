import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { chapters } from "../../appliance/story/chapters.ts";
import { run, startProcess } from "../support/process.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";

const quickstart = join(import.meta.dirname, "../../appliance/quickstart");

describe("journeys: ./appliance/quickstart --once", function () {
  this.timeout(360_000);
  let dir: string;
  let output = "";

  before(async () => {
    dir = join(await temporaryDirectory("quickstart"), "var");
    const story = startProcess({ name: "quickstart", command: quickstart, args: ["--once", "--dir", dir] });
    const { code } = await story.exited;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours.
    output = story.output().replace(/\u001b\[[0-9;]*m/g, "");
    assert.equal(code, 0, output.slice(-5000));
  });
  // Its servers outlive a story that was cut: they are found by their pid files.
  after(async () => {
    if (!dir) return;
    await run({ name: "quickstart --purge", command: quickstart, args: ["--purge", "--dir", dir] });
    await removeDirectory(join(dir, ".."));
  });

  it("tells every chapter to the end", () => {
    let from = 0;
    for (const { title } of chapters) {
      const at = output.indexOf(title, from);
      assert.ok(at >= 0, `"${title}" is missing or out of turn:\n${output}`);
      from = at;
    }
    assert.match(output.slice(from), /The story is complete\./);
  });

  it("shows what it proves: receipts, erasure, a hold, a verified bundle, a refused forgery", () => {
    for (const line of [
      /each event has its receipt: (\S+) sent, \1 stored, none twice/,
      /held days untouched/,
      /all that was due is gone, files and keys too/,
      /nothing is found about it any more/,
      /the verifier, one file without dependencies, accepts it/,
      /sha256sum and openssl alone accept it too/,
      /the verifier refuses it: exit 1/,
    ]) {
      assert.match(output, line);
    }
  });

  it("stops what it started", async () => {
    const said = await run({ name: "quickstart stop", command: quickstart, args: ["stop", "--dir", dir] });
    assert.match(said, /nothing was running/);
  });

  it("leaves no failure in the servers' logs", async () => {
    for (const name of ["app", "worker"]) {
      const lines = (await readFile(join(dir, "log", `${name}.log`), "utf8")).split("\n");
      assert.deepEqual(
        lines.filter((line) => line.includes('"level":60') || line.includes("request failed")),
        [],
      );
    }
  });
});
