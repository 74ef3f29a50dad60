import { appendRow, openChain, type Principal, systemPrincipal, type TenantTx, withTenant } from "../audit/index.ts";
import { isUniqueViolation, type Pool, withTransaction } from "../platform/db.ts";
import { conflict, notFound } from "../platform/errors.ts";
import {
  appendToAppliance,
  callOpenAppliance,
  isAppliance,
  type OperatedTenant,
  selectApplianceTenant,
  selectOperated,
  selectOverview,
  selectTasks,
  type TenantOverview,
  updateOperated,
} from "./store-appliance.ts";

/**
 * The operator's tenant: no sites, no content; its chain is the appliance's, and what the operator does to a tenant stands in both.
 * Made once, by whoever is on the box.
 */
export async function ensureApplianceTenant(pool: Pool, prepare: (tx: TenantTx) => Promise<void>): Promise<string> {
  const found = await selectApplianceTenant(pool);
  if (found) return found;
  const principal = systemPrincipal(crypto.randomUUID(), "appliance", "cli");
  await withTransaction(pool, async (tx) => {
    await callOpenAppliance(tx, principal);
    await prepare({ ...tx, principal });
  });
  return principal.tenantId;
}

/** Names and counts of every tenant; never content. */
export async function listTenants(pool: Pool, principal: Principal): Promise<TenantOverview[]> {
  return asOperator(pool, principal, selectOverview);
}

export async function getTenantOverview(pool: Pool, principal: Principal, tenantId: string): Promise<TenantOverview> {
  const found = (await listTenants(pool, principal)).find((each) => each.tenantId === tenantId);
  if (!found) throw notFound("tenant");
  return found;
}

/** Makes a tenant with what it is never without (its keys). In both chains. */
export async function makeTenant(
  pool: Pool,
  operator: Principal,
  name: string,
  prepare: (tx: TenantTx) => Promise<void>,
): Promise<TenantOverview> {
  await asOperator(pool, operator, async () => {});
  const principal = inTenant(operator, crypto.randomUUID());
  await withTransaction(pool, async (raw) => {
    await openChain(raw, principal.tenantId, name, principal.correlation);
    const tx = { ...raw, principal };
    await prepare(tx);
    await inBothChains(tx, "tenant-created", { name });
  });
  return getTenantOverview(pool, operator, principal.tenantId);
}

export type OperatedChange = { name?: string | undefined; slug?: string | undefined; closed?: boolean | undefined };

/** Renames a tenant, closes it (its people are out with their next request; what is due is still erased) or opens it again. */
export async function operateTenant(
  pool: Pool,
  operator: Principal,
  { tenantId, ...change }: OperatedChange & { tenantId: string },
): Promise<TenantOverview> {
  await asOperator(pool, operator, async () => {});
  await withTenant(pool, inTenant(operator, tenantId), async (tx) => {
    const before = await selectOperated(tx);
    if (!before) throw notFound("tenant");
    const after = { ...before, ...given(change) };
    if (JSON.stringify(after) === JSON.stringify(before)) return;
    await updateOperated(tx, after).catch(nameTaken);
    const action = after.closed === before.closed ? "tenant-changed" : after.closed ? "tenant-closed" : "tenant-opened";
    await inBothChains(tx, action, { before, after });
  });
  return getTenantOverview(pool, operator, tenantId);
}

export type ApplianceCounts = { tenants: number; tasks: { state: string; tasks: number; overdue: number }[] };

/** How many tenants there are, and their work by state. @throws AppError `not-found` for whoever is not the operator. */
export async function applianceCounts(pool: Pool, principal: Principal): Promise<ApplianceCounts> {
  return asOperator(pool, principal, async (tx) => ({
    tenants: (await selectOverview(tx)).length,
    tasks: await selectTasks(tx),
  }));
}

/** The permission alone is not enough: whatever key or role names it, it counts in the operator's tenant alone. */
async function asOperator<T>(pool: Pool, principal: Principal, work: (tx: TenantTx) => Promise<T>): Promise<T> {
  return withTenant(pool, principal, async (tx) => {
    if (!(await isAppliance(tx))) throw notFound("appliance");
    return work(tx);
  });
}

/** The operator's hand in a tenant. What the request uses up belongs to the operator's own chain. */
const inTenant = ({ actor, via, correlation }: Principal, tenantId: string): Principal => ({
  ...{ tenantId, actor, via, correlation, sites: "all" },
});

// The tenant's row first: nobody locks the appliance's chain before another.
async function inBothChains(tx: TenantTx, action: string, detail: object): Promise<void> {
  const content = JSON.stringify(detail);
  const entity = { type: "tenant", id: tx.principal.tenantId };
  await appendRow(tx, { action: `operator.${action}`, entity, units: [{ name: "detail", content }] });
  await appendToAppliance(tx, { action: `appliance.${action}`, entity, content });
}

const given = (change: OperatedChange): Partial<OperatedTenant> =>
  Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));

function nameTaken(error: unknown): never {
  if (!isUniqueViolation(error)) throw error;
  throw conflict("this name in addresses is taken", { expected: "one that no other tenant has" });
}
