import { listTenantIds, systemPrincipal, withTenant } from "../audit/index.ts";
import { sqlState } from "../platform/db.ts";
import { forgetTasks, type Progress, type Task, type TaskResult } from "../tasks/index.ts";
import type { RetentionDeps } from "./deps.ts";
import { compact } from "./erase-due.ts";
import { untilFree } from "./retry.ts";
import {
  callDropDay,
  callDropKeysDay,
  callExpireDeadLetters,
  callMakePartitions,
  selectPartitionedDays,
} from "./store-erasing.ts";

/** Makes the partitions of the days to come. Their lack stops ingest at midnight, so it runs often and long before. */
export async function makePartitions(
  deps: Pick<RetentionDeps, "executor" | "partitionDaysAhead" | "log">,
): Promise<number> {
  const made = await callMakePartitions(deps.executor, deps.partitionDaysAhead);
  if (made > 0) deps.log.info({ made, daysAhead: deps.partitionDaysAhead }, "partitions made");
  return made;
}

/** Drops days that were emptied and dedup keys that no id can name any more; gives back the space of mostly dead days. */
export async function tidyPartitions(
  deps: Pick<RetentionDeps, "executor" | "log">,
  signal: AbortSignal,
): Promise<{ dropped: number }> {
  let dropped = 0;
  for (const { parent, day, age } of await selectPartitionedDays(deps.executor)) {
    signal.throwIfAborted();
    if (age < 1) continue;
    const drop = parent === "events" ? callDropDay : callDropKeysDay;
    try {
      const outcome = await drop(deps.executor, day);
      if (outcome === "dropped") dropped++;
      if (outcome === "occupied") await compact(deps, day, signal);
    } catch (error) {
      // Somebody reads or ingests just now; the next round tries again.
      if (sqlState(error) !== "55P03") throw error;
    }
  }
  if (dropped > 0) deps.log.info({ dropped }, "partitions dropped");
  return { dropped };
}

const chunk = 1000;
const finishedTaskDays = 30;

/** Tasks that ended a month ago go: what they did is in the ledger. */
export async function forgetFinishedTasks(
  deps: Pick<RetentionDeps, "executor" | "log">,
  signal: AbortSignal,
): Promise<number> {
  let forgotten = 0;
  for (const tenantId of await listTenantIds(deps.executor)) {
    const principal = systemPrincipal(tenantId, "retention", "cron");
    for (let gone = chunk; gone === chunk; forgotten += gone) {
      signal.throwIfAborted();
      gone = await withTenant(deps.executor, principal, (tx) => forgetTasks(tx, finishedTaskDays, chunk));
    }
  }
  if (forgotten > 0) deps.log.info({ forgotten, olderThanDays: finishedTaskDays }, "finished tasks forgotten");
  return forgotten;
}

/** Dead letters expire with the event retention of their site. */
export async function expireDeadLetters(deps: RetentionDeps, task: Task, progress: Progress): Promise<TaskResult> {
  const principal = systemPrincipal(task.tenantId, "retention", "cron");
  for (let done = 0; ; ) {
    const letters = await untilFree(progress.signal, () =>
      withTenant(deps.executor, principal, (tx) => callExpireDeadLetters(tx, chunk)),
    );
    if (letters === 0)
      return { state: "waiting", until: 3_600_000, note: "what is left is held or not due", result: { letters: done } };
    done += letters;
    await progress.report(done);
    if (letters < chunk) return { state: "done", result: { letters: done } };
  }
}
