import { AppError } from "../../platform/errors.ts";

export type LimiterOptions = { concurrency: number; queue: number; what?: string };

/** Runs at most `concurrency` works at once; at most `queue` more wait; beyond that throws AppError `busy`. */
export function createLimiter({ concurrency, queue, what = "API keys" }: LimiterOptions) {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= concurrency) {
      if (waiting.length >= queue) {
        throw new AppError("busy", `too many ${what} are being checked`, {
          found: `${waiting.length} that wait`,
          expected: "a free place",
          remedy: "try again in a second",
        });
      }
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running++;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // The place is handed over, so that nobody slips in between.
      if (next) next();
      else running--;
    }
  };
}
