import { Queue } from "bullmq";
import { Redis } from "ioredis";
import type { RedisConnection } from "../platform/redis.ts";
import type { BoundHandlers, TaskRef } from "../tasks/index.ts";

/** A job carries ids and nothing else: what it is about stays in Postgres. */
export type JobData = { tenantId: string; taskId: string };

/** The queue of a task kind is the part before its first dot: one feature's long work does not hold up another's. */
const queueOf = (kind: string): string => kind.split(".", 1)[0]!;

export const upkeepQueue = "upkeep";

/** The queues of handlers' kinds, and that of the rounds. */
export const queuesOf = (handlers: BoundHandlers): ReadonlySet<string> =>
  new Set([...[...handlers.keys()].map(queueOf), upkeepQueue]);

export const prefix = "ledgerstone";

// Finished jobs are not kept: a kept one would swallow the next job of the same id.
export const jobOptions = { removeOnComplete: true, removeOnFail: true, attempts: 1 } as const;

export type Queues = {
  get(name: string): Queue | undefined;
  /** False while Redis is away: then nothing is added, since commands would pile up in memory until it is back. */
  ready(): boolean;
  close(): Promise<void>;
};

/** For adding to queues, over one connection that comes back by itself. */
export function createQueues(
  options: RedisConnection,
  names: Iterable<string>,
  onError: (error: Error) => void,
): Queues {
  const connection = new Redis({ ...options, maxRetriesPerRequest: null });
  connection.on("error", onError);
  const queues = new Map(
    [...names].map((name) => {
      const queue = new Queue(name, { connection, prefix, defaultJobOptions: jobOptions });
      queue.on("error", onError);
      return [name, queue];
    }),
  );
  return {
    get: (name) => queues.get(name),
    ready: () => connection.status === "ready",
    async close() {
      if (connection.status === "ready") await Promise.all([...queues.values()].map((queue) => queue.close()));
      connection.disconnect();
    },
  };
}

/** Adding the same task twice while it waits or runs adds nothing; running it twice does nothing either. */
export async function addJobs(queues: Queues, refs: readonly TaskRef[]): Promise<number> {
  let added = 0;
  for (const { tenantId, taskId, kind } of refs) {
    const queue = queues.get(queueOf(kind));
    if (!queue || !queues.ready()) continue;
    const data: JobData = { tenantId, taskId };
    await queue.add(kind, data, { jobId: taskId });
    added++;
  }
  return added;
}
