import { appendRow, lockChainHead, type TenantTx } from "../../audit/index.ts";
import { personUnit } from "../deps.ts";
import type { NoticeDeps } from "../notices/deps.ts";
import type { NoticeData, NoticeKind } from "../notices/kinds.ts";
import { notify } from "../notices/notify.ts";
import { countAnomaly, countTold } from "./store.ts";

export type AnomalyKind = Extract<NoticeKind, `anomaly.${string}`> extends `anomaly.${infer K}` ? K : never;

export type NewAnomaly = {
  kind: AnomalyKind;
  /** What it happened to: told once an hour for each. Its id is in the clear. */
  entity: { type: string; id: string };
  /** The person concerned: told beside the owners, and whose erasure takes what was written. */
  userId?: string;
  data: NoticeData;
};

const quietSeconds = 3600;
const mostToldAnHour = 20;

/**
 * Reports what an owner should look at, in the transaction in which it was seen: a ledger row `anomaly.<kind>` and a notice to the
 * owners and the person concerned. The same kind of the same thing is only counted for the next hour, and after twenty things of a
 * kind within an hour no more notices go out (the rows do), so that nobody drowns one alarm in others. True when a row was written:
 * otherwise the caller's transaction has none from here.
 */
export async function reportAnomaly(deps: NoticeDeps, tx: TenantTx, anomaly: NewAnomaly): Promise<boolean> {
  const { kind, entity, userId, data } = anomaly;
  // Before the count's row, as in a transaction that has appended already: two that wait for each other would be one refused.
  await lockChainHead(tx);
  const { isDue, untold } = await countAnomaly(tx, { kind, entity }, quietSeconds);
  if (!isDue) return false;
  const isFlood = (await countTold(tx, kind, quietSeconds)) > mostToldAnHour;
  if (!isFlood) {
    const to = { role: "owner", userIds: userId ? [userId] : [] } as const;
    await notify(deps, tx, { kind: `anomaly.${kind}`, entity, data, about: userId ?? null, to });
  }
  const detail = { ...data, ...(untold > 0 && { untold }), ...(isFlood && { quiet: "too many of this kind" }) };
  await appendRow(tx, {
    action: `anomaly.${kind}`,
    entity,
    units: [
      userId
        ? await personUnit(deps, tx, userId, detail, "detail")
        : { name: "detail", content: JSON.stringify(detail) },
    ],
  });
  return true;
}
