import {
  appendRow,
  type CheckDeps,
  type Principal,
  systemPrincipal,
  type VerifyReport,
  verifyChain,
  withTenant,
} from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import type { Page } from "../platform/sorted-list.ts";
import { enqueueTask, type Progress, type Task, type TaskResult } from "../tasks/index.ts";
import type { ChainReport } from "./schema.ts";
import { type Check, insertCheck, selectCheck, selectChecks, updateFinished } from "./store-checks.ts";

const kind = "ledger.verify";
const mostFaults = 20;
const reportEveryMs = 1000;

/** Asks for the whole chain to be verified; the check that is under way, where there is one. */
export async function requestCheck(pool: Pool, principal: Principal): Promise<Check> {
  return withTenant(pool, principal, async (tx) => {
    const checkId = crypto.randomUUID();
    const { taskId, isNew } = await enqueueTask(tx, { kind, key: "chain", arguments: { checkId } });
    if (isNew) {
      await insertCheck(tx, checkId, taskId);
      await appendRow(tx, { action: "verification.requested", entity: { type: "verification", id: checkId } });
    }
    return (await selectCheck(tx, { taskId }))!;
  });
}

export async function listChecks(
  pool: Pool,
  principal: Principal,
  page: Page,
): Promise<{ checks: Check[]; next: string | null }> {
  return withTenant(pool, principal, (tx) => selectChecks(tx, page));
}

/** Task `ledger.verify`. Killed, it begins anew: it reads one snapshot. A chain that does not verify is a result, no error. */
export async function runCheck(deps: CheckDeps, task: Task, progress: Progress): Promise<TaskResult> {
  const { pool, appliance, publicKeys, witnessDirectories } = deps;
  const { tenantId, taskId } = task;
  const checkId = String(task.arguments.checkId);
  const principal = systemPrincipal(tenantId, "verifier", "cron");
  const open = await withTenant(pool, principal, (tx) => selectCheck(tx, { taskId }));
  if (!open || open.finishedAt) return { state: "done" };
  const verified = await verifyChain(pool, tenantId, {
    ...{ appliance, publicKeys, witnessDirectories },
    events: true,
    signal: progress.signal,
    onProgress: throttled(progress),
  });
  const report = reportOf(verified);
  await withTenant(pool, principal, async (tx) => {
    if (!(await updateFinished(tx, checkId, report))) return;
    const entity = { type: "verification", id: checkId };
    const units = [{ name: "detail", content: JSON.stringify(report) }];
    await appendRow(tx, { action: report.ok ? "verification.passed" : "verification.failed", entity, units });
  });
  return { state: "done", result: { ok: report.ok, rows: report.rows, faults: report.faultCount } };
}

function reportOf(verified: VerifyReport): ChainReport {
  const { ok, rows, root, checkpoints, openings, events, firstBad, faultCount, faults, elapsedMs } = verified;
  return {
    ...{ ok, rows, root, checkpoints, openings, events, faultCount, elapsedMs },
    firstBad: firstBad ?? null,
    faults: faults.slice(0, mostFaults),
  };
}

function throttled(progress: Progress): (done: number, total: number) => void {
  let toldAt = 0;
  return (done, total) => {
    if (Date.now() - toldAt < reportEveryMs) return;
    toldAt = Date.now();
    // A lost claim aborts the signal; the walk stops there.
    progress.report(done, total).catch(() => {});
  };
}
