import { asTx, type Pool, withConnection } from "../platform/db.ts";
import { beforeWork } from "./conditions.ts";
import { bindStatement, prepareStatements } from "./store.ts";
import type { Principal, TenantTx } from "./with-tenant.ts";

/**
 * Begins a READ COMMITTED transaction bound to the principal's tenant and sites, in one message; `work` commits it. When the
 * binding or the work fails, all is rolled back.
 */
export async function inTenantSession<T>(
  pool: Pool,
  principal: Principal,
  work: (tx: TenantTx) => Promise<T>,
): Promise<T> {
  return withConnection(pool, async (client) => {
    await prepareStatements(client);
    // Of a message whose binding fails nothing is kept: no work runs unbound.
    await client.query(`begin isolation level read committed; ${bindStatement(principal)}`);
    const tx = { ...asTx(client), principal };
    await beforeWork(tx);
    return work(tx);
  });
}
