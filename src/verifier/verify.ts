import { tagManifestName } from "../record/bag.ts";
import { toBase64, toHex } from "../record/bytes.ts";
import type { ScopeCounts } from "../record/scope.ts";
import { checkBag } from "./bag-check.ts";
import { type Chain, readChain } from "./chain.ts";
import { checkCheckpoints, type Sealed } from "./checkpoints.ts";
import { type CmsFacts, checkCms } from "./cms-check.ts";
import { type Contents, checkContents } from "./contents.ts";
import { checkPrevious, type LostRows } from "./previous.ts";
import { CheckFailure, type CheckNumber, type CheckResult, Report } from "./report.ts";
import type { Progress, Run, VerifyOptions } from "./run.ts";
import { type BundleSource, closing } from "./source.ts";

export const verdictFormat = "ledgerstone/verdict/v1";

/** passed: exit 0. failed: 1. consistent: 3, everything fits together but no key from outside was given. */
export type Result = "passed" | "failed" | "consistent, not authenticated";

export type Verdict = {
  format: typeof verdictFormat;
  result: Result;
  exitCode: 0 | 1 | 3;
  bundle: { label: string; container: "zip" | "directory"; encrypted: boolean; tagManifestSha256: string | null };
  tenant: string | null;
  appliance: string | null;
  checkpoint: { epoch: number; size: number; root: string; sealed: string; key: string | null } | null;
  completeness: string | null;
  signer: CmsFacts | null;
  /** given from outside; null when nothing was */
  trust: { appliance: string; ed25519: string[]; cmsSha256: string[] } | null;
  checks: CheckResult[];
  counts: ScopeCounts | null;
  tombstones: { total: number; discretionary: number; undecided: number } | null;
  lostRows: LostRows[];
};

type Found = { run?: Run; signer?: CmsFacts; sealed?: Sealed; contents?: Contents; lost: LostRows[] };

function skipFrom(report: Report, first: CheckNumber, why: string): void {
  for (let check = first; check <= 11; check++) report.notRun(check as CheckNumber, why);
}

/** Runs one step; a failure that stops it is reported under its check. */
async function step<T>(report: Report, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CheckFailure)) throw error;
    report.caught(error);
    return undefined;
  }
}

async function runChecks(source: BundleSource, run: Omit<Run, "bag">, found: Found): Promise<void> {
  const { report } = run;
  const bag = await step(report, () => checkBag(source, report, run.progress));
  if (!bag) {
    skipFrom(report, 2, "the container or bag is broken");
    return;
  }
  const full: Run = { ...run, bag };
  found.run = full;
  found.signer = await step(report, () => checkCms(full));
  const chain = await step(report, () => readChain(full));
  if (!chain) {
    skipFrom(report, 4, "the rows cannot be read");
    return;
  }
  await checkAboveRows(full, chain, found);
}

async function checkAboveRows(run: Run, chain: Chain, found: Found): Promise<void> {
  const { report } = run;
  const sealed = await step(report, () => checkCheckpoints(run, chain));
  found.sealed = sealed;
  if (sealed) found.lost = (await step(report, () => checkPrevious(run, chain, sealed))) ?? [];
  else report.notRun(6, "the bundle's own checkpoint cannot be judged");
  found.contents = await step(report, () => checkContents(run, chain));
  if (!found.contents)
    for (const check of [7, 8, 9, 10, 11] as const) report.notRun(check, "the walk over the contents stopped");
}

function completenessOf(run: Run): string {
  const { range } = run.bag.scope;
  return range
    ? `complete for rows ${range.from} to ${range.to}: nothing was left out unsaid`
    : "integrity, not completeness: single rows are carried";
}

function resultOf(report: Report, options: VerifyOptions): Pick<Verdict, "result" | "exitCode"> {
  if (report.anyFailed) return { result: "failed", exitCode: 1 };
  return options.trust ? { result: "passed", exitCode: 0 } : { result: "consistent, not authenticated", exitCode: 3 };
}

/**
 * Checks a bundle. Faults are in the verdict; it throws only CannotRun, and what the source throws when it cannot be read.
 */
export async function verifyBundle(
  source: BundleSource,
  options: VerifyOptions,
  progress: (progress: Progress) => void = () => undefined,
): Promise<Verdict> {
  const report = new Report();
  const found: Found = { lost: [] };
  const opened = closing(source);
  try {
    await runChecks(opened.source, { report, options, progress }, found);
  } finally {
    await opened.close();
  }
  return verdictOf(report, options, found, source);
}

/** The verdict on what could not even be opened as a bundle. */
export function unopened(label: string, failure: CheckFailure, options: VerifyOptions): Verdict {
  const report = new Report();
  report.caught(failure);
  skipFrom(report, 2, "the container cannot be opened");
  const source = { label, container: "zip", encrypted: false } as BundleSource;
  return verdictOf(report, options, { lost: [] }, source);
}

function verdictOf(report: Report, options: VerifyOptions, found: Found, source: BundleSource): Verdict {
  const { label, container, encrypted } = source;
  const { trust } = options;
  const { run, sealed, contents } = found;
  const main = sealed?.main.checkpoint;
  return {
    format: verdictFormat,
    ...resultOf(report, options),
    bundle: { label, container, encrypted, tagManifestSha256: run?.bag.hashes.get(tagManifestName) ?? null },
    tenant: run?.bag.scope.tenant ?? null,
    appliance: main?.appliance ?? null,
    checkpoint: main
      ? {
          epoch: main.epoch,
          size: main.size,
          root: toHex(main.root),
          sealed: main.sealed,
          key: sealed?.signedBy ?? null,
        }
      : null,
    completeness: run && !report.anyFailed ? completenessOf(run) : null,
    signer: found.signer ?? null,
    trust: trust
      ? { appliance: trust.appliance, ed25519: trust.ed25519.map(toBase64), cmsSha256: trust.cmsSha256 }
      : null,
    checks: report.results(),
    counts: contents?.counts ?? null,
    tombstones: contents
      ? { total: contents.tombstones, discretionary: contents.discretionary, undecided: contents.undecided }
      : null,
    lostRows: found.lost,
  };
}
