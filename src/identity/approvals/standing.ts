import type { TenantTx } from "../../audit/index.ts";
import type { Access } from "../access/access.ts";
import { isAct } from "./acts.ts";
import { decidersOf, mayDecide, ruleOf } from "./rules.ts";
import type { ApprovalRow } from "./store.ts";

/**
 * Where a caller stands to a request that waits. asked: it is their own, or that of a key of theirs. asked-alone: so too, but nobody
 * else could decide, and they may confirm it from `aloneFrom` on. not-entitled: without the right to decide, the act's own
 * permission over its sites, or the role that the tenant names; keys are never entitled. ended: nobody decides any more.
 */
export const STANDINGS = ["may-decide", "asked", "asked-alone", "not-entitled", "ended"] as const;
export type Standing = (typeof STANDINGS)[number];

type Request = Pick<ApprovalRow, "act" | "permission" | "siteIds" | "person" | "aloneFrom" | "state">;

export async function standingOn(
  tx: TenantTx,
  row: Request,
  by: { userId: string; access: Access } | undefined,
): Promise<Standing> {
  const { act, person, aloneFrom, state } = row;
  if (state !== "pending" || !isAct(act)) return "ended";
  if (!by) return "not-entitled";
  const rule = await ruleOf(tx, act);
  if (!(await mayDecide(tx, rule, row, by))) return by.userId === person ? "asked" : "not-entitled";
  if (by.userId !== person) return "may-decide";
  const others = (await decidersOf(tx, rule, row)).filter((other) => other !== person);
  if (others.length > 0 || aloneFrom === null) return "asked";
  return Date.parse(aloneFrom) <= Date.now() ? "may-decide" : "asked-alone";
}
