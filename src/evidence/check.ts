import { AppError } from "../platform/errors.ts";
import type { Trust } from "../record/scope.ts";
import { type BundleSource, openBundlePath, openZip, type Verdict, verifyBundle } from "../verifier/index.ts";
import type { Packed } from "./deliver.ts";

export type CheckWatch = { signal?: AbortSignal; onProgress(done: number, total: number): void };

/**
 * Runs the auditor's verifier, with the appliance's own keys as the trusted ones, over what was packed. Throws
 * `export-unsound` with the first failed check: such a bundle is never handed over.
 */
export async function checkBundle(packed: Packed[], trust: Trust, watch: CheckWatch): Promise<Verdict> {
  const opened: { source: BundleSource; close(): Promise<void> }[] = [];
  try {
    for (const each of packed) opened.push(await openPacked(each));
    const source = joinParts(opened.map((each) => each.source));
    const verdict = await verifyBundle(source, { trust }, ({ done, total }) => {
      watch.signal?.throwIfAborted();
      watch.onProgress(done, total);
    });
    if (verdict.exitCode === 0) return verdict;
    const fault = verdict.checks.find((check) => check.state === "failed");
    throw new AppError("export-unsound", "the bundle did not pass its own verifier and was removed", {
      found: fault ? `check ${fault.number} failed at ${fault.place}: ${fault.detail}` : verdict.result,
      expected: "all checks passed",
      remedy: "run 'ledgerstone verify' to see whether the chain is sound, then export again",
    });
  } finally {
    for (const each of opened) await each.close();
  }
}

async function openPacked(packed: Packed): Promise<{ source: BundleSource; close(): Promise<void> }> {
  if (!packed.open) return openBundlePath(packed.path);
  const access = await packed.open();
  try {
    return { source: await openZip(access, { label: packed.path, encrypted: false }), close: access.close };
  } catch (error) {
    await access.close();
    throw error;
  }
}

/** Several ZIPs that hold one bag. */
function joinParts(parts: BundleSource[]): BundleSource {
  if (parts.length === 1) return parts[0]!;
  const byName = new Map(parts.flatMap((part) => part.names.map((name) => [name, part] as const)));
  const names = parts.flatMap((part) => part.names);
  if (byName.size !== names.length) throw new Error("found a file in two parts of one bundle, expected it in one");
  return {
    label: parts[0]!.label,
    container: "zip",
    encrypted: false,
    names,
    sizeOf: (name) => byName.get(name)?.sizeOf(name) ?? 0,
    open: (name, lend) => byName.get(name)!.open(name, lend),
  };
}
