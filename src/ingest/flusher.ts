import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { systemPrincipal } from "../audit/index.ts";
import type { Logger } from "../platform/logger.ts";
import type { Incoming, Recorded } from "./incoming.ts";
import type { ReadMessage } from "./read-message.ts";
import type { Recorder } from "./recorder.ts";
import type { KnownSender, Senders } from "./senders.ts";

/** `name`: the first two levels of its topic. */
export type Arrived = ReadMessage & { name: string; mqtt5: boolean; done(): void };

/** A message's share of a recorded batch: `outcomes[from … from + message.parsed.length)`. */
export type Delivered = { message: Arrived; sender: KnownSender; from: number };

export type FlusherOptions = {
  recorder: Recorder;
  senders: Senders;
  log: Logger;
  flushEvents: number;
  flushMs: number;
  /** Whether the broker can send no more before we acknowledge something. */
  windowFull(): boolean;
  /** After the commit, before the acknowledgements. */
  onRecorded(delivered: readonly Delivered[], recorded: Recorded): void;
  onUnknown(name: string): void;
  /** Not by MQTT 5, from a device that must: it is acknowledged and forgotten, so the device keeps it. */
  onOldProtocol(name: string): void;
  signal: AbortSignal;
};

export type Flusher = {
  add(message: Arrived): void;
  /** While held up nothing is stored and so nothing acknowledged. */
  holdUp(held: boolean): void;
  readonly queued: number;
  /** Flushes what is queued, unless held up. Resolves when nothing more can be done and nothing is under way. */
  drain(): Promise<void>;
};

const flushesAtATime = 2;
// With a backlog a larger batch costs one row and one fsync for more events.
const backlogFactor = 4;

/** Collects messages into batches: at so many events, at a full window, or when the oldest has waited long enough. */
export function createFlusher(options: FlusherOptions): Flusher {
  let queue: Arrived[] = [];
  let queuedEvents = 0;
  let underWay = 0;
  let held = false;
  let due = false;
  let draining = false;
  let timer: NodeJS.Timeout | undefined;
  let resolving: Promise<unknown> = Promise.resolve();
  let idle: (() => void)[] = [];

  const isDue = (): boolean =>
    queue.length > 0 && (due || draining || queuedEvents >= options.flushEvents || options.windowFull());

  const pump = (): void => {
    while (!held && underWay < flushesAtATime && isDue()) {
      underWay += 1;
      const taken = take();
      const mine = resolving.then(() => resolve(options, taken));
      resolving = mine.catch(() => {});
      mine
        .then((groups) => deliver(options, groups))
        .catch((error) => options.log.warn({ err: error, messages: taken.length }, "messages were left unacknowledged"))
        .finally(() => {
          underWay -= 1;
          pump();
        });
    }
    if (queue.length > 0 && !due) {
      timer ??= setTimeout(() => {
        timer = undefined;
        due = true;
        pump();
      }, options.flushMs);
    }
    if ((queue.length === 0 || held) && underWay === 0) {
      for (const each of idle) each();
      idle = [];
    }
  };

  const take = (): Arrived[] => {
    const most =
      queuedEvents >= backlogFactor * options.flushEvents ? backlogFactor * options.flushEvents : options.flushEvents;
    let events = 0;
    let count = 0;
    while (count < queue.length && (count === 0 || events < most)) events += queue[count++]!.parsed.length;
    const taken = queue.slice(0, count);
    queue = queue.slice(count);
    queuedEvents -= events;
    due = false;
    clearTimeout(timer);
    timer = undefined;
    return taken;
  };

  return {
    add(message) {
      queue.push(message);
      queuedEvents += message.parsed.length;
      if (timer === undefined || isDue()) pump();
    },
    holdUp(now) {
      held = now;
      pump();
    },
    get queued() {
      return queuedEvents;
    },
    drain() {
      draining = true;
      const done = new Promise<void>((resolve) => idle.push(resolve));
      pump();
      return done;
    },
  };
}

type Group = { tenantId: string; items: Incoming[]; delivered: Delivered[] };

async function resolve(options: FlusherOptions, messages: readonly Arrived[]): Promise<Group[]> {
  const senders = await resolveSenders(options, messages);
  const groups = new Map<string, Group>();
  for (const message of messages) {
    const sender = senders.get(message.name);
    if (!sender || !(message.mqtt5 || sender.plain)) {
      if (sender) options.onOldProtocol(message.name);
      else options.onUnknown(message.name);
      message.done();
      continue;
    }
    const group = groups.get(sender.tenantId) ?? { tenantId: sender.tenantId, items: [], delivered: [] };
    groups.set(sender.tenantId, group);
    group.delivered.push({ message, sender, from: group.items.length });
    for (const parsed of message.parsed) {
      group.items.push({ sender: { type: "device", id: sender.deviceId }, siteId: null, parsed, bytes: message.bytes });
    }
  }
  return [...groups.values()];
}

/** Tries until the database answers: a message must not be dropped because nobody could be asked. */
async function resolveSenders(
  { senders, log, signal }: FlusherOptions,
  messages: readonly Arrived[],
): Promise<Map<string, KnownSender | null>> {
  for (let waitMs = 100; ; waitMs = Math.min(waitMs * 2, 5000)) {
    try {
      return await senders.resolve(messages.map((message) => message.name));
    } catch (error) {
      if (signal.aborted) throw error;
      log.warn({ err: error, waitMs }, "senders cannot be looked up: trying again");
      await sleep(waitMs, undefined, { signal }).catch(() => {});
    }
  }
}

async function deliver(options: FlusherOptions, groups: readonly Group[]): Promise<void> {
  await Promise.all(
    groups.map(async ({ tenantId, items, delivered }) => {
      try {
        const recorded = await options.recorder.record(
          systemPrincipal(tenantId, "ingest", "mqtt", randomUUID()),
          items,
        );
        options.onRecorded(delivered, recorded);
        for (const { message } of delivered) message.done();
      } catch (error) {
        // Only when stopping: unacknowledged, the broker or the edge sends it again.
        options.log.warn({ err: error, tenantId, events: items.length }, "a batch was left unacknowledged");
      }
    }),
  );
}
