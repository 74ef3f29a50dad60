import { appendRow, type TenantTx } from "../audit/index.ts";
import { conflict, notFound } from "../platform/errors.ts";
import { selectTask, type Task, wakeWaiting } from "./store.ts";

/** A person lets a waiting task go on; says so in the ledger. */
export async function resumeTask(tx: TenantTx, taskId: string, reason: string): Promise<Task> {
  const task = await selectTask(tx, taskId);
  if (!task) throw notFound(`task ${taskId}`);
  if ((await wakeWaiting(tx, [task.kind], taskId)) === 0) {
    throw conflict(`task ${taskId} does not wait`, { found: `state ${task.state}`, expected: "state waiting" });
  }
  await appendRow(tx, {
    action: "task.resumed",
    entity: { type: "task", id: taskId },
    units: [{ name: "detail", content: JSON.stringify({ kind: task.kind, note: task.note, reason }) }],
  });
  return (await selectTask(tx, taskId))!;
}
