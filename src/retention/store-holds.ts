import type { TenantTx } from "../audit/index.ts";
import {
  byDay,
  byId,
  byText,
  byTime,
  byTimeOrNever,
  keyset,
  type ListOrder,
  type Page,
  type Placed,
} from "../platform/sorted-list.ts";

export type Hold = {
  holdId: string;
  siteId: string | null;
  from: string | null;
  to: string | null;
  kind: string | null;
  /** Limited to one subject; which one is kept as an HMAC alone. */
  hasSubject: boolean;
  eventIds: string[] | null;
  caseNumber: string;
  reason: string;
  owner: string;
  reviewOn: string;
  placedAt: string;
  releasedAt: string | null;
};

export type NewHold = {
  holdId: string;
  siteId: string | null;
  from: string | null;
  to: string | null;
  kind: string | null;
  subject: Buffer | null;
  eventIds: readonly string[] | null;
  caseNumber: string;
  reason: string;
  owner: string;
  reviewOn: string;
};

export async function callPlaceHold(tx: TenantTx, hold: NewHold): Promise<void> {
  const { actor, via, correlation } = tx.principal;
  await tx.query(
    `select seq
       from ledger.place_hold($1::uuid, $2::uuid, $3::timestamptz, $4::timestamptz, $5::text, $6::bytea, $7::uuid[], $8::text, $9::text,
                              $10::text, $11::date, $12::text, $13::text, $14::text, $15::uuid)`,
    [
      hold.holdId,
      hold.siteId,
      hold.from,
      hold.to,
      hold.kind,
      hold.subject,
      hold.eventIds,
      hold.caseNumber,
      hold.reason,
      hold.owner,
      hold.reviewOn,
      actor.type,
      actor.id,
      via,
      correlation,
    ],
  );
}

export async function callReleaseHold(tx: TenantTx, holdId: string, reason: string): Promise<void> {
  const { actor, via, correlation } = tx.principal;
  await tx.query(`select seq from ledger.release_hold($1::uuid, $2::text, $3::text, $4::text, $5::text, $6::uuid)`, [
    holdId,
    reason,
    actor.type,
    actor.id,
    via,
    correlation,
  ]);
}

const columns = `hold_id as "holdId", site_id as "siteId", ledger.timestamp_text(from_at) as "from", ledger.timestamp_text(to_at) as "to",
  kind, subject is not null as "hasSubject", event_ids::text[] as "eventIds", case_number as "caseNumber", reason, owner,
  review_on::text as "reviewOn", ledger.timestamp_text(placed_at) as "placedAt", ledger.timestamp_text(released_at) as "releasedAt"`;

export const HOLD_ORDER: ListOrder = {
  id: byId("hold_id"),
  keys: {
    caseNumber: byText("case_number"),
    owner: byText("owner"),
    reviewOn: byDay("review_on"),
    placedAt: byTime("placed_at"),
    releasedAt: byTimeOrNever("released_at"),
  },
  first: "-placedAt",
};

export async function selectHolds(
  tx: TenantTx,
  page: Page & { openOnly: boolean },
): Promise<{ holds: Hold[]; next: string | null }> {
  const { place, after, order, values, cut } = keyset(HOLD_ORDER, page, 3);
  const { rows } = await tx.query<Hold & Placed>(
    `select ${columns}, ${place}
       from holds
      where tenant_id = $1::uuid and (released_at is null or not $2::boolean)
        and ${after}
      order by ${order}`,
    [tx.principal.tenantId, page.openOnly, ...values],
  );
  return cut("holds", rows);
}

export async function selectHold(tx: TenantTx, holdId: string): Promise<Hold | undefined> {
  const { rows } = await tx.query<Hold>(
    `select ${columns} from holds where tenant_id = $1::uuid and hold_id = $2::uuid`,
    [tx.principal.tenantId, holdId],
  );
  return rows[0];
}

export async function callCountHeld(tx: TenantTx, holdId: string): Promise<{ events: number; days: number }> {
  const { rows } = await tx.query<{ events: number; days: number }>(
    `select events, days from ledger.count_held($1::uuid)`,
    [holdId],
  );
  return rows[0]!;
}
