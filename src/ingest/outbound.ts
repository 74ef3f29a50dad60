/** What waits to be published, one entry a key: a newer receipt takes up the older one. */
export type Outbound<T> = {
  /** Queues it, or lets `merge` put it and the waiting one together. */
  push(key: string, item: T): void;
  /** The oldest waiting, or undefined. */
  shift(): T | undefined;
  readonly size: number;
};

export function createOutbound<T>(merge: (older: T, newer: T) => T): Outbound<T> {
  const waiting = new Map<string, T>();
  return {
    push(key, item) {
      const older = waiting.get(key);
      waiting.set(key, older === undefined ? item : merge(older, item));
    },
    shift() {
      const next = waiting.entries().next();
      if (next.done) return undefined;
      const [key, item] = next.value;
      waiting.delete(key);
      return item;
    },
    get size() {
      return waiting.size;
    },
  };
}
