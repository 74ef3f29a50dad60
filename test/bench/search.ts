// Search on many events under row policies: p95 a kind of question. BENCH_EVENTS=1000000 for a quicker run (10,000,000).
// BENCH_PLANS=1 prints the plans of four of them too (docs/console.md).
import { randomBytes, randomUUID } from "node:crypto";
import type pg from "pg";
import { openChain, type Principal, systemPrincipal, type TenantTx, withTenant } from "../../src/audit/index.ts";
import { searchEvents } from "../../src/events/index.ts";
import { createKeyring, createMasterKey, createTenantKeys, subjectHash } from "../../src/keys/index.ts";
import { createPool, withTransaction } from "../../src/platform/db.ts";
import { stopPostgres, testDatabase } from "../support/postgres.ts";

const total = Number(process.env.BENCH_EVENTS ?? 10_000_000);
const rounds = Number(process.env.BENCH_ROUNDS ?? 200);
const days = 30;
const siteCount = 20;
const kinds = 40;
const subjects = 100_000;

const database = await testDatabase();
const pool = await createPool({ ...database.section, poolSize: 4 }, "app");
const master = createMasterKey(randomBytes(32));
const keyring = createKeyring(master);
const tenants = [randomUUID(), randomUUID()];
const siteIds = Array.from({ length: siteCount }, () => randomUUID());
const pick = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)]!;

try {
  for (const tenantId of tenants) {
    await withTransaction(pool, (tx) => openChain(tx, tenantId, "Bench", randomUUID()));
    await withTenant(pool, systemPrincipal(tenantId, "bench", "cli"), (tx) => createTenantKeys(tx, master));
  }
  await fill();
  await measure();
  if (process.env.BENCH_PLANS) await explain();
} finally {
  await pool.end();
  await database.stop();
  await stopPostgres();
}

// Straight into the partitions as a superuser: no trigger, no policy, since only reading is measured here.
async function fill(): Promise<void> {
  const client = await database.superuser.connect();
  try {
    await client.query("set synchronous_commit = off; set maintenance_work_mem = '512MB'; set timezone = 'UTC'");
    await client.query("select app.make_partitions(current_date - $1::int, current_date + 1)", [days]);
    await client.query("insert into sites (tenant_id, site_id, name) select $1, s, 'Site' from unnest($2::uuid[]) s", [
      tenants[0],
      siteIds,
    ]);
    const indexKey = await withTenant(pool, systemPrincipal(tenants[0]!, "bench", "cli"), (tx) => keyring.indexKey(tx));
    await client.query("create temporary table subject_pool (n int primary key, hash bytea)");
    for (let from = 0; from < subjects; from += 20_000) {
      const hashes = Array.from({ length: 20_000 }, (_, n) => subjectHash(indexKey, `plate:P${from + n}`));
      await client.query(
        "insert into subject_pool select $1 + ord - 1, h from unnest($2::bytea[]) with ordinality t(h, ord)",
        [from, hashes],
      );
    }
    for (let day = days; day >= 1; day--) {
      await fillDay(client, day, Math.ceil(total / days));
      process.stderr.write(`\rfilling: day ${days - day + 1} of ${days}`);
    }
    process.stderr.write("\n");
    await client.query("analyze events; analyze event_subjects; analyze site_days");
  } finally {
    client.release();
  }
}

async function fillDay(client: pg.PoolClient, ago: number, events: number): Promise<void> {
  const { rows } = await client.query("select to_char(current_date - $1::int, 'YYYYMMDD') as name", [ago]);
  const { name } = rows[0];
  await client.query("begin");
  await client.query(
    `create temporary table fresh on commit drop as
     select received, (lpad(to_hex((extract(epoch from received) * 1000)::bigint), 12, '0') || '7' || substr(h, 1, 3) || '8' || substr(h, 5, 15))::uuid as event_id,
            sites[1 + floor(random() * cardinality(sites))::int] as site_id, n, h
       from (select n, current_date - $1::int + make_interval(secs => floor(86400.0 * 1000 * n / $2 / 500) * 500 / 1000) as received,
                    md5(random()::text || n) as h from generate_series(0, $2::int - 1) n) g, (select $3::uuid[] as sites) s`,
    [ago, events, siteIds],
  );
  // One event in eleven is another tenant's.
  await client.query(
    `insert into events_${name} (tenant_id, site_id, received, event_id, batch_id, index, source_type, source_id, kind, occurred, body, body_salt)
     select case when n % 11 = 0 then $2::uuid else $1::uuid end, site_id, received, event_id, $3::uuid, n % 500, 'device', site_id, 'kind.' || (('x' || substr(h, 20, 4))::bit(16)::int % ${kinds}),
            received - interval '2 s', '{"plate":"' || h || '","gate":' || n || ',"direction":"in","speed":17.25,"note":"regular passage"}', decode(h || h, 'hex')
       from fresh`,
    [tenants[0], tenants[1], randomUUID()],
  );
  await client.query(
    `insert into event_subjects_${name} (tenant_id, site_id, subject, received, event_id)
     select $1::uuid, f.site_id, p.hash, f.received, f.event_id
       from fresh f join subject_pool p on p.n = ('x' || substr(f.h, 24, 7))::bit(28)::int % ${subjects} where f.n % 11 <> 0 and f.n % 3 = 0`,
    [tenants[0]],
  );
  await client.query(
    "insert into event_keys (tenant_id, event_id, source_id, received) select $1, event_id, site_id, received from fresh where n % 5000 = 1",
    [tenants[0]],
  );
  await client.query(
    "insert into site_days (tenant_id, site_id, day, events) select $1, site_id, current_date - $2::int, count(*) from fresh group by site_id",
    [tenants[0], ago],
  );
  await client.query("commit");
}

async function measure(): Promise<void> {
  const hashSubject = async (tx: TenantTx, subject: string): Promise<Buffer> =>
    subjectHash(await keyring.indexKey(tx), subject);
  const deps = { pool, hashSubject };
  const owner: Principal = systemPrincipal(tenants[0]!, "bench", "api");
  const clerk: Principal = { ...owner, sites: siteIds.slice(0, 3) };
  const at = (): string => new Date(Date.now() - Math.random() * days * 86_400_000).toISOString().replace("Z", "000Z");
  const hour = (from: string): string => new Date(Date.parse(from) + 3_600_000).toISOString().replace("Z", "000Z");
  const limit = 50;
  const questions: Record<string, () => Promise<unknown>> = {
    "newest of all sites": () => searchEvents(deps, owner, { limit }),
    "newest of my three sites": () => searchEvents(deps, clerk, { limit }),
    "site and hour": () => {
      const from = at();
      return searchEvents(deps, owner, { siteIds: [pick(siteIds)], from, to: hour(from), limit });
    },
    "site before a time": () => searchEvents(deps, owner, { siteIds: [pick(siteIds)], to: at(), limit }),
    "kind, all sites": () =>
      searchEvents(deps, owner, { kind: `kind.${Math.floor(Math.random() * kinds)}`, to: at(), limit }),
    "kind at a site": () =>
      searchEvents(deps, owner, {
        kind: `kind.${Math.floor(Math.random() * kinds)}`,
        siteIds: [pick(siteIds)],
        to: at(),
        limit,
      }),
    "kind, my three sites": () =>
      searchEvents(deps, clerk, { kind: `kind.${Math.floor(Math.random() * kinds)}`, limit }),
    subject: () => searchEvents(deps, owner, { subject: `plate:p ${Math.floor(Math.random() * subjects)}`, limit }),
    "subject, my three sites": () =>
      searchEvents(deps, clerk, { subject: `plate:p ${Math.floor(Math.random() * subjects)}`, limit }),
    "tenth page": async () => {
      let after: string | undefined;
      for (let page = 0; page < 9; page++)
        after = (await searchEvents(deps, owner, { siteIds: [siteIds[0]!], after, limit })).next ?? undefined;
      return timed(() => searchEvents(deps, owner, { siteIds: [siteIds[0]!], after, limit }));
    },
    "text, 2 s of looking": () => searchEvents(deps, owner, { text: "no such words", limit }),
  };
  console.log(`search, ${total.toLocaleString("en")} events over ${days} days, ${rounds} questions each (ms)`);
  for (const [name, ask] of Object.entries(questions)) {
    const times: number[] = [];
    const most = name.startsWith("text") ? 3 : rounds;
    for (let n = 0; n < most; n++) {
      const began = performance.now();
      const inner = await ask();
      times.push(typeof inner === "number" ? inner : performance.now() - began);
    }
    const sorted = times.sort((a, b) => a - b);
    const rank = (share: number): string =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!.toFixed(1).padStart(8);
    console.log(`${name.padEnd(28)} p50 ${rank(0.5)}  p95 ${rank(0.95)}  max ${rank(1)}`);
  }
}

/** Each statement on events that a question asks, explained in the transaction that asks it, under the same row policies. */
async function explain(): Promise<void> {
  const hashSubject = async (tx: TenantTx, subject: string): Promise<Buffer> =>
    subjectHash(await keyring.indexKey(tx), subject);
  const owner: Principal = systemPrincipal(tenants[0]!, "bench", "api");
  const noon = new Date(Math.floor(Date.now() / 86_400_000 - days / 2) * 86_400_000 + 43_200_000).toISOString();
  const [from, to] = [noon, new Date(Date.parse(noon) + 3_600_000).toISOString()].map((at) => at.replace("Z", "000Z"));
  // Of its own: a connection is prepared once, by whoever has it.
  const plain = await createPool({ ...database.section, poolSize: 1 }, "app");
  const deps = { pool: explaining(plain), hashSubject };
  const questions = {
    "site and hour": { siteIds: [siteIds[0]!], from: from!, to: to! },
    "kind, before a time": { kind: "kind.7", to: to! },
    subject: { subject: "plate:p 4711" },
  };
  for (const [name, question] of Object.entries(questions)) {
    console.log(`\n${name}`);
    await searchEvents(deps, owner, { ...question, limit: 50 });
  }
  await plain.end();
}

function explaining(real: pg.Pool): pg.Pool {
  const known = new WeakMap<pg.PoolClient, pg.PoolClient>();
  const explained = (client: pg.PoolClient): pg.PoolClient =>
    overriding(client, {
      query: async (text: string, values?: unknown[]) => {
        if (typeof text === "string" && /\b(?:events|event_subjects)\b/.test(text)) {
          const { rows } = await client.query(`explain (analyze, buffers, costs off) ${text}`, values);
          console.log(rows.map((row) => row["QUERY PLAN"]).join("\n"));
        }
        return client.query(text, values);
      },
    });
  return overriding(real, {
    connect: async () => {
      const client = await real.connect();
      const made = known.get(client) ?? explained(client);
      known.set(client, made);
      return made;
    },
  });
}

function overriding<T extends object>(target: T, own: object): T {
  return new Proxy(target, {
    get(real, name) {
      if (name in own) return own[name as keyof typeof own];
      const value = Reflect.get(real, name);
      return typeof value === "function" ? value.bind(real) : value;
    },
  });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
