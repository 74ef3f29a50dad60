import { appendToChain } from "./store.ts";
import type { TenantTx } from "./with-tenant.ts";

/** Content that a row commits to without showing it (docs/ledger.md "Units"). */
export interface Unit {
  name: string;
  content: string;
  /** HMACs under the tenant's index key of whom and what the content speaks of. */
  subjects?: readonly Buffer[];
}

export interface NewRow {
  action: string;
  entity: { type: string; id: string };
  units?: readonly Unit[];
  commits?: readonly { name: string; hash: Buffer }[];
}

export interface AppendedRow {
  seq: number;
  hash: Buffer;
  /** Microseconds, UTC, as Postgres prints it. */
  at: string;
}

/**
 * Appends one row to the bound tenant's chain, in the caller's transaction. Call it last: it holds the chain head's lock until the commit.
 * Control actions (`ledger.…`) and `events.recorded` are refused here: each has its own database function.
 */
export async function appendRow(tx: TenantTx, row: NewRow): Promise<AppendedRow> {
  return appendToChain(tx, tx.principal, row);
}
