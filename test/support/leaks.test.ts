import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { waitUntil } from "./process.ts";
import { removeDirectory, temporaryDirectory } from "./temporary.ts";

const root = join(import.meta.dirname, "../..");

/** Runs one small test file in a mocha of its own, with the same hooks. */
function mocha(file: string) {
  const env = { ...process.env, LEDGERSTONE_LEAK_GRACE_MS: "300" };
  const args = [join(root, "node_modules/mocha/bin/mocha.js"), "--no-color", file];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, env, encoding: "utf8" });
  return { status, output: stdout + stderr };
}

describe("support: what a test leaves behind", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await temporaryDirectory("leaks");
  });
  afterEach(() => removeDirectory(directory));

  const runs = async (body: string, imports = "") => {
    const file = join(directory, "planted.test.ts");
    await writeFile(file, `${imports}\ndescribe("planted", () => { it("passes", async () => { ${body} }); });\n`);
    return mocha(file);
  };

  it("nothing: the run passes", async () => {
    const { status, output } = await runs("");
    assert.equal(status, 0, output);
  });

  it("an open server fails a run whose tests all pass, and is named", async () => {
    const { status, output } = await runs("createServer().listen(0);", 'import { createServer } from "node:net";');
    assert.equal(status, 70, output);
    assert.match(output, /leaked handles: .*TCPServerWrap/);
  });

  it("a timer that goes on fails the run", async () => {
    const { status, output } = await runs("setInterval(() => {}, 1000);");
    assert.equal(status, 70, output);
  });

  it("a process that still runs fails the run, is named, and ends with it", async () => {
    const { status, output } = await runs(
      'startProcess({ name: "sleeper", command: "sleep", args: ["600"] });',
      `import { startProcess } from ${JSON.stringify(join(root, "test/support/process.ts"))};`,
    );
    assert.notEqual(status, 0, output);
    const pid = Number(/process sleeper \(pid (\d+)\)/.exec(output)?.[1]);
    assert.ok(pid > 0, output);
    await waitUntil("the end of the sleeper", async () => !existsSync(`/proc/${pid}`), { timeoutMs: 5_000 });
  });

  it("a database that nobody stopped fails the run, and is named", async () => {
    const { status, output } = await runs(
      "await testDatabase();",
      `import { testDatabase } from ${JSON.stringify(join(root, "test/support/postgres.ts"))};`,
    );
    assert.notEqual(status, 0, output);
    assert.match(output, /left behind by a test file: database test_/);
  });
});
