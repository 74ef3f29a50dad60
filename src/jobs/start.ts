import { Worker } from "bullmq";
import type { Config } from "../platform/config.ts";
import type { Pool } from "../platform/db.ts";
import type { Logger } from "../platform/logger.ts";
import { type RedisConnection, redisOptions } from "../platform/redis.ts";
import { type BoundHandlers, findDueTasks, type Round, runTask } from "../tasks/index.ts";
import { addJobs, createQueues, type JobData, jobOptions, prefix, queuesOf, upkeepQueue } from "./queues.ts";

export type JobsDeps = {
  redis: Config["redis"];
  pool: Pool;
  log: Logger;
  handlers: BoundHandlers;
  rounds: Readonly<Record<string, Round>>;
  reconcileSeconds: number;
  /** Tasks of one queue that run at once in this process. */
  concurrency?: number;
  leaseMs?: number;
};

export type Jobs = {
  /** Looks for due tasks now: what the timer does every `reconcileSeconds`. */
  reconcile(): Promise<number>;
  stop(): Promise<void>;
};

const dueLimit = 1000;

/**
 * Starts the queues' workers and the reconciler. Postgres has the tasks; Redis only tells workers which are due. It may be
 * flushed, killed or away: the reconciler adds every due task and every scheduler again, every round and at start.
 */
export async function startJobs(deps: JobsDeps): Promise<Jobs> {
  const stopping = new AbortController();
  const options = await redisOptions(deps.redis);
  // Once we stop, a lost connection ends instead of coming back: closing must not wait for a Redis that is away.
  const retryStrategy = (attempt: number) => (stopping.signal.aborted ? null : options.retryStrategy(attempt));
  const connection = { ...options, retryStrategy };
  const awayLog = quietly(deps.log);
  const names = queuesOf(deps.handlers);
  const queues = createQueues(connection, names, awayLog);
  const running = new Set<Promise<void>>();
  const workers = [...names].map((name) =>
    startWorker(deps, { name, connection, signal: stopping.signal, onError: awayLog, running }),
  );

  const reconcile = async (): Promise<number> => {
    if (!queues.ready()) return 0;
    const due = await findDueTasks(deps.pool, dueLimit);
    for (const [name, round] of Object.entries(deps.rounds)) {
      await queues
        .get(upkeepQueue)!
        .upsertJobScheduler(name.replaceAll(":", "-"), { every: round.everyMs }, { name, data: {}, opts: jobOptions });
    }
    return addJobs(queues, due);
  };
  const timer = startReconciler(deps, reconcile, stopping.signal);
  return {
    reconcile,
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await Promise.allSettled(running);
      // Without Redis there is nobody to tell how the jobs ended; their tasks are settled in Postgres.
      await Promise.all(workers.map((worker) => worker.close(!queues.ready())));
      await queues.close();
    },
  };
}

function startReconciler(deps: JobsDeps, reconcile: () => Promise<number>, signal: AbortSignal): NodeJS.Timeout {
  let running = false;
  const round = async () => {
    if (running || signal.aborted) return;
    running = true;
    try {
      const added = await reconcile();
      if (added > 0) deps.log.debug({ added }, "due tasks found");
    } catch (error) {
      deps.log.warn({ err: error }, "reconciling failed: the next round tries again");
    } finally {
      running = false;
    }
  };
  // The first connection may take a moment: the first rounds come quickly.
  for (const delay of [0, 500, 2000]) setTimeout(round, delay).unref();
  return setInterval(round, deps.reconcileSeconds * 1000);
}

type WorkerOptions = {
  name: string;
  connection: RedisConnection;
  signal: AbortSignal;
  onError: (error: Error) => void;
  /** What is under way in this process. */
  running: Set<Promise<void>>;
};

function startWorker(deps: JobsDeps, { name, connection, signal, onError, running }: WorkerOptions): Worker {
  const worker = new Worker<JobData>(
    name,
    async (job) => {
      if (signal.aborted) return;
      const work = name === upkeepQueue ? deps.rounds[job.name]?.run(signal) : runToRest(deps, job.data, signal);
      if (!work) return;
      running.add(work);
      await work.finally(() => running.delete(work));
    },
    {
      connection: { ...connection, maxRetriesPerRequest: null },
      prefix,
      concurrency: deps.concurrency ?? 2,
      lockDuration: 60_000,
      stalledInterval: 15_000,
      maxStalledCount: 1000,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
    },
  );
  worker.on("error", onError);
  worker.on("failed", (job, error) => {
    if (!signal.aborted) deps.log.error({ err: error, job: job?.name, taskId: job?.data?.taskId }, "job failed");
  });
  return worker;
}

/** A task that asks to go on soon goes on here; the reconciler would take up to a round. */
async function runToRest(deps: JobsDeps, ref: JobData, signal: AbortSignal): Promise<void> {
  for (;;) {
    const outcome = await runTask(deps.pool, ref, deps.handlers, { signal, leaseMs: deps.leaseMs });
    if (!outcome.ran || outcome.result.state !== "again" || outcome.result.afterMs > 0 || signal.aborted) return;
  }
}

/** Redis away is one line in the log, not one for each try. */
function quietly(log: Logger): (error: Error) => void {
  let toldAt = 0;
  return (error) => {
    if (Date.now() - toldAt < 30_000) return;
    toldAt = Date.now();
    log.warn({ err: error }, "redis is away: tasks wait in Postgres");
  };
}
