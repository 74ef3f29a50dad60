import { asTx, inOneWrite, type Pool, withConnection } from "../platform/db.ts";
import { beforeWork } from "./conditions.ts";
import { bindStatement, prepareStatements } from "./store.ts";
import type { Principal, TenantTx } from "./with-tenant.ts";

/**
 * Begins a READ COMMITTED transaction bound to the principal's tenant and sites; `work` commits it. When the binding or the work
 * fails, all is rolled back.
 */
export async function inTenantSession<T>(
  pool: Pool,
  principal: Principal,
  work: (tx: TenantTx) => Promise<T>,
): Promise<T> {
  return withConnection(pool, async (client) => {
    await prepareStatements(client);
    // The work's first statement goes out behind it without waiting. It cannot run unbound: when the binding fails, so has the
    // transaction that it began, and every statement in it fails too.
    inOneWrite(client);
    const bound = client.query(`begin isolation level read committed; ${bindStatement(principal)}`);
    bound.catch(() => {});
    try {
      const tx = { ...asTx(client), principal };
      await beforeWork(tx);
      return await work(tx);
    } catch (error) {
      await bound;
      throw error;
    }
  });
}
