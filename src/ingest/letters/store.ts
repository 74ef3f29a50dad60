import type { TenantTx } from "../../audit/index.ts";
import { byId, byText, byTime, keyset, type ListOrder, type Page, type Placed } from "../../platform/sorted-list.ts";
import type { RejectReason } from "../../record/wire.ts";

export type Letter = {
  letterId: string;
  siteId: string;
  received: string;
  source: { type: "device" | "api-key"; id: string };
  reason: RejectReason;
  /** What was found and expected, without the sender's words. */
  detail: string;
  /** Holds that keep it. */
  heldBy: string[];
};
export type SealedLetter = Letter & { sealed: Buffer };

const columns = `l.letter_id as "letterId", l.site_id as "siteId", ledger.timestamp_text(l.received) as received,
  json_build_object('type', l.source_type, 'id', l.source_id) as source, l.reason, l.detail,
  ledger.holds_of_letter(l)::text[] as "heldBy"`;

export const LETTER_ORDER: ListOrder = {
  id: byId("l.letter_id"),
  keys: { received: byTime("l.received"), reason: byText("l.reason") },
  first: "-received",
};

export type LetterFilter = {
  site?: string | undefined;
  source?: string | undefined;
  reason?: RejectReason | undefined;
};

export async function selectLetters(
  tx: TenantTx,
  { site, source, reason, ...page }: Page & LetterFilter,
): Promise<{ letters: Letter[]; next: string | null }> {
  const { place, after, order, values, cut } = keyset(LETTER_ORDER, page, 4);
  const { rows } = await tx.query<Letter & Placed>(
    `select ${columns}, ${place}
       from dead_letters l
      where l.tenant_id = (select app.tenant())
        and ($1::uuid is null or l.site_id = $1::uuid)
        and ($2::uuid is null or l.source_id = $2::uuid)
        and ($3::text is null or l.reason = $3::text)
        and ${after}
      order by ${order}`,
    [site ?? null, source ?? null, reason ?? null, ...values],
  );
  return cut("letters", rows);
}

export async function selectLetter(tx: TenantTx, letterId: string): Promise<SealedLetter | undefined> {
  const { rows } = await tx.query<SealedLetter>(
    `select ${columns}, l.sealed
       from dead_letters l
      where l.tenant_id = (select app.tenant()) and l.letter_id = $1::uuid`,
    [letterId],
  );
  return rows[0];
}

export type Removal = { outcome: "removed" | "held"; heldBy: string[] };

/** @throws SQLSTATE LS404 for none, or one of a site outside the principal's. */
export async function callRemoveLetter(
  tx: TenantTx,
  { letterId, as, reason }: { letterId: string; as: "retried" | "discarded"; reason: string | null },
): Promise<Removal> {
  const { actor, via, correlation } = tx.principal;
  const { rows } = await tx.query<Removal>(
    `select outcome, held_by::text[] as "heldBy"
       from ledger.remove_dead_letter($1::uuid, $2::text, $3::text, $4::text, $5::text, $6::text, $7::uuid)`,
    [letterId, as, reason, actor.type, actor.id, via, correlation],
  );
  return rows[0]!;
}
