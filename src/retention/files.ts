import { appendRow, systemPrincipal, withTenant } from "../audit/index.ts";
import type { Progress, Task, TaskResult } from "../tasks/index.ts";
import type { RetentionDeps } from "./deps.ts";
import { markCollected, selectGarbage, settleFiles } from "./store-follow-up.ts";

const chunk = 200;

/**
 * Removes the files of erased images, whose keys are gone already, and records in the ledger when the last file of an erasure
 * is gone. Killed between a removal and its mark, it removes again what is not there any more.
 */
export async function collectFiles(deps: RetentionDeps, task: Task, progress: Progress): Promise<TaskResult> {
  const principal = systemPrincipal(task.tenantId, "retention", "cron");
  for (let done = 0; ; ) {
    progress.signal.throwIfAborted();
    const garbage = await withTenant(deps.executor, principal, (tx) => selectGarbage(tx, chunk));
    if (garbage.length === 0) return { state: "done", result: { files: done } };
    for (const { path } of garbage) await deps.objects.removePath(path);
    await withTenant(deps.executor, principal, async (tx) => {
      await markCollected(
        tx,
        garbage.map(({ path }) => path),
      );
      const erasureIds = [...new Set(garbage.flatMap(({ erasureId }) => (erasureId ? [erasureId] : [])))];
      for (const gone of await settleFiles(tx, erasureIds)) {
        await appendRow(tx, {
          action: "erasure.files-gone",
          entity: { type: "erasure", id: gone.erasureId },
          units: [{ name: "detail", content: JSON.stringify({ paths: gone.files }) }],
        });
      }
    });
    done += garbage.length;
    await progress.report(done);
  }
}
