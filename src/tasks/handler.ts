import type { Task } from "./store.ts";

/**
 * How a run of a task ended.
 * - done: it is finished; `result` holds ids, days and counts only.
 * - again: more of it is left; it runs again after `afterMs`.
 * - waiting: something outside must change first. `until: "person"` waits for `resumeTask`; a number of milliseconds looks
 *   again by itself after that time, or when `wakeTasks` names it.
 * A handler that cannot go on throws: the task is tried again, later each time.
 */
export type TaskResult =
  | { state: "done"; result?: Record<string, unknown> }
  | { state: "again"; afterMs: number; note?: string }
  | { state: "waiting"; until: "person" | number; note: string; result?: Record<string, unknown> };

export type Progress = {
  /** Renews the lease and shows how far it is. Throws `task-lost` once another worker has claimed the task. */
  report(done: number, total?: number): Promise<void>;
  /** Aborts when the process stops or the claim is lost: leave at the next safe place, by throwing. */
  readonly signal: AbortSignal;
};

/**
 * The work of one kind of task. It may be killed at any line and run again, also at the same time as a worker that has lost
 * its claim: every effect is idempotent or in one transaction.
 */
export type JobHandler<Deps> = (deps: Deps, task: Task, progress: Progress) => Promise<TaskResult>;

/** A feature's handlers by task kind: `{ "retention.erase": eraseDue }`. The part before the dot names the queue. */
export type JobHandlers<Deps> = Readonly<Record<string, JobHandler<Deps>>>;

export type BoundHandler = (task: Task, progress: Progress) => Promise<TaskResult>;
export type BoundHandlers = ReadonlyMap<string, BoundHandler>;

export function bindHandlers<Deps>(deps: Deps, handlers: JobHandlers<Deps>): BoundHandlers {
  return new Map(
    Object.entries(handlers).map(([kind, handler]) => [kind, (task, progress) => handler(deps, task, progress)]),
  );
}

/** Work that comes round by the clock. Its run is idempotent: several workers may do it at once. */
export type Round = { everyMs: number; run(signal: AbortSignal): Promise<void> };
