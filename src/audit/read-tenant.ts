import { commit, type Pool, type Tx } from "../platform/db.ts";
import { inTenantSession } from "./tenant-session.ts";
import type { Principal, TenantTx } from "./with-tenant.ts";

/**
 * One statement that only reads, bound as `withTenant` binds: begin, binding, statement and commit go out in one write and come back
 * together. `read` asks its statement before it waits for anything; another one would find the transaction gone, and throws.
 */
export async function readTenant<T>(pool: Pool, principal: Principal, read: (tx: TenantTx) => Promise<T>): Promise<T> {
  return inTenantSession(pool, principal, async (tx) => {
    let asked = false;
    const once = (...statement: Parameters<Tx["query"]>) => {
      if (asked) throw new Error("a read of one statement asked a second one: use withTenant");
      asked = true;
      return tx.query(...statement);
    };
    const result = read({ ...tx, query: once as Tx["query"] });
    asked = true;
    const [value] = await Promise.all([result, commit(tx.raw)]);
    return value;
  });
}
