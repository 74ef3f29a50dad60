import { randomBytes } from "node:crypto";
import { openChain, type Principal, type TenantTx, withTenant } from "../../src/audit/index.ts";
import {
  createKeyring,
  createMasterKey,
  createTenantKeys,
  type Keyring,
  type MasterKey,
} from "../../src/keys/index.ts";
import { createDirectoryStore, type ObjectStore } from "../../src/objects/index.ts";
import { type Pool, withTransaction } from "../../src/platform/db.ts";

export { type SeedEvent, type SeededBatch, seedBatch } from "./seed-batch.ts";

// Puts real events and images into a test database: through the same SQL functions as ingest, so that every chain verifies.

export type SeedDeps = { pool: Pool; master: MasterKey; masterSecret: Buffer; keyring: Keyring; objects: ObjectStore };

export function seedDeps(pool: Pool, objectsDirectory: string, masterSecret = randomBytes(32)): SeedDeps {
  const master = createMasterKey(masterSecret);
  return {
    pool,
    master,
    masterSecret,
    keyring: createKeyring(master),
    objects: createDirectoryStore(objectsDirectory),
  };
}

export type SeededTenant = {
  tenantId: string;
  sites: { siteId: string; name: string; deviceId: string }[];
  /** An API key with all sites, through the API. */
  principal: Principal;
};

/** A tenant with keys and sites, each with its first policy and one device. */
export async function seedTenant(
  deps: SeedDeps,
  { name = "Müller & Söhne AG", sites = ["Werk Nord", "Werk Süd"], timeZone = "Europe/Zurich" } = {},
): Promise<SeededTenant> {
  const tenantId = crypto.randomUUID();
  await withTransaction(deps.pool, async (tx) => {
    await tx.query("select app.make_partitions((now() - interval '2 days')::date, (now() + interval '2 days')::date)");
    await openChain(tx, tenantId, name, crypto.randomUUID());
  });
  const actor = { type: "api-key", id: crypto.randomUUID() } as const;
  const principal: Principal = { tenantId, actor, via: "api", correlation: crypto.randomUUID(), sites: "all" };
  await withTenant(deps.pool, principal, (tx) => createTenantKeys(tx, deps.master));
  const seeded = [];
  for (const siteName of sites) {
    seeded.push({
      name: siteName,
      ...(await withTenant(deps.pool, principal, (tx) => seedSite(tx, siteName, timeZone))),
    });
  }
  return { tenantId, sites: seeded, principal };
}

async function seedSite(tx: TenantTx, name: string, timeZone: string): Promise<{ siteId: string; deviceId: string }> {
  const { tenantId, actor, via, correlation } = tx.principal;
  const siteId = crypto.randomUUID();
  const deviceId = crypto.randomUUID();
  await tx.query(
    "insert into sites (tenant_id, site_id, name, time_zone) values ($1::uuid, $2::uuid, $3::text, $4::text)",
    [tenantId, siteId, name, timeZone],
  );
  await tx.query(
    "insert into devices (tenant_id, site_id, device_id, name) values ($1::uuid, $2::uuid, $3::uuid, $4::text)",
    [tenantId, siteId, deviceId, `Gate of ${name}`],
  );
  await tx.query("select ledger.set_policy($1::uuid, 30, 90, $2::text, $3::text, $4::text, $5::uuid, $6::text)", [
    siteId,
    actor.type,
    actor.id,
    via,
    correlation,
    JSON.stringify({ after: { imageDays: 30, eventDays: 90 } }),
  ]);
  return { siteId, deviceId };
}
