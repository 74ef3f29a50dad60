import { tmpdir } from "node:os";
import { join } from "node:path";
import { stopPostgres } from "./postgres.ts";
import { processesAlive } from "./process.ts";
import { removeStaleDirectories } from "./temporary.ts";

// Inherited by every process that tests start, which is hundreds: compiling the appliance's code is most of what a start costs.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), "ledgerstone-compile-cache");

const graceMs = Number(process.env.LEDGERSTONE_LEAK_GRACE_MS ?? 15_000);

/** Loaded by mocha (.mocharc.json): stops what the run shares, and fails a run that leaves something behind. */
export const mochaHooks = {
  async beforeAll(): Promise<void> {
    await removeStaleDirectories();
  },

  async afterAll(this: Mocha.Context): Promise<void> {
    this.timeout(60_000);
    const databases = await stopPostgres().finally(watchForLeaks);
    const processes = processesAlive();
    const left = [...databases.map((name) => `database ${name}`), ...processes.map((name) => `process ${name}`)];
    if (left.length > 0) throw new Error(`left behind by a test file: ${left.join(", ")}. Stop it in an after hook.`);
  },
};

/** A leaked handle keeps node alive: say what it is and fail, instead of hanging. */
function watchForLeaks(): void {
  const timer = setTimeout(() => {
    const handles = process.getActiveResourcesInfo().filter((name) => name !== "Timeout" && !name.startsWith("TTY"));
    process.stderr.write(
      `\nleaked handles: ${graceMs} ms after the last test node is still alive, with ${handles.join(", ") || "a timer"}.\n` +
        "Expected none: close pools, servers, sockets and timers in an after hook.\n",
    );
    // After mocha's own listener, which sets the exit code to the number of failed tests.
    process.once("exit", () => {
      process.exitCode = 70;
    });
    process.exit();
  }, graceMs);
  timer.unref();
}
