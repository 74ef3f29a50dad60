import { appendRow, type TenantTx } from "../../audit/index.ts";
import { type Grant, markExpiriesTold } from "./store.ts";

/**
 * Grants end by themselves: nobody has what has expired, whether this ran or not. This writes down, once, that they did.
 * `tell` lets the people concerned know.
 */
export async function recordExpiries(tx: TenantTx, tell?: (grant: Grant) => Promise<void>): Promise<number> {
  const expired = await markExpiriesTold(tx);
  for (const grant of expired) {
    await tell?.(grant);
    await appendRow(tx, { action: "access.expired", entity: { type: "grant", id: grant.grantId } });
  }
  return expired.length;
}
