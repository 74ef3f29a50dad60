import type { Principal, TenantTx } from "../audit/index.ts";
import type { Queryable, Tx } from "../platform/db.ts";

/** A tenant as the operator sees it: names and counts. Use is of the last 30 days. */
export type TenantOverview = {
  tenantId: string;
  name: string;
  slug: string;
  createdAt: string;
  closedAt: string | null;
  sites: number;
  devices: number;
  people: number;
  events: number;
  bytes: number;
  exports: number;
};

export async function selectApplianceTenant(db: Queryable): Promise<string | undefined> {
  const { rows } = await db.query<{ tenantId: string | null }>(`select app.appliance_tenant() as "tenantId"`);
  return rows[0]?.tenantId ?? undefined;
}

export async function isAppliance(tx: TenantTx): Promise<boolean> {
  const { rows } = await tx.query<{ is: boolean }>(
    `select is_appliance as is from tenants where tenant_id = app.tenant()`,
  );
  return rows[0]?.is === true;
}

export async function callOpenAppliance(tx: Tx, { tenantId, correlation }: Principal): Promise<void> {
  await tx.query("select ledger.open_appliance($1::uuid, $2::uuid)", [tenantId, correlation]);
}

/** Empty for whoever is not bound to the operator's tenant: the function itself asks. */
export async function selectOverview(tx: TenantTx): Promise<TenantOverview[]> {
  const { rows } = await tx.query<TenantOverview>(
    `select tenant_id as "tenantId", name, slug, ledger.timestamp_text(created_at) as "createdAt",
            ledger.timestamp_text(closed_at) as "closedAt", sites, devices, people, events, bytes, exports
       from app.tenant_overview()`,
  );
  return rows;
}

export async function selectTasks(tx: TenantTx): Promise<{ state: string; tasks: number; overdue: number }[]> {
  const { rows } = await tx.query<{ state: string; tasks: number; overdue: number }>(
    "select state, tasks, overdue from app.appliance_tasks()",
  );
  return rows;
}

export type OperatedTenant = { name: string; slug: string; closed: boolean };

/** The bound tenant, locked; undefined when there is none, or it is the operator's own. */
export async function selectOperated(tx: TenantTx): Promise<OperatedTenant | undefined> {
  const { rows } = await tx.query<OperatedTenant>(
    `select name, slug, closed_at is not null as closed from tenants
      where tenant_id = app.tenant() and not is_appliance for update`,
  );
  return rows[0];
}

export async function updateOperated(tx: TenantTx, { name, slug, closed }: OperatedTenant): Promise<void> {
  await tx.query(
    `update tenants
        set name = $1::text, slug = $2::text,
            closed_at = case when $3::boolean then coalesce(closed_at, clock_timestamp()) end
      where tenant_id = app.tenant()`,
    [name, slug, closed],
  );
}

/** In the appliance's chain, from a transaction bound to a tenant. */
export async function appendToAppliance(
  tx: TenantTx,
  { action, entity, content }: { action: string; entity: { type: string; id: string }; content: string },
): Promise<void> {
  const { actor, via, correlation } = tx.principal;
  await tx.query(
    "select ledger.append_to_appliance($1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::uuid, $8::text)",
    [actor.type, actor.id, via, action, entity.type, entity.id, correlation, content],
  );
}
