import type { Pool } from "../platform/db.ts";
import type { AppendedRow, NewRow } from "./append.ts";
import { markActed, settle } from "./conditions.ts";
import { appendStatement } from "./store.ts";
import { inTenantSession } from "./tenant-session.ts";
import type { Principal, TenantTx } from "./with-tenant.ts";

/**
 * A tenant's transaction that ends with its row: `append; commit` go in one message, so that the chain head's lock lasts no
 * longer than the database needs, whatever the network does. `work` says what to append; it must not commit.
 */
export async function commitWithRow<T>(
  pool: Pool,
  principal: Principal,
  work: (tx: TenantTx) => Promise<{ row: NewRow; result: T }>,
): Promise<{ appended: AppendedRow; result: T }> {
  return inTenantSession(pool, principal, async (tx) => {
    const { row, result } = await work(tx);
    const acts = await settle(tx, true);
    // Of a message whose first statement fails the second is not run.
    const answers: unknown = await tx.raw.query(`${appendStatement(principal, row)}; commit`);
    if (acts) markActed(tx);
    const [{ rows }] = answers as [{ rows: [AppendedRow] }];
    return { appended: rows[0], result };
  });
}
