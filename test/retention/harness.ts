import { generateKeyPairSync } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  type SealDeps,
  sealChain,
  signerFromPem,
  systemPrincipal,
  verifyChain,
  withTenant,
} from "../../src/audit/index.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { parseReason, type Reason } from "../../src/record/control.ts";
import { namedHash, parseRow, rowHash } from "../../src/record/row.ts";
import { parseTombstoneList, type TombstoneLine, tombstoneCommit } from "../../src/record/tombstone.ts";
import { genesisHash } from "../../src/record/unit.ts";
import type { RetentionDeps } from "../../src/retention/deps.ts";
import { retentionHandlers } from "../../src/retention/jobs.ts";
import { planTenant } from "../../src/retention/plan.ts";
import { bindHandlers, findDueTasks, runTask, type TaskResult } from "../../src/tasks/index.ts";
import { quietNotices } from "../support/notices.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";
import { type SeedDeps, type SeedEvent, type SeededTenant, seedBatch, seedDeps, seedTenant } from "../support/seed.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";
import { type FakeClock, fakeClock } from "./clock.ts";

export type Estate = {
  database: TestDatabase;
  clock: FakeClock;
  seeds: SeedDeps;
  deps: RetentionDeps;
  directory: string;
  tenant(options?: { sites?: string[]; imageDays?: number; eventDays?: number }): Promise<SeededTenant>;
  /** Records one batch now; `site` is the index of the tenant's site. */
  record(tenant: SeededTenant, events: (Partial<SeedEvent> & { site?: number })[]): ReturnType<typeof seedBatch>;
  /** Lets days pass as they do on a running appliance: every chain sealed, forecasts kept. */
  live(days: number): Promise<void>;
  /** Plans and runs every task that is due, until none is left. Results by kind, in order. */
  work(tenant: SeededTenant): Promise<{ kind: string; result: TaskResult }[]>;
  /** Verifies a tenant's whole chain with everything that hangs on it, as the appliance does. Returns its tombstones. */
  verify(tenant: SeededTenant): Promise<Tombstone[]>;
  stop(): Promise<void>;
};

export async function startEstate(): Promise<Estate> {
  const database = await testDatabase();
  const clock = await fakeClock(database);
  const directory = await temporaryDirectory("retention");
  const seeds = seedDeps(database.pool("app"), join(directory, "objects"));
  await mkdir(join(directory, "journal"));
  const deps: RetentionDeps = {
    app: database.pool("app"),
    keyring: seeds.keyring,
    notices: quietNotices(seeds.keyring),
    executor: database.pool("executor"),
    objects: seeds.objects,
    journal: { directory: join(directory, "journal") },
    partitionDaysAhead: 3,
    proveRow: async () => undefined,
    log: createLogger("test", "silent"),
  };
  const signer = signerFromPem(
    generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  );
  const witness = join(directory, "witness");
  await mkdir(witness);
  let now = await clock.now();
  const seals: SealDeps = {
    pool: deps.app,
    log: deps.log,
    clock: () => now,
    appliance: crypto.randomUUID(),
    signers: [signer],
    witnessDirectories: [witness],
  };
  const tenants: SeededTenant[] = [];
  const today = await clock.today();
  await database.pool("app").query("select app.make_partitions($1::date - 2, $1::date + 45)", [today]);
  return {
    database,
    clock,
    seeds,
    deps,
    directory,
    async tenant({ sites = ["Nord", "Süd"], imageDays = 30, eventDays = 90 } = {}) {
      const tenant = await seedTenant(seeds, { sites });
      tenants.push(tenant);
      if (imageDays !== 30 || eventDays !== 90) {
        await database.superuser.query("update tenants set cooling_off_hours = 0 where tenant_id = $1", [
          tenant.tenantId,
        ]);
        for (const { siteId } of tenant.sites) {
          await withTenant(deps.app, tenant.principal, (tx) =>
            tx.query(
              "select ledger.set_policy($1, $2::int, $3::int, 'system', 'test', 'cli', gen_random_uuid(), null)",
              [siteId, imageDays, eventDays],
            ),
          );
        }
      }
      return tenant;
    },
    record: (tenant, events) =>
      seedBatch(
        seeds,
        tenant.principal,
        events.map(({ site = 0, ...event }) => ({ ...tenant.sites[site]!, ...event })),
      ),
    async live(days) {
      for (let half = 0; half < days * 2; half++) {
        await clock.advanceMs(43_200_000);
        now = await clock.now();
        for (const { tenantId } of tenants) {
          const outcome = await sealChain(seals, tenantId);
          if (!outcome.ok) throw new Error(`seal: found ${outcome.found}, expected ${outcome.expected}`);
        }
        for (const tenant of tenants) await planTenant(deps, tenant.tenantId);
      }
    },
    async work(tenant) {
      const handlers = bindHandlers(deps, retentionHandlers);
      const results: { kind: string; result: TaskResult }[] = [];
      await planTenant(deps, tenant.tenantId);
      for (let round = 0; round < 20; round++) {
        const due = (await findDueTasks(deps.app, 1000)).filter(
          (ref) => ref.tenantId === tenant.tenantId && handlers.has(ref.kind),
        );
        if (due.length === 0) break;
        for (const ref of due) {
          const outcome = await runTask(deps.app, ref, handlers);
          if (outcome.ran) results.push({ kind: ref.kind, result: outcome.result });
        }
      }
      return results;
    },
    async verify(tenant) {
      const { tenantId } = tenant;
      const report = await verifyChain(deps.app, tenantId, {
        appliance: seals.appliance,
        publicKeys: [signer.publicKey],
        witnessDirectories: [witness],
        events: true,
      });
      if (!report.ok) throw new Error(`chain ${tenantId}: ${JSON.stringify(report.faults)}`);
      return readChain(database, tenantId);
    },
    async stop() {
      await database.stop();
      await removeDirectory(directory);
    },
  };
}

export type Tombstone = { seq: number; at: string; list: TombstoneLine[]; reason: Reason };

/**
 * Reads a tenant's whole chain and checks it with the format's own code: links, hashes, pointers, every tombstone's commit
 * against its list. Returns the tombstones.
 */
async function readChain(database: TestDatabase, tenantId: string): Promise<Tombstone[]> {
  const tombstones: Tombstone[] = [];
  await withTenant(database.pool("app"), systemPrincipal(tenantId, "test", "cli"), async (tx) => {
    const { rows } = await tx.query<{ seq: number; lines: string; hash: Buffer }>(
      `select seq, row_hash as hash, ledger.row_lines(tenant_id, epoch, seq, prev, at, actor_type, actor_id, via, action, entity_type,
              entity_id, correlation, control, commits, units) as lines
         from ledger.rows where tenant_id = $1 order by seq`,
      [tenantId],
    );
    const units = await tx.query<{ seq: number; unit: string; content: string }>(
      "select seq, unit, content from ledger.openings where tenant_id = $1 and unit in ('list', 'reason')",
      [tenantId],
    );
    let previous = genesisHash(tenantId);
    let control = 0;
    for (const [index, row] of rows.entries()) {
      const parsed = parseRow(row.lines);
      if (parsed.seq !== index + 1 || parsed.prev !== previous || parsed.control !== control)
        throw new Error(`row ${row.seq} does not link`);
      previous = rowHash(row.lines);
      if (previous !== row.hash.toString("hex")) throw new Error(`row ${row.seq} has another hash`);
      if (parsed.action.startsWith("ledger.")) control = parsed.seq;
      if (parsed.action !== "ledger.erased") continue;
      const unit = (name: string) => units.rows.find((each) => each.seq === row.seq && each.unit === name)!.content;
      const list = unit("list");
      if (tombstoneCommit(list) !== namedHash(parsed.commits, "erased"))
        throw new Error(`tombstone ${row.seq} commits to another list`);
      tombstones.push({
        seq: row.seq,
        at: parsed.at,
        list: parseTombstoneList(list),
        reason: parseReason(unit("reason")),
      });
    }
  });
  return tombstones;
}

export async function count(database: TestDatabase, table: string, tenantId: string): Promise<number> {
  const { rows } = await database.superuser.query(`select count(*)::int as n from ${table} where tenant_id = $1`, [
    tenantId,
  ]);
  return rows[0].n as number;
}
