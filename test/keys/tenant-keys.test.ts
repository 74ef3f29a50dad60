import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { withTenant } from "../../src/audit/index.ts";
import {
  checkMasterKey,
  createKeyring,
  createMasterKey,
  createTenantKeys,
  type MasterKey,
  rotateDataKey,
  sealedVersion,
} from "../../src/keys/index.ts";
import type { Pool } from "../../src/platform/db.ts";
import { AppError } from "../../src/platform/errors.ts";
import { appPool, newTenant, type Tenant } from "../devices/fixture.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";

const isCode = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;

describe("keys: tenants' keys in the database", () => {
  let database: TestDatabase;
  let pool: Pool;
  let one: Tenant;
  let two: Tenant;
  let master: MasterKey;

  before(async () => {
    database = await testDatabase();
    pool = await appPool(database);
    master = createMasterKey(randomBytes(32));
    one = await newTenant(pool);
    two = await newTenant(pool);
    for (const tenant of [one, two]) await withTenant(pool, tenant.principal, (tx) => createTenantKeys(tx, master));
  });
  after(async () => {
    await pool?.end();
    await database?.stop();
  });

  it("what one tenant sealed, another cannot open; before and after a rotation each opens its own", async () => {
    const keyring = createKeyring(master);
    const sealed = await withTenant(pool, one.principal, (tx) =>
      keyring.seal(tx, "dead-letter 1", Buffer.from("hello")),
    );
    const open = (tenant: Tenant, ring = keyring) =>
      withTenant(pool, tenant.principal, (tx) => ring.unseal(tx, "dead-letter 1", sealed));
    assert.equal((await open(one)).toString(), "hello");
    await assert.rejects(open(two), isCode("sealed-broken"));

    assert.equal(await withTenant(pool, one.principal, (tx) => rotateDataKey(tx, master)), 2);
    keyring.forget(one.tenantId);
    const later = await withTenant(pool, one.principal, (tx) =>
      keyring.seal(tx, "dead-letter 2", Buffer.from("later")),
    );
    assert.deepEqual([sealedVersion(sealed), sealedVersion(later)], [1, 2]);
    assert.equal((await open(one)).toString(), "hello");
    assert.equal((await open(one, createKeyring(master))).toString(), "hello");
  });

  it("another process's rotation is seen after a while, and old versions never expire from use", async () => {
    let now = 0;
    const keyring = createKeyring(master, { freshMs: 1000, clock: () => now });
    const version = () => withTenant(pool, two.principal, async (tx) => (await keyring.dataKey(tx)).version);
    assert.equal(await version(), 1);
    await withTenant(pool, two.principal, (tx) => rotateDataKey(tx, master));
    assert.equal(await version(), 1);
    now = 1001;
    assert.equal(await version(), 2);
  });

  it("a wrapped key moved to another tenant, or wrapped by another master key, does not unwrap", async () => {
    const keyring = createKeyring(master);
    const read = (tenant: Tenant) => withTenant(pool, tenant.principal, (tx) => keyring.indexKey(tx));
    await database.superuser.query(
      `update tenant_keys t set wrapped = (select wrapped from tenant_keys where tenant_id = $1 and purpose = 'index')
        where tenant_id = $2 and purpose = 'index'`,
      [one.tenantId, two.tenantId],
    );
    await read(one);
    await assert.rejects(read(two), isCode("master-key-wrong"));
  });

  it("a start with a foreign master key is refused, naming both fingerprints and the remedy", async () => {
    await checkMasterKey(pool, master);
    const foreign = createMasterKey(randomBytes(32));
    await assert.rejects(checkMasterKey(pool, foreign), (error: AppError) => {
      assert.equal(error.code, "master-key-wrong");
      assert.ok(error.found?.includes(foreign.fingerprint));
      assert.ok(error.expected?.includes(master.fingerprint));
      assert.match(`${error.remedy}`, /keys\.masterKeyFile/);
      return true;
    });
  });
});
