import { appendRow, type TenantTx } from "../../audit/index.ts";
import type { NoticeDeps } from "../notices/deps.ts";
import { notify } from "../notices/notify.ts";
import { type Grant, markExpiriesTold } from "./store.ts";
import { selectRole } from "./store-roles.ts";

/**
 * Grants end by themselves: nobody has what has expired, whether this ran or not. This writes down, once, that they did, and tells
 * the person.
 */
export async function recordExpiries(tx: TenantTx, notices?: NoticeDeps): Promise<number> {
  const expired = await markExpiriesTold(tx);
  for (const grant of expired) {
    const entity = { type: "grant", id: grant.grantId };
    if (notices && grant.userId) {
      const data = { role: await roleName(tx, grant) };
      await notify(notices, tx, { kind: "access.expired", entity, data, about: null, to: { userIds: [grant.userId] } });
    }
    await appendRow(tx, { action: "access.expired", entity });
  }
  return expired.length;
}

const roleName = async (tx: TenantTx, { builtinRole, roleId }: Grant): Promise<string> =>
  builtinRole ?? (await selectRole(tx, roleId!))?.name ?? "of your own";
