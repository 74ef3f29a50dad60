import { randomBytes } from "node:crypto";
import { type TenantTx, withTenant } from "../../src/audit/index.ts";
import { withTransaction } from "../../src/platform/db.ts";
import { callCompactDay, callEraseSiteDay, callTruncateDay } from "../../src/retention/store-erasing.ts";
import { stopPostgres, type TestDatabase, testDatabase } from "../support/postgres.ts";
import { type SeededTenant, seedDeps, seedTenant } from "../support/seed.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";

// Purges of a whole day: uniform (everything due: truncation) and mixed (one of two sites due: delete and compaction), with the
// tombstones, against the bare statements on a bare table of the same rows. `node test/bench/purge.ts [events]`
const wanted = Number(process.argv[2] ?? 5_000_000);
const small = 50_000;
const print = (name: string, value: string) => process.stdout.write(`${name.padEnd(66)} ${value.padStart(22)}\n`);

async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; value: T }> {
  const begun = performance.now();
  const value = await work();
  return { ms: performance.now() - begun, value };
}

/** Rows of a day straight into its partitions, in batches of 500. Leaves and roots are noise: nothing here verifies. */
async function plantDay(
  database: TestDatabase,
  day: string,
  parts: { tenant: SeededTenant; site: number; events: number }[],
): Promise<void> {
  const suffix = day.replaceAll("-", "");
  await database.pool("app").query("select app.make_partitions($1::date, $1::date)", [day]);
  for (const [place, { tenant, site, events }] of parts.entries()) {
    const params = [tenant.tenantId, tenant.sites[site]!.siteId, day, events, tenant.sites[site]!.deviceId];
    const at = `(($3 || ' 00:00:00+00')::timestamptz + make_interval(secs => 1 + b * 86000.0 / ($4::int / 500) + ${place} * 0.001))`;
    const batch = `(md5($2::text || $3 || b)::uuid)`;
    await database.superuser.query(
      `insert into batches_${suffix} select $1::uuid, ${at}, ${batch}, b * 10 + ${place} + 1, '\\x${"00".repeat(32)}', sha256(b::text::bytea),
              'received x' || chr(10) || 'site ' || $2::uuid || ' 500 ' || encode(sha256(b::text::bytea), 'hex') || chr(10)
         from generate_series(0, $4::int / 500 - 1) b where $5::uuid is not null`,
      params,
    );
    await database.superuser.query(
      `insert into batch_sites_${suffix} select $1::uuid, $2::uuid, ${at}, ${batch}, 500, sha256(b::text::bytea), decode(repeat(md5(b::text), 1000), 'hex'), 500
         from generate_series(0, $4::int / 500 - 1) b where $5::uuid is not null`,
      params,
    );
    await database.superuser.query(
      `insert into events_${suffix} (tenant_id, site_id, received, event_id, batch_id, index, source_type, source_id, kind, occurred, body, body_salt)
       select $1::uuid, $2::uuid, ${at}, md5(b || ' ' || i)::uuid, ${batch}, i, 'device', $5::uuid, 'gate.passage', ${at},
              '{"plate":"' || md5(i::text) || '","lane":3,"direction":"in","confidence":0.98}', sha256((b * 500 + i)::text::bytea)
         from generate_series(0, $4::int / 500 - 1) b, generate_series(0, 499) i`,
      params,
    );
    await database.superuser.query(
      `insert into event_subjects_${suffix} select tenant_id, site_id, sha256(event_id::text::bytea), received, event_id
         from events_${suffix} where tenant_id = $1 and site_id = $2 and index % 10 = 0`,
      params.slice(0, 2),
    );
    await withTenant(database.pool("app"), tenant.principal, (tx) =>
      tx.query(
        "insert into site_days (tenant_id, site_id, day, events, bytes) values ($1, $2, $3, $4, $4::bigint * 90)",
        params.slice(0, 4),
      ),
    );
  }
  await database.superuser.query(`analyze events_${suffix}, batches_${suffix}, batch_sites_${suffix}`);
  await database.superuser.query("checkpoint");
}

/** One ingest transaction as the worker's: 500 events, their leaves, the day's count, the ledger row. */
async function ingestBatch(database: TestDatabase, tenant: SeededTenant): Promise<void> {
  const { siteId, deviceId } = tenant.sites[0]!;
  const batchId = crypto.randomUUID();
  await withTenant(database.pool("app"), tenant.principal, async (tx: TenantTx) => {
    const { rows } = await tx.query<{ now: string }>("select clock_timestamp()::text as now");
    await tx.query(
      `insert into events (tenant_id, site_id, received, event_id, batch_id, index, source_type, source_id, kind, occurred, body, body_salt)
       select $1, $2, $3::timestamptz, gen_random_uuid(), $4, i, 'device', $5, 'gate.passage', $3::timestamptz, '{"lane":3}', $6 from generate_series(0, 499) i`,
      [tenant.tenantId, siteId, rows[0]!.now, batchId, deviceId, randomBytes(32)],
    );
    await tx.query(
      "insert into batch_sites (tenant_id, site_id, received, batch_id, events, root, leaves, remaining) values ($1, $2, $3, $4, 500, $5, $6, 500)",
      [tenant.tenantId, siteId, rows[0]!.now, batchId, randomBytes(32), randomBytes(16_000)],
    );
    await tx.query(
      `insert into site_days (tenant_id, site_id, day, events) values ($1, $2, ledger.utc_day($3::timestamptz), 500)
       on conflict (tenant_id, site_id, day) do update set events = site_days.events + 500`,
      [tenant.tenantId, siteId, rows[0]!.now],
    );
    await tx.query(
      "select ledger.record_batch($1, $2, $3, $4, $5, 'device', $6, 'mqtt', gen_random_uuid(), null, null)",
      [batchId, rows[0]!.now, [siteId], [500], [randomBytes(32)], deviceId],
    );
  });
}

/** Ingest at a steady pace while `work` runs, and two seconds on either side. */
async function whileIngesting<T>(database: TestDatabase, tenant: SeededTenant, work: () => Promise<T>) {
  const latencies: number[] = [];
  let stop = false;
  const loop = (async () => {
    while (!stop) {
      const { ms } = await timed(() => ingestBatch(database, tenant));
      latencies.push(ms);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, 50 - ms)));
    }
  })();
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const done = await timed(work);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  stop = true;
  await loop;
  latencies.sort((a, b) => a - b);
  return { ...done, p99: latencies[Math.floor(latencies.length * 0.99)]!, max: latencies.at(-1)! };
}

async function bareTable(database: TestDatabase, name: string, from: string): Promise<void> {
  await database.superuser.query(`create table ${name} as select * from ${from}`);
  const { rows } = await database.superuser.query("select indexdef from pg_indexes where tablename = $1", [from]);
  for (const { indexdef } of rows) {
    await database.superuser.query((indexdef as string).replace(/INDEX \S+ ON (ONLY )?\S+/, `INDEX ON ${name}`));
  }
  await database.superuser.query(`analyze ${name}`);
  await database.superuser.query("checkpoint");
}

const size = async (database: TestDatabase, table: string) => {
  const { rows } = await database.superuser.query("select pg_total_relation_size($1::regclass)::float8 as bytes", [
    table,
  ]);
  return rows[0].bytes as number;
};
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
const seconds = (ms: number) => (ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`);

async function uniform(database: TestDatabase, tenants: SeededTenant[], day: string, events: number): Promise<void> {
  const [a, b] = tenants as [SeededTenant, SeededTenant];
  const share = Math.floor(events / 2000) * 500;
  await plantDay(
    database,
    day,
    [a, b].flatMap((tenant) => [0, 1].map((site) => ({ tenant, site, events: share }))),
  );
  const suffix = day.replaceAll("-", "");
  await bareTable(database, `bare_${suffix}`, `events_${suffix}`);
  const bare = await timed(() => database.superuser.query(`truncate bare_${suffix}`));
  const purge = await whileIngesting(database, a, () =>
    withTransaction(database.pool("executor"), (tx) => callTruncateDay(tx, day, crypto.randomUUID())),
  );
  if (purge.value.outcome !== "erased") throw new Error(`found ${purge.value.outcome}, expected erased`);
  print(`uniform ${events} events, 2 tenants × 2 sites, with tombstones`, seconds(purge.ms));
  print("  bare truncate of the same rows", seconds(bare.ms));
  print("  ingest of 500 meanwhile, p99 / worst", `${seconds(purge.p99)} / ${seconds(purge.max)}`);
  await database.superuser.query(`drop table bare_${suffix}`);
}

async function mixed(database: TestDatabase, tenants: SeededTenant[], day: string, events: number): Promise<void> {
  const [a, keeper] = [tenants[0]!, tenants[2]!];
  const due = Math.floor((events * 0.6) / 500) * 500;
  const kept = Math.floor((events * 0.4) / 500) * 500;
  await plantDay(database, day, [
    { tenant: a, site: 0, events: due },
    { tenant: keeper, site: 0, events: kept },
  ]);
  const suffix = day.replaceAll("-", "");
  await bareTable(database, `bare_${suffix}`, `events_${suffix}`);
  const before = await size(database, `events_${suffix}`);
  const bareDelete = await timed(() =>
    database.superuser.query(`delete from bare_${suffix} where tenant_id = $1`, [a.tenantId]),
  );
  const bareVacuum = await timed(() => database.superuser.query(`vacuum full bare_${suffix}`));
  const survivors = await size(database, `bare_${suffix}`);
  await database.superuser.query(`drop table bare_${suffix}`);
  const purge = await whileIngesting(database, a, async () => {
    const erased = await timed(() =>
      withTenant(database.pool("executor"), a.principal, (tx) => callEraseSiteDay(tx, a.sites[0]!.siteId, day)),
    );
    if (erased.value.outcome !== "erased") throw new Error(`found ${erased.value.outcome}, expected erased`);
    const compacted = await timed(() => callCompactDay(database.pool("executor"), day));
    return { erased, compacted };
  });
  const { erased, compacted } = purge.value;
  const after = await size(database, `events_${suffix}`);
  print(`mixed ${events} events, ${due} of them due, with tombstone`, seconds(erased.ms));
  print("  rows a second", `${Math.round((due / erased.ms) * 1000)}`);
  print("  bare delete of the same rows", `${Math.round((due / bareDelete.ms) * 1000)} rows/s`);
  print("  ratio to bare", `${((bareDelete.ms / erased.ms) * 100).toFixed(0)} %`);
  print(
    `  compaction (${compacted.value.outcome}) / bare vacuum full`,
    `${seconds(compacted.ms)} / ${seconds(bareVacuum.ms)}`,
  );
  print("  rows a second, delete and compaction together", `${Math.round((due / (erased.ms + compacted.ms)) * 1000)}`);
  print(
    "  events table before → after, survivors alone",
    `${megabytes(before)} → ${megabytes(after)}, ${megabytes(survivors)}`,
  );
  print("  above the survivors'", `${((after / survivors - 1) * 100).toFixed(1)} %`);
  print("  ingest of 500 meanwhile, p99 / worst", `${seconds(purge.p99)} / ${seconds(purge.max)}`);
}

const directory = await temporaryDirectory("bench-purge");
const database = await testDatabase();
try {
  // Planting writes gigabytes: without this it mostly checkpoints.
  await database.superuser.query("alter system set max_wal_size = '16GB'");
  await database.superuser.query("select pg_reload_conf()");
  const seeds = seedDeps(database.pool("app"), directory);
  const tenants = [];
  for (let n = 0; n < 3; n++) tenants.push(await seedTenant(seeds));
  const keeper = tenants[2]!;
  for (const { siteId } of keeper.sites) {
    await withTenant(database.pool("app"), keeper.principal, (tx) =>
      tx.query("select ledger.set_policy($1, 30, 3650, 'system', 'bench', 'cli', gen_random_uuid(), null)", [siteId]),
    );
  }
  const { rows } = await database.superuser.query(
    "select array(select ((now() at time zone 'UTC')::date - 100 - n)::text from generate_series(0, 2) n) as days",
  );
  const [one, two, three] = rows[0].days as [string, string, string];
  await uniform(database, tenants, one, small);
  await uniform(database, tenants, two, wanted);
  await mixed(database, tenants, three, wanted);
} finally {
  await database.stop();
  await stopPostgres();
  await removeDirectory(directory);
}
