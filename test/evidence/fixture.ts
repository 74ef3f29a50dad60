import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Principal } from "../../src/audit/index.ts";
import { systemPrincipal, withTenant } from "../../src/audit/index.ts";
import { loadCmsSigner } from "../../src/evidence/cms.ts";
import type { Target } from "../../src/evidence/deliver.ts";
import { type BundleResult, type ExporterDeps, type ExportOptions, exportBundle } from "../../src/evidence/export.ts";
import type { BundleRequest } from "../../src/evidence/schema.ts";
import { createPool, type Pool } from "../../src/platform/db.ts";
import { signCheckpoint } from "../../src/record/checkpoint.ts";
import { type Ed25519Signer, ed25519Signer } from "../../src/record/ed25519.ts";
import { rootOfData } from "../../src/record/tree.ts";
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
): Promise<ExporterDeps> {
  const signer = await loadCmsSigner(join(directory, "cms.key"), join(directory, "cms.pem"));
  const key = ed25519Signer(checkpointSeed);
  const trust = { appliance, ed25519: [key.publicKey], cmsSha256: [signer.fingerprint] };
  const seal = (tenantId: string) => sealChain(pool, { tenantId, appliance, key });
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
  const exporter = await makeExporter(seed, { directory, appliance, checkpointSeed });
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
    path: (name) => join(directory, name),
    export(principal, request, target, options) {
      const whole = { ...everythingRequest, ...request };
      const work = join(directory, "work", String(++exports));
      return exportBundle(exporter, { principal, request: whole, target, directory: work }, options);
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

/** A checkpoint over every row that the chain has now; none when the newest one covers it. */
export async function sealChain(
  pool: Pool,
  { tenantId, appliance, key }: { tenantId: string; appliance: string; key: Ed25519Signer },
): Promise<void> {
  await withTenant(pool, systemPrincipal(tenantId, "sealer", "cron"), async (tx) => {
    const { rows } = await tx.query<{ hash: Buffer; now: string }>(
      `select row_hash as hash, ledger.timestamp_text(clock_timestamp()) as now from ledger.rows where tenant_id = $1::uuid order by seq`,
      [tenantId],
    );
    const size = rows.length;
    const root = rootOfData(rows.map((row) => row.hash));
    const sealed = rows.at(-1)!.now;
    const note = signCheckpoint({ appliance, tenant: tenantId, epoch: 1, size, root, sealed }, key);
    await tx.query(
      `insert into ledger.checkpoints (tenant_id, epoch, size, root, sealed_at, note)
       values ($1::uuid, 1, $2::bigint, $3::bytea, $4::timestamptz, $5::text) on conflict do nothing`,
      [tenantId, size, Buffer.from(root), sealed, note],
    );
  });
}
