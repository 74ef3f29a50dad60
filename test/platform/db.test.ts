import { equal, rejects } from "node:assert/strict";
import { appendRow, withTenant } from "../../src/audit/index.ts";
import { createPool, type Pool, type Tx, withTransaction } from "../../src/platform/db.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";
import { type SeededTenant, seedDeps, seedTenant } from "../support/seed.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";

describe("a transaction whose work swallows a database error", () => {
  let database: TestDatabase;
  let pool: Pool;
  let directory: string;
  let tenant: SeededTenant;

  before(async () => {
    database = await testDatabase();
    directory = await temporaryDirectory("transactions");
    pool = await createPool({ ...database.section, poolSize: 2 }, "app");
    tenant = await seedTenant(seedDeps(pool, directory));
  });

  after(async () => {
    await pool?.end();
    await database?.stop();
    if (directory) await removeDirectory(directory);
  });

  const swallow = (tx: Tx) => tx.query("select 1 / 0").catch(() => undefined);

  it("is told that nothing is committed", async () => {
    await rejects(withTransaction(pool, swallow), /nothing is committed: found ROLLBACK/);
    const renamed = withTenant(pool, tenant.principal, async (tx) => {
      await tx.query("update tenants set name = 'lost'");
      await appendRow(tx, { action: "tenant.changed", entity: { type: "tenant", id: tenant.tenantId } });
      await swallow(tx);
    });
    await rejects(renamed, /nothing is committed: found ROLLBACK/);
    const { rows } = await database.superuser.query("select from tenants where name = 'lost'");
    equal(rows.length, 0);
  });

  it("leaves the connection fit for the next", async () => {
    equal(await withTransaction(pool, async (tx) => (await tx.query("select 1 as one")).rows.length), 1);
  });
});
