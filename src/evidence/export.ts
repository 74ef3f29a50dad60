import { setTimeout as sleep } from "node:timers/promises";
import type { Principal, TenantTx } from "../audit/index.ts";
import type { Keyring } from "../keys/index.ts";
import type { ObjectStore } from "../objects/index.ts";
import type { Clock } from "../platform/clock.ts";
import type { Pool } from "../platform/db.ts";
import type { Trust } from "../record/scope.ts";
import type { Verdict } from "../verifier/index.ts";
import { finishBag } from "./bag.ts";
import { checkBundle } from "./check.ts";
import type { CmsSigner } from "./cms.ts";
import { collect } from "./collect.ts";
import { type DeliveredFile, openTarget, type Packed, removeUnfinished, type Target } from "./deliver.ts";
import { readImageList } from "./image-list.ts";
import { createImageReader } from "./image-reader.ts";
import { packBag } from "./pack.ts";
import { type Frame, frameOf, notSealed, type Plan, planBundle, stillStands } from "./plan.ts";
import { makingOf, type Prepared, readPrepared, savePrepared } from "./prepared.ts";
import type { BundleRequest } from "./schema.ts";
import { withSnapshot } from "./snapshot.ts";
import { selectTenantName } from "./store-snapshot.ts";
import { closeWorkplace, keptWorkplace, newWorkplace, type Workplace } from "./workplace.ts";

export type ExporterDeps = {
  pool: Pool;
  keyring: Keyring;
  objects: ObjectStore;
  signer: CmsSigner;
  /** The appliance and every Ed25519 key that its checkpoints were signed with. */
  trust: Trust;
  /** Asks the sealer for a checkpoint over all rows of the chain; resolves when it tried. */
  seal(tenantId: string): Promise<void>;
  clock: Clock;
};

export type ExportPhase = "rows" | "images" | "verify" | "deliver";
export type ExportProgress = { phase: ExportPhase; done: number; total: number };
export type ExportOptions = {
  signal?: AbortSignal;
  onProgress?(progress: ExportProgress): void;
  /** An earlier attempt came so far that this one goes on with it. */
  onResumed?(): void;
  /** After a failure leaves for the next attempt what a killed one leaves anyway. */
  keepWork?: boolean;
};

export type BundleResult = {
  files: DeliveredFile[];
  verdict: Verdict;
  events: number;
  images: number;
  /** HMACs of the subjects that it discloses. */
  subjects: Buffer[];
  checkpointSize: number;
};

export type Asked = { principal: Principal; request: BundleRequest; target: Target; directory: string };

/**
 * Makes a bundle, verifies it, and only then puts it where it is wanted: complete under its name, or not there at all.
 * `directory` is the export's own working directory, removed at the end. When an attempt is killed, the next one with the
 * same directory and target goes on with what is packed, unless something was erased since. Content on disk is sealed, under
 * a key that the tenant's key wraps. Uses two connections of the pool.
 */
export async function exportBundle(
  deps: ExporterDeps,
  asked: Asked,
  options: ExportOptions = {},
): Promise<BundleResult> {
  const running: Running = { ...asked, workplace: undefined };
  try {
    const { packed, prepared } =
      (await resumeBundle(deps, running, options)) ?? (await beginBundle(deps, running, options));
    const watch = { signal: options.signal, onProgress: progressOf("verify", options) };
    const verdict = await checkBundle(packed, deps.trust, watch);
    const files = await publish(packed, prepared.images.totalBytes, options);
    await closeWorkplace(running.workplace!);
    const { events, images, subjects, frame } = prepared;
    return { files, verdict, events, images: images.count, subjects, checkpointSize: frame.checkpoint.size };
  } catch (error) {
    if (running.workplace) {
      await closeWorkplace(running.workplace, { keep: options.keepWork });
      if (!options.keepWork) await removeUnfinished(asked.target, running.workplace);
    }
    throw error;
  }
}

type Running = Asked & { workplace: Workplace | undefined };
type Made = { packed: Packed[]; prepared: Prepared };

const makingFor = (deps: ExporterDeps, { principal, request, target }: Asked): string =>
  makingOf(principal.tenantId, request, {
    trust: deps.trust,
    signer: deps.signer.fingerprint,
    partBytes: target.partBytes,
  });

/** Undefined when there is nothing to go on with. */
async function resumeBundle(deps: ExporterDeps, running: Running, options: ExportOptions): Promise<Made | undefined> {
  const { principal, directory } = running;
  const workplace = await keptWorkplace(deps, principal, directory);
  const prepared = workplace && (await readPrepared(workplace, makingFor(deps, running)));
  if (!prepared) return undefined;
  running.workplace = workplace;
  // A snapshot again, for its locks: as long as nothing was erased, it shows what the first one showed.
  return withSnapshot(deps.pool, principal, prepared.plan.received, async (tx) => {
    if (!(await stillStands(tx, prepared.frame))) return undefined;
    options.onResumed?.();
    return { packed: await packPrepared(deps, running, prepared, options), prepared };
  });
}

async function beginBundle(deps: ExporterDeps, running: Running, options: ExportOptions): Promise<Made> {
  const { principal, request, target, directory } = running;
  const plan = await planBundle(deps.pool, principal, request);
  const workplace = await newWorkplace(deps, principal, directory);
  running.workplace = workplace;
  await removeUnfinished(target, workplace);
  return withSealedSnapshot(deps, principal, plan, async (tx, frame) => {
    const prepared = await prepareBundle(deps, { tx, workplace, request, plan, frame }, options);
    await savePrepared(workplace, prepared, makingFor(deps, running));
    return { packed: await packPrepared(deps, running, prepared, options), prepared };
  });
}

const sealAttempts = 20;

/** Asks the sealer until a snapshot shows a checkpoint over everything in scope and every tombstone that the snapshot shows. */
async function withSealedSnapshot<T>(
  deps: ExporterDeps,
  principal: Principal,
  plan: Plan,
  work: (tx: TenantTx, frame: Frame) => Promise<T>,
): Promise<T> {
  for (let attempt = 0; attempt < sealAttempts; attempt++) {
    if (attempt > 0) await sleep(Math.min(100 * 2 ** attempt, 2000));
    await deps.seal(principal.tenantId);
    const outcome = await withSnapshot(deps.pool, principal, plan.received, async (tx) => {
      const frame = await frameOf(tx, plan);
      return frame && { value: await work(tx, frame) };
    });
    if (outcome) return outcome.value;
  }
  throw notSealed(principal.tenantId);
}

type Making = { tx: TenantTx; workplace: Workplace; request: BundleRequest; plan: Plan; frame: Frame };

async function prepareBundle(deps: ExporterDeps, making: Making, options: ExportOptions): Promise<Prepared> {
  const { tx, workplace, request, plan, frame } = making;
  const watch = { signal: options.signal, onProgress: progressOf("rows", options) };
  const collected = await collect(tx, workplace, making, watch);
  const tenant = { id: tx.principal.tenantId, name: await selectTenantName(tx) };
  const madeAt = deps.clock();
  const { parts, images, events, subjects } = collected;
  return {
    plan,
    frame,
    files: finishBag({ collected, request, plan, frame, tenant, trust: deps.trust, madeAt }, deps.signer),
    parts,
    images: { count: images.names.size, totalBytes: images.totalBytes, list: () => readImageList(workplace) },
    events: events.events,
    subjects: [...subjects].map((hex) => Buffer.from(hex, "hex")),
  };
}

async function packPrepared(
  deps: ExporterDeps,
  { principal, target, workplace }: Running,
  prepared: Prepared,
  options: ExportOptions,
): Promise<Packed[]> {
  const output = await openTarget(target, workplace!);
  try {
    const watch = { signal: options.signal, onProgress: progressOf("images", options) };
    await packBag(output, prepared, createImageReader(deps, principal), watch);
    return await output.finish();
  } catch (error) {
    await output.abandon();
    throw error;
  }
}

async function publish(packed: Packed[], total: number, options: ExportOptions): Promise<DeliveredFile[]> {
  const report = progressOf("deliver", options);
  let done = 0;
  const watch = {
    signal: options.signal,
    onBytes(bytes: number) {
      done += bytes;
      report(done, Math.max(total, done));
    },
  };
  const files = [];
  for (const each of packed) files.push(await each.publish(watch));
  return files;
}

function progressOf(phase: ExportPhase, { onProgress }: ExportOptions): (done: number, total: number) => void {
  return (done, total) => onProgress?.({ phase, done, total });
}
