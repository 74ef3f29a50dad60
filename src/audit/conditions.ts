import { isAct } from "./store.ts";
import type { TenantTx } from "./with-tenant.ts";

/**
 * What an act depends on, or uses up, in the act's own transaction: an approval that is spent, an Idempotency-Key that is taken, a
 * version that must still be the newest. A crash leaves both or neither.
 *
 * Whoever answers a request puts conditions on the principal (`{ ...principal, conditions: newConditions([...]) }`) and hands it to
 * the work as ever; `withTenant` and `commitWithRow` do the rest. The act is the request's first transaction that appends a row to
 * the ledger: transactions that only read pass untouched, and those after the act are no second act.
 */
export interface Condition {
  /** First thing in each transaction up to the act: reads, takes locks. Throws to refuse. */
  before?(tx: TenantTx): Promise<void>;
  /** Last thing before the act's commit: writes what is used up. Throws to refuse: then nothing of the act is kept. */
  settle?(tx: TenantTx): Promise<void>;
}

/** Conditions of one request or run of a task, and whether its act is committed. Never shared between two. */
export interface Conditions {
  readonly list: readonly Condition[];
  acted: boolean;
}

export const newConditions = (list: readonly Condition[]): Conditions => ({ list, acted: false });

export async function beforeWork(tx: TenantTx): Promise<void> {
  for (const condition of pending(tx)) await condition.before?.(tx);
}

/** Call between the work and the commit, and `markActed` after it when this returns true. */
export async function settle(tx: TenantTx, appends = false): Promise<boolean> {
  const list = pending(tx);
  if (list.length === 0 || !(appends || (await isAct(tx)))) return false;
  for (const condition of list) await condition.settle?.(tx);
  return true;
}

// Not before the commit: an act that was rolled back, by a deadlock for one, may be tried again and settles again.
export function markActed({ principal }: TenantTx): void {
  if (principal.conditions) principal.conditions.acted = true;
}

function pending({ principal: { conditions } }: TenantTx): readonly Condition[] {
  return conditions && !conditions.acted ? conditions.list : [];
}
