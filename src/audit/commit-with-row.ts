import { asTx, literal, type Pool } from "../platform/db.ts";
import type { AppendedRow, NewRow } from "./append.ts";
import { appendStatement, bindStatement } from "./store.ts";
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
  const client = await pool.connect();
  let broken: Error | undefined;
  const onError = (error: Error): void => {
    broken = error;
  };
  client.on("error", onError);
  try {
    await client.query(`begin isolation level read committed; ${bindStatement(principal, literal)}`);
    const { row, result } = await work({ ...asTx(client), principal });
    // Of a message whose first statement fails the second is not run.
    const answers: unknown = await client.query(`${appendStatement(principal, row, literal)}; commit`);
    const [{ rows }] = answers as [{ rows: [AppendedRow] }];
    return { appended: rows[0], result };
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
