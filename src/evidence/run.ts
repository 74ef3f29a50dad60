import { rm } from "node:fs/promises";
import { join } from "node:path";
import { appendRow, systemPrincipal, type TenantTx, withTenant } from "../audit/index.ts";
import type { NoticeDeps } from "../identity/index.ts";
import { AppError, describeError } from "../platform/errors.ts";
import type { Progress, Task, TaskResult } from "../tasks/index.ts";
import type { AgeKey } from "./age.ts";
import { type BundleResult, type ExporterDeps, type ExportProgress, exportBundle } from "./export.ts";
import { reportIfLarge } from "./large-export.ts";
import type { BundleRequest, StoredRequest } from "./schema.ts";
import { selectErasureSince, selectExport, updateDone, updateFailed } from "./store.ts";
import { keptKey, newKey } from "./workplace.ts";

export type EvidenceDeps = ExporterDeps & {
  /** Where exports are made and kept: one folder a tenant. */
  directory: string;
  /** How long a finished export can be downloaded. */
  keepDays: number;
  /** Whom to tell of an export that is unusually large. */
  notices?: NoticeDeps;
};

/** Faults that another attempt meets again: the export fails, and the person who asked is told. */
const lasting = new Set([
  "invalid",
  "image-mismatch",
  "export-unsound",
  "object-damaged",
  "sealed-broken",
  "chain-forked",
  "chain-refused",
]);
const mostAttempts = 5;
const reportEveryMs = 1000;

export function exportDirectory(deps: Pick<EvidenceDeps, "directory">, tenantId: string, exportId: string): string {
  return join(deps.directory, tenantId, exportId);
}

/** Task `evidence.export`. Killed at any line, or stopped by what may pass, the next attempt goes on with what is packed. */
export async function runExport(deps: EvidenceDeps, task: Task, progress: Progress): Promise<TaskResult> {
  const exportId = String(task.arguments.exportId);
  const principal = systemPrincipal(task.tenantId, "evidence", "cron");
  const directory = exportDirectory(deps, task.tenantId, exportId);
  const found = await withTenant(deps.pool, principal, async (tx) => {
    const row = await selectExport(tx, exportId);
    return row && { ...row, encryption: await encryptionOf(tx, deps, exportId, row.scope) };
  });
  if (found?.state !== "ready" && found?.state !== "running") return { state: "done" };
  let resumed = false;
  try {
    const keyFile = join(directory, "key");
    const key = (await keptKey(deps, principal, keyFile)) ?? (await newKey(deps, principal, keyFile));
    const { partBytes } = found.scope;
    const target = { kind: "sealed", directory, key, name: exportId, partBytes, encryption: found.encryption } as const;
    const asked = { principal, request: requestOf(found.scope), target, directory: join(directory, "work") };
    const result = await exportBundle(deps, asked, {
      signal: progress.signal,
      onProgress: reporter(progress),
      onResumed: () => {
        resumed = true;
      },
      keepWork: true,
    });
    await finish(deps, { principal, exportId, key, directory }, result);
    await rm(keyFile);
    return { state: "done", result: { events: result.events, images: result.images, parts: result.files.length } };
  } catch (error) {
    if (progress.signal.aborted) throw error;
    const isLasting = error instanceof AppError && lasting.has(error.code);
    const isStale = error instanceof AppError && error.code === "export-stale";
    // What was kept may be what is wrong: an attempt that went on with it and failed is followed by one that begins anew.
    if (isLasting || isStale || resumed) await rm(directory, { recursive: true, force: true });
    if (task.attempts < mostAttempts && (!isLasting || resumed)) throw error;
    await rm(directory, { recursive: true, force: true });
    await fail(deps, principal, exportId, describeError(error));
    return { state: "done", result: { failed: true } };
  }
}

type Running = { principal: ReturnType<typeof systemPrincipal>; exportId: string; key: Buffer; directory: string };

async function finish(deps: EvidenceDeps, running: Running, result: BundleResult): Promise<void> {
  const { principal, exportId, key, directory } = running;
  await withTenant(deps.pool, principal, async (tx) => {
    if (await selectErasureSince(tx, result.checkpointSize)) {
      throw new AppError("export-stale", "an erasure was asked for while the bundle was made", {
        found: "a request younger than the bundle's checkpoint",
        expected: "a bundle that shows what is here now",
        remedy: "nothing to do: it is made anew",
      });
    }
    const wrappedKey = await deps.keyring.seal(tx, exportKeyContext(exportId), key);
    const parts = result.files.map(({ bytes, sha256 }) => ({ bytes, sha256 }));
    const { events, images, subjects, checkpointSize } = result;
    const facts = {
      path: directory,
      parts,
      events,
      images,
      subjects,
      checkpointSize,
      wrappedKey,
      keepDays: deps.keepDays,
    };
    if (!(await updateDone(tx, exportId, facts)))
      throw new AppError("conflict", `export ${exportId} is not open any more`);
    const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
    if (deps.notices) await reportIfLarge(deps.notices, tx, exportId, { events, images, bytes });
    await appendRow(tx, {
      action: "evidence.exported",
      entity: { type: "export", id: exportId },
      commits: [{ name: "bundle", hash: Buffer.from(result.verdict.bundle.tagManifestSha256!, "hex") }],
      units: [{ name: "detail", content: JSON.stringify({ events, images, parts }), subjects }],
    });
  });
}

export const exportKeyContext = (exportId: string): string => `export-key ${exportId}`;

async function fail(
  deps: EvidenceDeps,
  principal: Running["principal"],
  exportId: string,
  error: string,
): Promise<void> {
  await withTenant(deps.pool, principal, async (tx) => {
    if (!(await updateFailed(tx, exportId, error.slice(0, 2000)))) return;
    const units = [{ name: "detail", content: JSON.stringify({ error }) }];
    await appendRow(tx, { action: "evidence.failed", entity: { type: "export", id: exportId }, units });
  });
}

function requestOf(stored: StoredRequest): BundleRequest {
  const { scope, sites, kinds, withholdUnits, withholdImages, previous } = stored;
  const subjects = stored.subjects?.map((hex) => Buffer.from(hex, "hex")) ?? null;
  return { scope, sites, kinds, subjects, withholdUnits, withholdImages, previous };
}

async function encryptionOf(
  tx: TenantTx,
  { keyring }: EvidenceDeps,
  exportId: string,
  { recipient, sealedPassphrase }: StoredRequest,
): Promise<AgeKey | undefined> {
  if (recipient) return { kind: "recipient", recipient };
  if (!sealedPassphrase) return undefined;
  const sealed = Buffer.from(sealedPassphrase, "base64");
  const passphrase = (await keyring.unseal(tx, `export-passphrase ${exportId}`, sealed)).toString("utf8");
  return { kind: "passphrase", passphrase };
}

/** What each phase counts is its own: progress is told in thousandths of the whole. */
const phases: Record<ExportProgress["phase"], { from: number; to: number }> = {
  rows: { from: 0, to: 150 },
  images: { from: 150, to: 600 },
  verify: { from: 600, to: 950 },
  deliver: { from: 950, to: 1000 },
};

function reporter(progress: Progress): (event: ExportProgress) => void {
  let toldAt = 0;
  return ({ phase, done, total }) => {
    if (Date.now() - toldAt < reportEveryMs) return;
    toldAt = Date.now();
    const { from, to } = phases[phase];
    const thousandths = Math.floor(from + (to - from) * (total > 0 ? Math.min(1, done / total) : 0));
    // A lost claim aborts the signal; the work stops there.
    progress.report(thousandths, 1000).catch(() => {});
  };
}
