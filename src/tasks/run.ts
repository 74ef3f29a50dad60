import { systemPrincipal, withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { AppError, describeError } from "../platform/errors.ts";
import type { BoundHandler, Progress, TaskResult } from "./handler.ts";
import { claimDueTask, renewLease, settleTask, type Task, type TaskRef } from "./store.ts";

export type RunOptions = {
  leaseMs?: number;
  /** After so many attempts in a row the task fails and stays failed. */
  maxAttempts?: number;
  signal?: AbortSignal;
};

export type RunOutcome = { ran: false } | { ran: true; task: Task; result: TaskResult };

const longestDelayMs = 600_000;

/**
 * Claims a task and runs its handler. Does nothing when the task is not due or another worker has it. An error of the
 * handler is written to the task, which runs again later, and thrown.
 */
export async function runTask(
  pool: Pool,
  ref: Pick<TaskRef, "tenantId" | "taskId">,
  handlers: ReadonlyMap<string, BoundHandler>,
  { leaseMs = 60_000, maxAttempts = 50, signal }: RunOptions = {},
): Promise<RunOutcome> {
  const principal = systemPrincipal(ref.tenantId, "tasks", "cron");
  const task = await withTenant(pool, principal, (tx) => claimDueTask(tx, ref.taskId, leaseMs));
  if (!task) return { ran: false };
  const lease = keepLease(pool, task, leaseMs, signal);
  try {
    const handler = handlers.get(task.kind);
    if (!handler)
      throw new AppError("task-kind", `no handler for task kind ${task.kind}`, { remedy: "update the worker" });
    const result = await handler(task, lease.progress);
    lease.stop();
    await settle(pool, task, result);
    return { ran: true, task, result };
  } catch (error) {
    lease.stop();
    const failed = task.attempts >= maxAttempts;
    const afterMs = Math.min(1000 * 2 ** Math.min(task.attempts, 12), longestDelayMs);
    const note = describeError(error).slice(0, 2000);
    await withTenant(pool, principal, (tx) =>
      settleTask(tx, task, { state: failed ? "failed" : "ready", afterMs, note }),
    );
    throw error;
  }
}

async function settle(pool: Pool, task: Task, result: TaskResult): Promise<void> {
  await withTenant(pool, systemPrincipal(task.tenantId, "tasks", "cron"), async (tx) => {
    switch (result.state) {
      case "done":
        return settleTask(tx, task, { state: "done", result: result.result });
      case "again":
        return settleTask(tx, task, {
          state: "ready",
          afterMs: result.afterMs,
          note: result.note,
          resetAttempts: true,
        });
      case "waiting": {
        const afterMs = result.until === "person" ? null : result.until;
        return settleTask(tx, task, {
          state: "waiting",
          afterMs,
          note: result.note,
          result: result.result,
          resetAttempts: true,
        });
      }
    }
  });
}

/** Renews the lease by itself, so that one long statement does not lose the claim. */
function keepLease(pool: Pool, task: Task, leaseMs: number, outer?: AbortSignal) {
  const lost = new AbortController();
  const signal = outer ? AbortSignal.any([outer, lost.signal]) : lost.signal;
  const principal = systemPrincipal(task.tenantId, "tasks", "cron");
  const renew = async (done?: number, total?: number): Promise<void> => {
    const kept = await withTenant(pool, principal, (tx) => renewLease(tx, task, { leaseMs, done, total }));
    if (kept) return;
    lost.abort();
    throw new AppError("task-lost", `task ${task.taskId} was claimed by another worker`, {
      found: `a fence above ${task.fence}`,
      expected: `fence ${task.fence}`,
      remedy: "nothing to do: the other worker finishes it",
    });
  };
  const timer = setInterval(() => {
    // A database that cannot be reached for longer than the lease loses the claim; the work's own transactions fail too.
    renew().catch(() => {});
  }, leaseMs / 3);
  const progress: Progress = { report: renew, signal };
  return { progress, stop: () => clearInterval(timer) };
}
