import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
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
import { type DeliveredFile, openTarget, type Packed, type Target } from "./deliver.ts";
import { createImageReader } from "./image-reader.ts";
import { packBag } from "./pack.ts";
import { frameOf, notSealed, type Plan, planBundle } from "./plan.ts";
import type { BundleRequest } from "./schema.ts";
import { withSnapshot } from "./snapshot.ts";
import { selectTenantName } from "./store-snapshot.ts";
import { closeWorkplace, type Workplace } from "./text-part.ts";

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
export type ExportOptions = { signal?: AbortSignal; onProgress?(progress: ExportProgress): void };

export type BundleResult = {
  files: DeliveredFile[];
  verdict: Verdict;
  events: number;
  images: number;
  /** HMACs of the subjects that it discloses. */
  subjects: Buffer[];
  checkpointSize: number;
};

/**
 * Makes a bundle, verifies it, and only then puts it where it is wanted: complete under its name, or not there at all.
 * `directory` is the export's own working directory: what an earlier attempt left in it is removed first, and all of it at
 * the end. Content on disk is sealed under a key that dies with this call. Uses two connections of the pool.
 */
export async function exportBundle(
  deps: ExporterDeps,
  {
    principal,
    request,
    target,
    directory,
  }: { principal: Principal; request: BundleRequest; target: Target; directory: string },
  options: ExportOptions = {},
): Promise<BundleResult> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const workplace: Workplace = { directory, key: randomBytes(32), open: new Set() };
  try {
    const plan = await planBundle(deps.pool, principal, request);
    const made = await withSealedSnapshot(deps, principal, plan, (tx, frame) =>
      makeBundle(deps, { tx, workplace, request, plan, frame, target }, options),
    );
    const { packed, facts } = made;
    try {
      const watch = { signal: options.signal, onProgress: progressOf("verify", options) };
      const verdict = await checkBundle(packed, deps.trust, watch);
      return { ...facts, verdict, files: await publish(packed, facts.bytes, options) };
    } catch (error) {
      for (const each of packed) await each.remove();
      throw error;
    }
  } finally {
    await closeWorkplace(workplace);
  }
}

type Frame = NonNullable<Awaited<ReturnType<typeof frameOf>>>;
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

type Making = {
  tx: TenantTx;
  workplace: Workplace;
  request: BundleRequest;
  plan: Plan;
  frame: Frame;
  target: Target;
};

async function makeBundle(deps: ExporterDeps, making: Making, options: ExportOptions) {
  const { tx, workplace, request, plan, frame, target } = making;
  const { signal } = options;
  const collected = await collect(tx, workplace, making, { signal, onProgress: progressOf("rows", options) });
  const tenant = { id: tx.principal.tenantId, name: await selectTenantName(tx) };
  const madeAt = deps.clock();
  const files = finishBag({ collected, request, plan, frame, tenant, trust: deps.trust, madeAt }, deps.signer);
  const output = await openTarget(target, workplace);
  const readImage = createImageReader(deps, tx.principal);
  try {
    await packBag(output, { files, collected, readImage }, { signal, onProgress: progressOf("images", options) });
  } catch (error) {
    await output.abandon();
    throw error;
  }
  const facts = {
    events: collected.events.events,
    images: collected.images.names.size,
    subjects: [...collected.subjects].map((hex) => Buffer.from(hex, "hex")),
    checkpointSize: frame.checkpoint.size,
    bytes: collected.images.totalBytes,
  };
  return { packed: await output.finish(), facts };
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
