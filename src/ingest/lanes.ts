/** A promise with its ends. */
type Signal<T> = { promise: Promise<T>; give(value: T): void };

function signal<T>(): Signal<T> {
  const { promise, resolve } = Promise.withResolvers<T>();
  return { promise, give: resolve };
}

/** One batch's place in its tenant's lane. */
export type Place = {
  /** The first attempt has a connection. */
  begun: Signal<void>;
  /** The first attempt has its keys (true) or has failed (false). */
  keys: Signal<boolean>;
  /** The first attempt is committed (true) or has failed (false). */
  closed: Signal<boolean>;
  /** Whatever attempts it took: no transaction of this batch is open or will be. */
  settled: Signal<void>;
};

/** The batches of each tenant, in order of arrival. */
export type Lanes = {
  enter(tenantId: string): { place: Place; before: Place | undefined; beforeThat: Place | undefined; leave(): void };
};

export function createLanes(): Lanes {
  const lanes = new Map<string, [Place | undefined, Place]>();
  return {
    enter(tenantId) {
      const [beforeThat, before] = lanes.get(tenantId) ?? [];
      const place: Place = { begun: signal(), keys: signal(), closed: signal(), settled: signal() };
      lanes.set(tenantId, [before, place]);
      const leave = (): void => {
        place.begun.give();
        place.keys.give(false);
        place.closed.give(false);
        place.settled.give();
        if (lanes.get(tenantId)?.[1] === place) lanes.delete(tenantId);
      };
      return { place, before, beforeThat, leave };
    },
  };
}

/** Lets at most `most` in at a time, first come first served. */
export function createGate(most: number): { enter(): Promise<() => void> } {
  let inside = 0;
  const waiting: (() => void)[] = [];
  const leaveOnce = (): (() => void) => {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const next = waiting.shift();
      if (next) next();
      else inside -= 1;
    };
  };
  return {
    async enter() {
      if (inside < most) inside += 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      return leaveOnce();
    },
  };
}
