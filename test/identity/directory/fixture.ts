import assert from "node:assert/strict";
import { type TenantTx, verifyChain, withTenant } from "../../../src/audit/index.ts";
import type { MappingRule } from "../../../src/identity/directory/mapping.ts";
import type { Access, IdentityDeps } from "../../../src/identity/index.ts";
import { subjectHasher } from "../../../src/keys/index.ts";
import type { Pool } from "../../../src/platform/db.ts";
import type { TestDatabase } from "../../support/postgres.ts";
import { type SeedDeps, type SeededTenant, seedDeps, seedTenant } from "../../support/seed.ts";

export type World = {
  database: TestDatabase;
  pool: Pool;
  seed: SeedDeps;
  deps: IdentityDeps;
  tenant: SeededTenant;
  /** As the sign-in does it: the appliance's own hand, all sites. */
  signingIn<T>(work: (tx: TenantTx) => Promise<T>, tenant?: SeededTenant): Promise<T>;
  /** As an administrator with everything. */
  administering<T>(work: (tx: TenantTx) => Promise<T>): Promise<T>;
  /** Actions in the tenant's chain, oldest first. */
  actions(): Promise<string[]>;
  /** The content of the newest unit of an action. */
  unit(action: string): Promise<Record<string, unknown>>;
};

export async function makeWorld(database: TestDatabase): Promise<World> {
  const pool = database.pool("app");
  const seed = seedDeps(pool, "unused");
  const tenant = await seedTenant(seed);
  const deps: IdentityDeps = {
    hashSubject: subjectHasher(seed.keyring),
  };
  return {
    database,
    pool,
    seed,
    deps,
    tenant,
    signingIn: (work, of = tenant) =>
      withTenant(
        pool,
        {
          tenantId: of.tenantId,
          actor: { type: "system", id: "sign-in" },
          via: "ldap",
          correlation: crypto.randomUUID(),
          sites: "all",
        },
        work,
      ),
    administering: (work) => withTenant(pool, tenant.principal, work),
    async actions() {
      const { rows } = await database.superuser.query<{ action: string }>(
        "select action from ledger.rows where tenant_id = $1 order by seq",
        [tenant.tenantId],
      );
      return rows.map(({ action }) => action);
    },
    async unit(action) {
      const { rows } = await database.superuser.query<{ content: string }>(
        `select o.content from ledger.openings o join ledger.rows r using (tenant_id, seq)
          where tenant_id = $1 and action = $2 order by seq desc limit 1`,
        [tenant.tenantId, action],
      );
      return JSON.parse(rows[0]!.content);
    },
  };
}

/** Fails unless every row of the tenant's chain verifies. */
export async function verify({ pool, tenant }: World): Promise<void> {
  const sealed = { appliance: crypto.randomUUID(), publicKeys: [], witnessDirectories: [] };
  const report = await verifyChain(pool, tenant.tenantId, sealed);
  assert.ok(report.ok, JSON.stringify(report.faults));
}

export const rule = (fields: Partial<MappingRule> & Pick<MappingRule, "value">): MappingRule => ({
  kind: "ldap",
  issuer: null,
  builtinRole: null,
  roleId: null,
  groupId: null,
  siteIds: null,
  ...fields,
});

export const shown = (access: Access): Record<string, unknown> => Object.fromEntries(access);
