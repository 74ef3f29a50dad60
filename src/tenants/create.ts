import { openChain, systemPrincipal, type TenantTx } from "../audit/index.ts";
import { type Pool, withTransaction } from "../platform/db.ts";
import { invalid } from "../platform/errors.ts";
import { appendToAppliance } from "./store-appliance.ts";

/**
 * Makes a tenant, opens its chain and lets `prepare` give it what it is never without (its keys), in one transaction.
 * Returns its id.
 */
export async function createTenant(
  pool: Pool,
  name: string,
  prepare: (tx: TenantTx) => Promise<void>,
): Promise<string> {
  const trimmed = name.trim();
  if (trimmed.length < 1 || trimmed.length > 200) {
    throw invalid("a tenant needs a name", { found: `${trimmed.length} characters`, expected: "1 to 200" });
  }
  const principal = systemPrincipal(crypto.randomUUID(), "appliance", "cli");
  await withTransaction(pool, async (tx) => {
    await openChain(tx, principal.tenantId, trimmed, principal.correlation);
    const bound = { ...tx, principal };
    await prepare(bound);
    const entity = { type: "tenant", id: principal.tenantId };
    const content = JSON.stringify({ name: trimmed });
    await appendToAppliance(bound, { action: "appliance.tenant-created", entity, content });
  });
  return principal.tenantId;
}
