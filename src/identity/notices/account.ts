import type { TenantTx } from "../../audit/index.ts";
import type { NoticeDeps } from "./deps.ts";
import { notify } from "./notify.ts";

export type AccountNotice = "password-changed" | "password-reset" | "factors-reset" | "break-glass";

/** Tells a person what happened to their account; the use of the break-glass account is told to all owners. */
export async function tellAccount(deps: NoticeDeps, tx: TenantTx, userId: string, what: AccountNotice): Promise<void> {
  await notify(deps, tx, {
    kind: `account.${what}`,
    entity: { type: "user", id: userId },
    data: {},
    about: userId,
    to: { userIds: [userId], ...(what === "break-glass" && { role: "owner" as const }) },
  });
}
