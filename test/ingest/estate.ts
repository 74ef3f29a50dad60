import { randomBytes, randomUUID } from "node:crypto";
import { appendRow, openChain, type Principal, systemPrincipal, withTenant } from "../../src/audit/index.ts";
import { makePartitions } from "../../src/ingest/store.ts";
import { createKeyring, createMasterKey, createTenantKeys, type Keyring } from "../../src/keys/index.ts";
import { createPool, type Pool, withTransaction } from "../../src/platform/db.ts";
import { makeUuidv7 } from "../../src/record/uuidv7.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";

export type Estate = {
  database: TestDatabase;
  pool: Pool;
  keyring: Keyring;
  /** Hex, for processes of their own. */
  masterKey: string;
  newTenant(): Promise<Tenant>;
  stop(): Promise<void>;
};

export type Tenant = {
  tenantId: string;
  siteId: string;
  otherSiteId: string;
  deviceId: string;
  principal: Principal;
  newDevice(options?: { siteId?: string; access?: "mtls" | "plain" }): Promise<string>;
};

export const newId = (ms = Date.now()): string => makeUuidv7(ms, randomBytes(10));

/** A database with key material and partitions, and a way to make tenants in it. */
export async function createEstate(): Promise<Estate> {
  const database = await testDatabase();
  const pool = await createPool({ ...database.section, poolSize: 10 }, "app");
  const secret = randomBytes(32);
  const master = createMasterKey(secret);
  await makePartitions(pool, 60);
  return {
    database,
    pool,
    keyring: createKeyring(master),
    masterKey: secret.toString("hex"),
    async newTenant() {
      const tenantId = randomUUID();
      await withTransaction(pool, (tx) => openChain(tx, tenantId, "Test tenant", randomUUID()));
      const principal = systemPrincipal(tenantId, "ingest", "mqtt");
      const site = async (): Promise<string> => {
        const siteId = randomUUID();
        await withTenant(pool, principal, async (tx) => {
          await tx.query("insert into sites (tenant_id, site_id, name) values ($1, $2, 'Yard')", [tenantId, siteId]);
          await appendRow(tx, { action: "site.created", entity: { type: "site", id: siteId } });
        });
        return siteId;
      };
      await withTenant(pool, principal, (tx) => createTenantKeys(tx, master));
      const siteId = await site();
      const otherSiteId = await site();
      const newDevice: Tenant["newDevice"] = async (options = {}) => {
        const deviceId = randomUUID();
        await withTenant(pool, principal, async (tx) => {
          await tx.query(
            "insert into devices (tenant_id, site_id, device_id, name, access) values ($1, $2, $3, 'Gate', $4)",
            [tenantId, options.siteId ?? siteId, deviceId, options.access ?? "mtls"],
          );
          await appendRow(tx, { action: "device.created", entity: { type: "device", id: deviceId } });
        });
        return deviceId;
      };
      return { tenantId, siteId, otherSiteId, deviceId: await newDevice(), principal, newDevice };
    },
    async stop() {
      await pool.end();
      await database.stop();
    },
  };
}
