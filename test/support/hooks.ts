import { stopPostgres } from "./postgres.ts";
import { processesAlive } from "./process.ts";
import { removeStaleDirectories } from "./temporary.ts";

const graceMs = 15_000;

/** Loaded by mocha (.mocharc.json): stops what the run shares, and fails a run that leaves something behind. */
export const mochaHooks = {
  async beforeAll(): Promise<void> {
    await removeStaleDirectories();
  },

  async afterAll(this: Mocha.Context): Promise<void> {
    this.timeout(60_000);
    watchForLeaks();
    const databases = await stopPostgres();
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
    process.exit(70);
  }, graceMs);
  timer.unref();
}
