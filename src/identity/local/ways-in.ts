import type { TenantTx } from "../../audit/index.ts";
import type { IdentityDeps } from "../deps.ts";
import { shownFactor } from "../mfa/factors.ts";
import { countRecoveryCodes, type Factor, selectFactors } from "../mfa/store.ts";
import { requireUser } from "../people/users.ts";
import { type StoredWaysIn, selectWaysIn } from "./store-ways-in.ts";
import { lockedUntil } from "./tries.ts";

export type WaysIn = StoredWaysIn & {
  factors: Factor[];
  recoveryCodesLeft: number;
  /** After too many tries of password or second factor; null: not locked. */
  lockedUntil: string | null;
};

/** How somebody can sign in now, and what stands against it; nothing of it is secret. @throws AppError `not-found`. */
export async function waysInOf(deps: IdentityDeps, tx: TenantTx, userId: string): Promise<WaysIn> {
  const user = await requireUser(tx, userId);
  return {
    ...(await selectWaysIn(tx, userId)),
    factors: (await selectFactors(tx, userId)).map(shownFactor),
    recoveryCodesLeft: await countRecoveryCodes(tx, userId),
    lockedUntil: await lockedUntil(deps, tx, user),
  };
}
