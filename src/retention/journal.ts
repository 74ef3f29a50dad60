import { type FileHandle, mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { systemPrincipal, withTenant } from "../audit/index.ts";
import type { Progress, Task, TaskResult } from "../tasks/index.ts";
import type { RetentionDeps } from "./deps.ts";
import { type JournalErasure, markEntered, markJournalled, selectUnjournalled } from "./store-follow-up.ts";

// The erasure journal, outside Postgres and its backups: a restore reads it and erases again what was erased since. One
// JSON object a line. `entered` comes right after the erasure, `proven` when a witnessed checkpoint covers its row; an entry
// without its proof is quarantined by the reader. Lines are only ever added. A line may come twice, or be torn by a crash:
// the reader takes the first whole one of a kind.

const chunk = 200;
const proofRetryMs = 60_000;

export async function writeJournal(deps: RetentionDeps, task: Task, progress: Progress): Promise<TaskResult> {
  const principal = systemPrincipal(task.tenantId, "retention", "cron");
  for (let done = 0; ; ) {
    progress.signal.throwIfAborted();
    const erasures = await withTenant(deps.executor, principal, (tx) => selectUnjournalled(tx, chunk));
    if (erasures.length === 0) return { state: "done", result: { entries: done } };
    const fresh = erasures.filter((erasure) => !erasure.entered);
    if (fresh.length > 0) {
      await appendEntries(
        deps.journal.directory,
        fresh.map((erasure) => enteredEntry(task.tenantId, erasure)),
      );
      await withTenant(deps.executor, principal, (tx) =>
        markEntered(
          tx,
          fresh.map((erasure) => erasure.erasureId),
        ),
      );
    }
    let unproven = 0;
    for (const { erasureId, seq } of erasures) {
      const proof = await deps.proveRow(task.tenantId, seq);
      if (!proof) {
        unproven++;
        continue;
      }
      const entry = { state: "proven", tenant: task.tenantId, erasure: erasureId, seq, ...proof };
      await appendEntries(deps.journal.directory, [entry]);
      await withTenant(deps.executor, principal, (tx) => markJournalled(tx, erasureId));
      await progress.report(++done);
    }
    if (unproven > 0) {
      return {
        state: "waiting",
        until: proofRetryMs,
        note: `${unproven} erasures wait for a witnessed checkpoint over their row`,
      };
    }
  }
}

function enteredEntry(tenantId: string, erasure: JournalErasure) {
  const { erasureId, seq, row, list, reason } = erasure;
  return { state: "entered", tenant: tenantId, erasure: erasureId, seq, row, list, reason };
}

/** That an account's personal columns went, which no tombstone tells: a restore takes them again. Durable before it resolves. */
export async function journalPerson(
  { journal }: Pick<RetentionDeps, "journal">,
  { tenantId, userId, requestId }: { tenantId: string; userId: string; requestId: string },
): Promise<void> {
  await appendEntries(journal.directory, [{ state: "person", tenant: tenantId, user: userId, request: requestId }]);
}

/** Durable before it resolves. */
async function appendEntries(directory: string, entries: readonly object[]): Promise<void> {
  await mkdir(directory, { recursive: true });
  const month = new Date().toISOString().slice(0, 7);
  const file = await open(join(directory, `erasures-${month}.jsonl`), "a+", 0o600);
  try {
    const start = (await endsInsideLine(file)) ? "\n" : "";
    await file.appendFile(start + entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
    await file.sync();
  } finally {
    await file.close();
  }
  const folder = await open(directory, "r");
  await folder.sync().finally(() => folder.close());
}

/** A crash may have torn the last line: the next one starts afresh. */
async function endsInsideLine(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return false;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] !== 0x0a;
}
