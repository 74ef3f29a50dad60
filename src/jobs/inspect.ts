import { setTimeout as sleep } from "node:timers/promises";
import type { QueueState } from "../health/index.ts";
import type { Config } from "../platform/config.ts";
import { redisOptions } from "../platform/redis.ts";
import { queueNames } from "./handlers.ts";
import { createQueues } from "./queues.ts";

export type QueueInspector = {
  /** Null while Redis is away. Within four seconds. */
  inspect(): Promise<QueueState[] | null>;
  stop(): Promise<void>;
};

const connectMs = 1_000;
const answerMs = 3_000;

/** Looks at the queues without taking part in them: for who runs none. */
export async function createQueueInspector(redis: Config["redis"]): Promise<QueueInspector> {
  // Away is an answer of `inspect`, and the worker's log says it.
  const queues = createQueues(await redisOptions(redis), queueNames, () => {});
  const inspectOne = async (name: string): Promise<QueueState> => {
    const queue = queues.get(name)!;
    const [counts, workers] = await Promise.all([
      queue.getJobCounts("waiting", "active", "delayed"),
      queue.getWorkersCount(),
    ]);
    const { waiting = 0, active = 0, delayed = 0 } = counts;
    return { queue: name, waiting, active, delayed, workers };
  };
  return {
    async inspect() {
      // The connection may be in the making: asked at once, a Redis that is there would look away.
      for (const deadline = Date.now() + connectMs; !queues.ready(); await sleep(50)) {
        if (Date.now() > deadline) return null;
      }
      return Promise.race([Promise.all([...queueNames].map(inspectOne)), sleep(answerMs, null, { ref: false })]);
    },
    stop: () => queues.close(),
  };
}
