import type { TenantTx } from "../audit/index.ts";
import { conflict } from "../platform/errors.ts";
import { insertTask, selectOpenTask } from "./store.ts";

export type NewTask = {
  /** `<queue>.<verb>`, for example `evidence.export`. */
  kind: string;
  /** Ids, days and numbers only: nothing personal. */
  arguments: Record<string, unknown>;
  /** One open task of a kind for the same key. */
  key: string;
  total?: number;
  runAfterMs?: number;
};

/**
 * Writes a task in the caller's transaction. It runs after the commit, whatever becomes of Redis: at once when the caller
 * gives its id to the job hints, else at the reconciler's next round. The open task of the same key is returned instead of
 * a second one.
 */
export async function enqueueTask(tx: TenantTx, task: NewTask): Promise<{ taskId: string; isNew: boolean }> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const made = await insertTask(tx, task);
    if (made) return { taskId: made, isNew: true };
    const open = await selectOpenTask(tx, task.kind, task.key);
    if (open) return { taskId: open, isNew: false };
  }
  throw conflict(`task ${task.kind} ${task.key} opens and ends faster than it can be read: try again`);
}
