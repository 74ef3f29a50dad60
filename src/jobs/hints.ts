import type { Config } from "../platform/config.ts";
import type { Logger } from "../platform/logger.ts";
import { redisOptions } from "../platform/redis.ts";
import type { TaskRef } from "../tasks/index.ts";
import { addJobs, createQueues, queueOf } from "./queues.ts";

export type JobHints = {
  /** Call after the commit that wrote the task. Never throws and never waits long: without Redis the reconciler finds it. */
  hint(task: TaskRef): void;
  stop(): Promise<void>;
};

/** For processes that write tasks and run none. */
export async function createJobHints(
  config: Config["redis"],
  kinds: readonly string[],
  log: Logger,
): Promise<JobHints> {
  const names = new Set(kinds.map(queueOf));
  const queues = createQueues(await redisOptions(config), names, (error) => log.debug({ err: error }, "redis is away"));
  return {
    hint(task) {
      addJobs(queues, [task]).catch((error) => log.debug({ err: error, taskId: task.taskId }, "hint not delivered"));
    },
    stop: () => queues.close(),
  };
}
