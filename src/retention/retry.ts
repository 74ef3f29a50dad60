import { setTimeout as sleep } from "node:timers/promises";
import { sqlState } from "../platform/db.ts";

/** Somebody else has it just now: lock_timeout, serialization, deadlock. */
const transient = new Set(["55P03", "40001", "40P01"]);

/** Tries a short transaction again while others are in its way; throws the last error when they stay. */
export async function untilFree<T>(
  signal: AbortSignal,
  work: () => Promise<T>,
  { attempts = 30, pauseMs = 50 }: { attempts?: number; pauseMs?: number } = {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (attempt >= attempts || !transient.has(sqlState(error) ?? "")) throw error;
      await sleep(pauseMs * Math.min(attempt, 20), undefined, { signal });
    }
  }
}
