import { asTx, type Pool } from "../platform/db.ts";
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
  const client = await pool.connect();
  let broken: Error | undefined;
  // An idle-in-transaction connection that dies emits here first; the next query then rejects.
  const onError = (error: Error): void => {
    broken = error;
  };
  client.on("error", onError);
  try {
    await prepareStatements(client);
    // Of a message whose binding fails nothing is kept: no work runs unbound.
    await client.query(`begin isolation level read committed; ${bindStatement(principal)}`);
    return await work({ ...asTx(client), principal });
  } catch (error) {
    await client.query("rollback").catch((rollbackError: Error) => {
      broken = rollbackError;
    });
    throw error;
  } finally {
    client.off("error", onError);
    client.release(broken);
  }
}
