import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { appendRow, type Principal, systemPrincipal, withTenant } from "../../src/audit/index.ts";
import type { Pool, Tx } from "../../src/platform/db.ts";
import { createPool } from "../../src/platform/db.ts";
import { createTenant } from "../../src/tenants/index.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";

const transactions = 300;
const atOnce = 24;
/** Fewer connections than transactions at once, so that each connection goes from tenant to tenant. */
const connections = 4;

type Work = (tx: Tx, principal: Principal) => Promise<void>;
type Bind = (pool: Pool, principal: Principal, work: (tx: Tx) => Promise<void>) => Promise<void>;

/** What a transaction saw that its principal may not see. */
type Sighting = { principal: Principal; what: string };

describe("isolation: tenants interleaved on pooled connections", () => {
  let database: TestDatabase;
  let pool: Pool;
  let principals: Principal[];
  before(async () => {
    database = await testDatabase();
    pool = await createPool(database.section, "app", { max: connections });
    principals = [];
    for (const name of ["Alder", "Birch"]) {
      const tenantId = await createTenant(pool, name, async () => {});
      const all = systemPrincipal(tenantId, "appliance", "api");
      const sites = [randomUUID(), randomUUID()];
      await withTenant(pool, all, async (tx) => {
        for (const site of sites) await insertSite(tx, all, site);
        await appendRow(tx, { action: "site.created", entity: { type: "site", id: sites[0]! } });
      });
      principals.push(all, { ...all, sites: [sites[0]!] }, { ...all, sites: [sites[1]!] });
    }
  });
  after(async () => {
    await pool.end();
    await database.stop();
  });

  async function insertSite(tx: Tx, principal: Principal, site: string): Promise<void> {
    await tx.query("insert into sites (tenant_id, site_id, name) values ($1, $2, $3)", [
      principal.tenantId,
      site,
      principal.tenantId,
    ]);
  }

  async function insertDevice(tx: Tx, principal: Principal): Promise<void> {
    const { rows } = await tx.query<{ site: string }>(
      "select site_id as site from sites where tenant_id = $1 order by random() limit 1",
      [principal.tenantId],
    );
    await tx.query("insert into devices (tenant_id, site_id, name) values ($1, $2, $3)", [
      principal.tenantId,
      rows[0]?.site,
      principal.tenantId,
    ]);
    await appendRow(
      { ...tx, principal },
      { action: "device.registered", entity: { type: "device", id: randomUUID() } },
    );
  }

  /** What is visible now and belongs to another tenant, or to a site outside the principal's. */
  async function look(tx: Pick<Tx, "query">, principal: Principal | undefined): Promise<string[]> {
    const sites = principal && principal.sites !== "all" ? [...principal.sites] : null;
    const { rows } = await tx.query<{ what: string; n: number }>(
      `select what, count(*)::int as n
         from (select 'site' as what, tenant_id, site_id from sites
               union all select 'device', tenant_id, site_id from devices
               union all select 'row', tenant_id, null from ledger.rows
               union all select 'tenant', tenant_id, null from tenants) seen
        where tenant_id is distinct from $1::uuid or (site_id is not null and site_id <> all(coalesce($2::uuid[], array[site_id])))
        group by what`,
      [principal?.tenantId ?? null, sites],
    );
    return rows.map((row) => `${row.n} of ${row.what}`);
  }

  /** Many transactions at once, of all principals in turn: some read, some write, some fail half-way. */
  async function interleave(
    bind: Bind,
    extra: Work = async () => {},
  ): Promise<{ seen: Sighting[]; written: Map<string, number> }> {
    const seen: Sighting[] = [];
    const written = new Map<string, number>();
    let next = 0;
    const worker = async () => {
      for (let n = next++; n < transactions; n = next++) {
        const principal = principals[(n * 7) % principals.length]!;
        const fails = n % 5 === 0;
        await bind(pool, principal, async (tx) => {
          const before = await look(tx, principal);
          await insertDevice(tx, principal);
          await extra(tx, principal);
          const after = await look(tx, principal);
          seen.push(...[...before, ...after].map((what) => ({ principal, what })));
          if (fails) throw new Error("fails half-way");
        }).catch((error: Error) => assert.equal(error.message, "fails half-way"));
        if (!fails) written.set(principal.tenantId, (written.get(principal.tenantId) ?? 0) + 1);
        // Between transactions the same connections are used without a binding.
        const unbound = await look(pool as never, undefined);
        seen.push(...unbound.map((what) => ({ principal, what: `unbound: ${what}` })));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return { seen, written };
  }

  it("nobody sees another's rows, and what is written is there once, with its ledger row, in its own tenant", async () => {
    const { seen, written } = await interleave(withTenant);
    assert.deepEqual(seen, []);
    const { rows } = await database.superuser.query<{ tenant: string; devices: number; rows: number; wrong: number }>(
      `select t.tenant_id as tenant,
              (select count(*)::int from devices d where d.tenant_id = t.tenant_id) as devices,
              (select count(*)::int from devices d where d.tenant_id = t.tenant_id and d.name <> t.tenant_id::text) as wrong,
              (select count(*)::int from ledger.rows r where r.tenant_id = t.tenant_id and r.action = 'device.registered') as rows
         from tenants t`,
    );
    assert.equal(rows.length, 2);
    for (const { tenant, devices, rows: appended, wrong } of rows) {
      assert.equal(devices, written.get(tenant), "one device for each commit");
      assert.equal(appended, devices, "one ledger row for each device");
      assert.equal(wrong, 0, "none written for the other");
    }
  });

  it("each connection served both tenants", async () => {
    const used = new Map<number, Set<string>>();
    await interleave(withTenant, async (tx, principal) => {
      const { rows } = await tx.query<{ pid: number }>("select pg_backend_pid() as pid");
      const tenants = used.get(rows[0]!.pid) ?? new Set();
      used.set(rows[0]!.pid, tenants.add(principal.tenantId));
    });
    assert.equal(used.size, connections);
    for (const tenants of used.values()) assert.equal(tenants.size, 2);
  });

  it("a binding that outlives its transaction would be seen here", async () => {
    // The attack on a careless withTenant: bound with SET for the session instead of for the transaction.
    const forSession: Bind = async (from, principal, work) => {
      const client = await from.connect();
      try {
        await client.query(`set app.tenant = '${principal.tenantId}'; set app.all_sites = 'on'`);
        await client.query("begin");
        await work({ raw: client, query: (sql: string, params?: unknown[]) => client.query(sql, params) } as never);
        await client.query("commit");
      } catch (error) {
        await client.query("rollback");
        throw error;
      } finally {
        client.release();
      }
    };
    const { seen } = await interleave(forSession);
    assert.ok(
      seen.some(({ what }) => what.startsWith("unbound: ")),
      "the leak shows",
    );
    for (const client of await Promise.all(Array.from({ length: connections }, () => pool.connect())))
      client.release(true);
  });
});
