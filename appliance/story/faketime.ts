import { readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * Environment that shows a process a clock `days` in the past (Debian's libfaketime), its timers untouched. The story needs a past:
 * the appliance stamps what it receives by its own clock, and nothing of the appliance can be told another time.
 */
export function clockBehind(days: number): NodeJS.ProcessEnv {
  if (days === 0) return {};
  return {
    LD_PRELOAD: library(),
    FAKETIME: `-${days}d`,
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    FAKETIME_DONT_RESET: "1",
  };
}

function library(): string {
  for (const entry of readdirSync("/usr/lib")) {
    const path = join("/usr/lib", entry, "faketime");
    try {
      if (readdirSync(path).includes("libfaketimeMT.so.1")) return join(path, "libfaketimeMT.so.1");
    } catch {
      // Not an architecture folder.
    }
  }
  throw new Error("libfaketime not found: expected it below /usr/lib; install the package faketime");
}
