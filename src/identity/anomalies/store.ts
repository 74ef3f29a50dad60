import type { TenantTx } from "../../audit/index.ts";
import {
  byCount,
  byId,
  byText,
  byTime,
  keyset,
  type ListOrder,
  type Page,
  type Placed,
} from "../../platform/sorted-list.ts";

export type Anomaly = {
  anomalyId: string;
  kind: string;
  entity: { type: string; id: string };
  firstAt: string;
  lastAt: string;
  /** All of them, also those that were not told. */
  times: number;
};

export type Counted = {
  /** Whether it is to be told: new, or an hour after it was told last. */
  isDue: boolean;
  /** Of these, how many came since then and were not told. */
  untold: number;
};

/** Counts one. The row stays locked until the transaction ends, so that two at once are told once. */
export async function countAnomaly(
  tx: TenantTx,
  { kind, entity }: Pick<Anomaly, "kind" | "entity">,
  quietSeconds: number,
): Promise<Counted> {
  const values = [kind, entity.type, entity.id];
  const { rows: before } = await tx.query<{ untold: number }>(
    `select untold from anomalies
      where tenant_id = app.tenant() and kind = $1::text and entity_type = $2::text and entity_id = $3::text for update`,
    values,
  );
  const due = "a.told_at + make_interval(secs => $4::float8) <= excluded.last_at";
  const { rows } = await tx.query<{ isDue: boolean }>(
    `insert into anomalies as a (tenant_id, kind, entity_type, entity_id)
     values (app.tenant(), $1::text, $2::text, $3::text)
     on conflict (tenant_id, kind, entity_type, entity_id) do update
        set times = a.times + 1, last_at = excluded.last_at,
            untold = case when ${due} then 0 else a.untold + 1 end,
            told_at = case when ${due} then excluded.last_at else a.told_at end
     returning a.untold = 0 as "isDue"`,
    [...values, quietSeconds],
  );
  return { isDue: rows[0]!.isDue, untold: before[0]?.untold ?? 0 };
}

/** How many things of this kind were told within so many seconds. */
export async function countTold(tx: TenantTx, kind: string, seconds: number): Promise<number> {
  const { rows } = await tx.query<{ told: number }>(
    `select count(*)::int as told from anomalies
      where tenant_id = app.tenant() and kind = $1::text and told_at > clock_timestamp() - make_interval(secs => $2::float8)`,
    [kind, seconds],
  );
  return rows[0]!.told;
}

export const ANOMALY_ORDER: ListOrder = {
  id: byId("anomaly_id"),
  keys: { kind: byText("kind"), firstAt: byTime("first_at"), lastAt: byTime("last_at"), times: byCount("times") },
  first: "-lastAt",
};

export async function selectAnomalies(
  tx: TenantTx,
  page: Page,
): Promise<{ anomalies: Anomaly[]; next: string | null }> {
  const { place, after, order, values, cut } = keyset(ANOMALY_ORDER, page, 1);
  const { rows } = await tx.query<Anomaly & Placed>(
    `select anomaly_id as "anomalyId", kind, json_build_object('type', entity_type, 'id', entity_id) as entity,
            ledger.timestamp_text(first_at) as "firstAt", ledger.timestamp_text(last_at) as "lastAt", times, ${place}
       from anomalies
      where tenant_id = app.tenant() and ${after}
      order by ${order}`,
    values,
  );
  return cut("anomalies", rows);
}

export async function deleteAnomaliesOf(tx: TenantTx, userId: string): Promise<void> {
  await tx.query(
    "delete from anomalies where tenant_id = app.tenant() and entity_type = 'user' and entity_id = $1::text",
    [userId],
  );
}

export async function deleteOldAnomalies(tx: TenantTx): Promise<void> {
  await tx.query(
    "delete from anomalies where tenant_id = app.tenant() and last_at < clock_timestamp() - interval '90 days'",
  );
}
