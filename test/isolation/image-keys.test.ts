import { equal, rejects } from "node:assert/strict";
import { appendRow, type TenantTx, withTenant } from "../../src/audit/index.ts";
import { createPool, type Pool, withTransaction } from "../../src/platform/db.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";
import { type SeededTenant, seedBatch, seedDeps, seedTenant } from "../support/seed.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";

describe("an image's key", () => {
  let database: TestDatabase;
  let pool: Pool;
  let directory: string;
  let tenant: SeededTenant;

  before(async () => {
    database = await testDatabase();
    directory = await temporaryDirectory("image-keys");
    pool = await createPool({ ...database.section, poolSize: 4 }, "app");
    const deps = seedDeps(pool, directory);
    tenant = await seedTenant(deps);
    const { siteId, deviceId } = tenant.sites[0]!;
    const bytes = Buffer.concat([Buffer.from("ffd8ffe0", "hex"), Buffer.alloc(1000, 7)]);
    await seedBatch(deps, tenant.principal, [{ siteId, deviceId, images: [{ bytes, type: "image/jpeg" }] }]);
  });

  after(async () => {
    await pool?.end();
    await database?.stop();
    if (directory) await removeDirectory(directory);
  });

  const attack = (set: string) =>
    withTenant(pool, tenant.principal, async (tx: TenantTx) => {
      const { rowCount } = await tx.query(`update images set ${set}`);
      await appendRow(tx, { action: "image.stored", entity: { type: "image", id: "any" } });
      return rowCount;
    });

  it("cannot be removed or replaced by the application's role, ledger row or not", async () => {
    await rejects(attack("wrapped_key = null"), /is written once/);
    await rejects(attack("wrapped_key = '\\x00'"), /is written once/);
    await rejects(attack("key_version = 7"), /is written once/);
    equal(await attack("has_thumbnail = true"), 1, "what is not the key may change");
  });

  it("is gone at once, without a tombstone, when the guard is taken away", async () => {
    await withTransaction(database.superuser, async (tx) => {
      await tx.query("alter table images disable trigger key_once");
    });
    equal(await attack("wrapped_key = null"), 1);
  });
});
