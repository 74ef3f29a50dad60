import { AppError } from "../../platform/errors.ts";

/** Runs at most `concurrency` works at once; at most `queue` more wait; beyond that throws AppError `busy`. */
export function createLimiter({ concurrency, queue }: { concurrency: number; queue: number }) {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= concurrency) {
      if (waiting.length >= queue) {
        throw new AppError("busy", "too many API keys are being checked", {
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
