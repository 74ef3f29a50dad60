import { appendRow, type TenantTx } from "../../audit/index.ts";
import { clearOldApprovals, expireApprovals } from "./store.ts";

/** Writes down what ran out, and clears away what was asked 30 days after its end. Idempotent. */
export async function tidyApprovals(tx: TenantTx): Promise<{ expired: number; cleared: number }> {
  const expired = await expireApprovals(tx);
  for (const id of expired) await appendRow(tx, { action: "approval.expired", entity: { type: "approval", id } });
  const cleared = await clearOldApprovals(tx);
  for (const id of cleared) await appendRow(tx, { action: "approval.cleared", entity: { type: "approval", id } });
  return { expired: expired.length, cleared: cleared.length };
}
