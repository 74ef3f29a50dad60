import { type Principal, type TenantTx, withTenant } from "../audit/index.ts";
import { type Pool, withTransaction } from "../platform/db.ts";
import { bindSnapshot, sharePartitions } from "./store-snapshot.ts";

/**
 * Runs `work` in one REPEATABLE READ snapshot in which the day partitions between `from` and `to` cannot be truncated.
 * Two transactions: the locks must be there before the snapshot is taken (TRUNCATE is not MVCC-safe: a snapshot from before
 * it would find the partition empty and its tombstone missing), and a query that takes the locks takes a snapshot too.
 */
export async function withSnapshot<T>(
  pool: Pool,
  principal: Principal,
  received: { from: string; to: string },
  work: (tx: TenantTx) => Promise<T>,
): Promise<T> {
  return withTenant(pool, principal, async (guard) => {
    await sharePartitions(guard, received);
    return withTransaction(pool, async (tx) => {
      await bindSnapshot(tx, principal.tenantId);
      return work({ ...tx, principal });
    });
  });
}
