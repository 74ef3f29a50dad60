import type { TenantTx } from "../audit/index.ts";
import { type Page, placeParameters } from "../platform/cursor.ts";

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

/** Newest first. */
export async function selectHolds(tx: TenantTx, filter: Page & { openOnly: boolean }): Promise<Hold[]> {
  const { rows } = await tx.query<Hold>(
    `select ${columns}
       from holds
      where tenant_id = $1::uuid and (released_at is null or not $2::boolean)
        and ($4::timestamptz is null or (placed_at, hold_id) < ($4::timestamptz, $5::uuid))
      order by placed_at desc, hold_id desc
      limit $3::int`,
    [tx.principal.tenantId, filter.openOnly, filter.limit, ...placeParameters(filter)],
  );
  return rows;
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
