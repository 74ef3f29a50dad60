import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Principal } from "../../src/audit/index.ts";
import { type SealDeps, sealChain } from "../../src/audit/index.ts";
import { loadCmsSigner } from "../../src/evidence/cms.ts";
import type { Target } from "../../src/evidence/deliver.ts";
import { type BundleResult, type ExporterDeps, type ExportOptions, exportBundle } from "../../src/evidence/export.ts";
import type { BundleRequest } from "../../src/evidence/schema.ts";
import type { Clock } from "../../src/platform/clock.ts";
import { createPool, type Pool } from "../../src/platform/db.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { ed25519Signer } from "../../src/record/ed25519.ts";
import {
  type AgeSecrets,
  openBundlePath,
  type Verdict,
  type VerifyOptions,
  verifyBundle,
} from "../../src/verifier/index.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";
import { run } from "../support/process.ts";
import { type SeedDeps, seedDeps } from "../support/seed.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";

export type Fixture = {
  database: TestDatabase;
  directory: string;
  seed: SeedDeps;
  exporter: ExporterDeps;
  /** Enough to make the same exporter in another process. */
  settings: Omit<ForkSettings, "principal" | "out">;
  export(
    principal: Principal,
    request: Partial<BundleRequest>,
    target: Target,
    options?: ExportOptions,
  ): Promise<BundleResult>;
  path(name: string): string;
  /** The sealer goes by a clock that is so far behind. */
  setBehind(ms: number): void;
  /** What the auditor's verifier says, with the appliance's keys from outside. */
  verify(path: string, secrets?: AgeSecrets, options?: VerifyOptions): Promise<Verdict>;
  /** The files of a ZIP or folder, as text. */
  read(path: string, name: string): Promise<string>;
  stop(): Promise<void>;
};

export const everything = {
  kind: "range",
  from: "2020-01-01T00:00:00.000000Z",
  to: "2100-01-01T00:00:00.000000Z",
} as const;

export const everythingRequest: BundleRequest = {
  scope: everything,
  sites: null,
  kinds: null,
  subjects: null,
  withholdUnits: [],
  withholdImages: false,
  previous: [],
};

async function makeExporter(
  { pool, keyring, objects }: SeedDeps,
  { directory, appliance, checkpointSeed }: { directory: string; appliance: string; checkpointSeed: Buffer },
  clock: Clock = Date.now,
): Promise<ExporterDeps> {
  const signer = await loadCmsSigner(join(directory, "cms.key"), join(directory, "cms.pem"));
  const key = ed25519Signer(checkpointSeed);
  const trust = { appliance, ed25519: [key.publicKey], cmsSha256: [signer.fingerprint] };
  const sealing: SealDeps = {
    pool,
    appliance,
    signers: [key],
    witnessDirectories: [join(directory, "witness")],
    log: createLogger("test", "silent"),
    clock,
  };
  const seal = async (tenantId: string) => {
    const outcome = await sealChain(sealing, tenantId);
    if (!outcome.ok) throw new Error(`not sealed: found ${outcome.found}, expected ${outcome.expected}`);
  };
  return { pool, keyring, objects, signer, trust, seal, clock: Date.now };
}

/** What another process needs to export from the same database: for tests that kill it, and for measuring its memory. */
export type ForkSettings = {
  section: TestDatabase["section"];
  directory: string;
  appliance: string;
  checkpointSeed: string;
  master: string;
  principal: Principal;
  out: string;
};

/** For kill-me.ts. A key goes as hex. */
export type KillSettings = ForkSettings & { phase: string; after: number; target: Target };

/** An export in a process of its own that is killed in a phase, when it has told its progress in it `after` times. */
export async function killExport(settings: KillSettings): Promise<void> {
  const text = JSON.stringify(settings, (key, value) =>
    key === "target" && value.key ? { ...value, key: value.key.toString("hex") } : value,
  );
  const child = fork(join(import.meta.dirname, "kill-me.ts"), { env: { ...process.env, KILL_ME: text } });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const reached = await Promise.race([new Promise((resolve) => child.once("message", resolve)), exited]);
  assert.equal(reached, settings.phase);
  child.kill("SIGKILL");
  await exited;
}

export async function forkedExporter(
  settings: ForkSettings,
): Promise<{ deps: ExporterDeps; principal: Principal; pool: Pool }> {
  const pool = await createPool(settings.section, "app", { max: 4 });
  const seed = seedDeps(pool, join(settings.directory, "objects"), Buffer.from(settings.master, "hex"));
  const checkpointSeed = Buffer.from(settings.checkpointSeed, "hex");
  const deps = await makeExporter(seed, { ...settings, checkpointSeed });
  return { deps, principal: settings.principal, pool };
}

/** An appliance without processes: database, object store, keys, and a sealer that seals when asked. */
export async function evidenceFixture(): Promise<Fixture> {
  const database = await testDatabase();
  const directory = await temporaryDirectory("evidence");
  await makeCertificate(directory);
  const seed = seedDeps(await createPool(database.section, "app", { max: 6 }), join(directory, "objects"));
  const { pool } = seed;
  const checkpointSeed = randomBytes(32);
  const appliance = crypto.randomUUID();
  let behindMs = 0;
  const exporter = await makeExporter(seed, { directory, appliance, checkpointSeed }, () => Date.now() - behindMs);
  let exports = 0;
  return {
    database,
    directory,
    seed,
    exporter,
    settings: {
      section: database.section,
      directory,
      appliance,
      checkpointSeed: checkpointSeed.toString("hex"),
      master: seed.masterSecret.toString("hex"),
    },
    setBehind(ms) {
      behindMs = ms;
    },
    path: (name) => join(directory, name),
    export(principal, request, target, options) {
      const whole = { ...everythingRequest, ...request };
      const work = join(directory, "work", String(++exports));
      return exportBundle(exporter, { principal, request: whole, target, directory: work }, options);
    },
    async verify(path, secrets = {}, options = {}) {
      const { source, close } = await openBundlePath(path, secrets);
      try {
        return await verifyBundle(source, { trust: exporter.trust, ...options });
      } finally {
        await close();
      }
    },
    async read(path, name) {
      const { source, close } = await openBundlePath(path);
      try {
        const chunks = [];
        for await (const chunk of source.open(name)) chunks.push(chunk);
        return Buffer.concat(chunks).toString("utf8");
      } finally {
        await close();
      }
    },
    async stop() {
      await pool.end();
      await database.stop();
      await removeDirectory(directory);
    },
  };
}

async function makeCertificate(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const args =
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout cms.key -out cms.pem -days 30 -subj /CN=Evidence";
  await run({ name: "openssl", command: "openssl", args: args.split(" "), cwd: directory });
}
