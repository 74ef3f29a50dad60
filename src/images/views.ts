import { z } from "zod";
import { systemPrincipal, type TenantTx, withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { actorTypes, channels } from "../record/row.ts";
import { enqueueTask, type Task, type TaskResult } from "../tasks/index.ts";
import { callRecordViews, type Viewer } from "./store.ts";

export const seenKind = "images.seen";

// The minute has passed by then, and with it every transaction that writes into it.
const settledMs = 90_000;

const seenArguments = z.strictObject({
  actorType: z.enum(actorTypes).exclude(["ops"]),
  actorId: z.string(),
  via: z.enum(channels).exclude(["sql"]),
  minute: z.string(),
});

/** Has the ledger told of the minute's views, whatever becomes of this process. */
export async function rememberView(tx: TenantTx, minute: string): Promise<void> {
  const { actor, via } = tx.principal;
  const viewer: Viewer & { minute: string } = { actorType: actor.type, actorId: actor.id, via, minute };
  const key = `${actor.type} ${actor.id} ${via} ${minute}`;
  await enqueueTask(tx, { kind: seenKind, key, arguments: viewer, runAfterMs: settledMs });
}

/** One row for what one person saw in a minute: its unit `detail` lists events and their images. */
export async function recordViews({ pool }: { pool: Pool }, task: Task): Promise<TaskResult> {
  const { minute, ...viewer } = seenArguments.parse(task.arguments);
  const principal = systemPrincipal(task.tenantId, "images", "cron", task.taskId);
  const views = await withTenant(pool, principal, (tx) => callRecordViews(tx, viewer, minute));
  return { state: "done", result: { views } };
}
