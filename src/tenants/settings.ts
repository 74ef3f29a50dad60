import { appendRow, type Principal, readTenant, type TenantTx, withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { forbidden, invalid, notFound } from "../platform/errors.ts";
import { selectTenant, selectUsage, type Tenant, type Usage, updateTenant } from "./store.ts";

export type TenantChange = Partial<Omit<Tenant, "tenantId" | "slug" | "createdAt">>;

export async function getTenant(pool: Pool, principal: Principal): Promise<Tenant> {
  return readTenant(pool, principal, requireTenant);
}

export async function requireTenant(tx: TenantTx): Promise<Tenant> {
  const tenant = await selectTenant(tx);
  if (!tenant) throw notFound("tenant");
  return tenant;
}

/** Changes settings of the whole tenant; a principal limited to sites may not. */
export async function changeTenant(pool: Pool, principal: Principal, change: TenantChange): Promise<Tenant> {
  if (principal.sites !== "all") throw forbidden("tenant settings need access to all sites");
  if (Object.keys(change).length === 0) throw invalid("nothing to change", { expected: "at least one setting" });
  return withTenant(pool, principal, async (tx) => {
    const before = await requireTenant(tx);
    const after = { ...before, ...change };
    await updateTenant(tx, after);
    await appendRow(tx, {
      action: "tenant.changed",
      entity: { type: "tenant", id: before.tenantId },
      units: [{ name: "change", content: JSON.stringify({ before, after }) }],
    });
    return after;
  });
}

/** Events, bytes and exports per UTC day, newest first. */
export async function tenantUsage(pool: Pool, principal: Principal, days: number): Promise<Usage[]> {
  return withTenant(pool, principal, (tx) => selectUsage(tx, days));
}
