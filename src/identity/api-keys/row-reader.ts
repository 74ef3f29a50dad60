import type { KeyForUse } from "./store.ts";

type Waiter = { resolve(row: KeyForUse | undefined): void; reject(error: unknown): void };

/** So many reads at once; who comes meanwhile goes with the next. */
const mostReads = 2;

/**
 * Reads keys' rows, each after it was asked for: nothing is kept. Under load the requests that wait for a free read share it, so
 * that a thousand a second cost the database far fewer.
 */
export function createRowReader(select: (fingerprints: string[]) => Promise<KeyForUse[]>) {
  let waiting = new Map<string, Waiter[]>();
  let reading = 0;

  const readWaiting = async (): Promise<void> => {
    const batch = waiting;
    waiting = new Map();
    reading++;
    try {
      const rows = new Map((await select([...batch.keys()])).map((row) => [row.fingerprint, row]));
      for (const [fingerprint, waiters] of batch) for (const { resolve } of waiters) resolve(rows.get(fingerprint));
    } catch (error) {
      for (const waiters of batch.values()) for (const { reject } of waiters) reject(error);
    } finally {
      reading--;
      if (waiting.size > 0) void readWaiting();
    }
  };
  return {
    read: (fingerprint: string): Promise<KeyForUse | undefined> =>
      new Promise((resolve, reject) => {
        const waiters = waiting.get(fingerprint) ?? [];
        waiters.push({ resolve, reject });
        waiting.set(fingerprint, waiters);
        if (reading < mostReads) void readWaiting();
      }),
  };
}
