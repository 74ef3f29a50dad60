import type { TenantTx } from "../audit/index.ts";
import {
  byId,
  byText,
  byTime,
  byTimeOrNever,
  keyset,
  type ListOrder,
  type Page,
  type Placed,
} from "../platform/sorted-list.ts";
import { type ErasedFacts, erasedColumns } from "./store-lists.ts";

export type ErasureRequest = {
  requestId: string;
  basis: "request" | "hold-release" | "offboarding";
  hasSubject: boolean;
  eventIds: number | null;
  imagesOnly: boolean;
  requestedBy: { type: string; id: string };
  seq: number;
  requestedAt: string;
  state: "open" | "held" | "done" | "cancelled";
  finishedAt: string | null;
  /** The case that it was made for. */
  caseId: string | null;
  /** The account that it erases. */
  userId: string | null;
};

const columns = `request_id as "requestId", basis, subject is not null as "hasSubject", cardinality(event_ids) as "eventIds",
  images_only as "imagesOnly", json_build_object('type', requested_by_type, 'id', requested_by) as "requestedBy", seq,
  ledger.timestamp_text(requested_at) as "requestedAt", state, ledger.timestamp_text(finished_at) as "finishedAt",
  case_id as "caseId", user_id as "userId"`;

export async function insertRequest(
  tx: TenantTx,
  request: {
    requestId: string;
    subject: Buffer | null;
    eventIds: readonly string[] | null;
    imagesOnly: boolean;
    seq: number;
    at: string;
    caseId: string | null;
    userId: string | null;
  },
): Promise<void> {
  await tx.query(
    `insert into erasure_requests (tenant_id, request_id, basis, subject, event_ids, images_only, requested_by_type, requested_by,
                                   approved_by_type, approved_by, seq, requested_at, case_id, user_id)
     values ($1::uuid, $2::uuid, 'request', $3::bytea, $4::uuid[], $5::boolean, $6::text, $7::text, $8::text, $9::text, $10::bigint,
             $11::timestamptz, $12::uuid, $13::uuid)`,
    [
      tx.principal.tenantId,
      request.requestId,
      request.subject,
      request.eventIds,
      request.imagesOnly,
      tx.principal.actor.type,
      tx.principal.actor.id,
      tx.principal.approver?.type ?? null,
      tx.principal.approver?.id ?? null,
      request.seq,
      request.at,
      request.caseId,
      request.userId,
    ],
  );
}

export async function selectRequest(tx: TenantTx, requestId: string): Promise<ErasureRequest | undefined> {
  const { rows } = await tx.query<ErasureRequest>(
    `select ${columns} from erasure_requests where tenant_id = $1::uuid and request_id = $2::uuid`,
    [tx.principal.tenantId, requestId],
  );
  return rows[0];
}

export const REQUEST_ORDER: ListOrder = {
  id: byId("request_id"),
  keys: { requestedAt: byTime("requested_at"), finishedAt: byTimeOrNever("finished_at"), state: byText("state") },
  first: "-requestedAt",
};

export async function selectRequests(
  tx: TenantTx,
  page: Page,
): Promise<{ requests: ErasureRequest[]; next: string | null }> {
  const { place, after, order, values, cut } = keyset(REQUEST_ORDER, page, 2);
  const { rows } = await tx.query<ErasureRequest & Placed>(
    `select ${columns}, ${place}
       from erasure_requests
      where tenant_id = $1::uuid and ${after}
      order by ${order}`,
    [tx.principal.tenantId, ...values],
  );
  return cut("requests", rows);
}

/** False when it stands there already. */
export async function moveRequest(tx: TenantTx, requestId: string, state: "held" | "done"): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update erasure_requests
        set state = $3::text, finished_at = case when $3::text = 'done' then clock_timestamp() end
      where tenant_id = $1::uuid and request_id = $2::uuid and state in ('open', 'held') and state <> $3::text`,
    [tx.principal.tenantId, requestId, state],
  );
  return rowCount === 1;
}

export type RequestPart = {
  outcome: "erased" | "held" | "nothing";
  erased: number;
  images: number;
  held: number;
  heldBy: string[];
};

export async function callEraseEvents(tx: TenantTx, requestId: string, limit: number): Promise<RequestPart> {
  const { rows } = await tx.query<RequestPart>(
    `select outcome, erased, images, held, held_by::text[] as "heldBy"
       from ledger.erase_request_events($1::uuid, $2::int, $3::text, $4::uuid)`,
    [requestId, limit, tx.principal.via, tx.principal.correlation],
  );
  return rows[0]!;
}

export async function callEraseOpenings(tx: TenantTx, requestId: string, limit: number): Promise<RequestPart> {
  const { rows } = await tx.query<RequestPart>(
    `select outcome, erased, 0 as images, held, held_by::text[] as "heldBy"
       from ledger.erase_request_openings($1::uuid, $2::int, $3::text, $4::uuid)`,
    [requestId, limit, tx.principal.via, tx.principal.correlation],
  );
  return rows[0]!;
}

export async function callEraseCopies(
  tx: TenantTx,
  requestId: string,
): Promise<{ letters: number; held: number; exports: string[] }> {
  const { rows } = await tx.query<{ letters: number; held: number; exports: string[] }>(
    `select letters, held, exports::text[] as exports from ledger.erase_request_copies($1::uuid, $2::text, $3::uuid)`,
    [requestId, tx.principal.via, tx.principal.correlation],
  );
  return rows[0]!;
}

export type PersonPart = { outcome: "erased" | "held" | "last-owner" | "nothing"; heldBy: string[] };

/** `tried`: hashes under which tries of the person's sign-ins are counted. */
export async function callErasePerson(tx: TenantTx, requestId: string, tried: readonly Buffer[]): Promise<PersonPart> {
  const { rows } = await tx.query<PersonPart>(
    `select outcome, held_by::text[] as "heldBy" from ledger.erase_person($1::uuid, $2::bytea[], $3::text, $4::uuid)`,
    [requestId, tried, tx.principal.via, tx.principal.correlation],
  );
  return rows[0]!;
}

export async function isLastLocalOwner(tx: TenantTx, userId: string): Promise<boolean> {
  const { rows } = await tx.query<{ last: boolean }>(
    `select app.is_local_owner($1::uuid)
        and not exists (select from users u
                         where u.tenant_id = app.tenant() and u.user_id <> $1::uuid and app.is_local_owner(u.user_id)) as last`,
    [userId],
  );
  return rows[0]!.last;
}

export async function callCountRequest(
  tx: TenantTx,
  requestId: string,
): Promise<{ events: number; held: number; heldBy: string[] }> {
  const { rows } = await tx.query<{ events: number; held: number; heldBy: string[] }>(
    `select events, held, held_by::text[] as "heldBy" from ledger.count_request($1::uuid)`,
    [requestId],
  );
  return rows[0]!;
}

export type CertificateTombstone = ErasedFacts & { rowHash: string };

export async function selectRequestErasures(tx: TenantTx, requestId: string): Promise<CertificateTombstone[]> {
  const { rows } = await tx.query<CertificateTombstone>(
    `select ${erasedColumns}, encode(r.row_hash, 'hex') as "rowHash"
       from erasures e
       join ledger.rows r on r.tenant_id = e.tenant_id and r.seq = e.seq
      where e.tenant_id = $1::uuid and e.request_id = $2::uuid
      order by e.seq`,
    [tx.principal.tenantId, requestId],
  );
  return rows;
}

export type Disclosure = {
  exportId: string;
  madeAt: string;
  madeBy: { type: string; id: string };
  state: string;
  certain: boolean;
};

/** Exports that had it: known by the subject; for single events, any export of the time before that may have held them. */
export async function selectDisclosures(tx: TenantTx, requestId: string): Promise<Disclosure[]> {
  const { rows } = await tx.query<Disclosure>(
    `select x.export_id as "exportId", ledger.timestamp_text(x.created_at) as "madeAt",
            json_build_object('type', x.made_by_type, 'id', x.made_by) as "madeBy", x.state, r.subject is not null as certain
       from erasure_requests r
       join exports x on x.tenant_id = r.tenant_id and x.finished_at is not null and x.created_at <= coalesce(r.finished_at, clock_timestamp())
      where r.tenant_id = $1::uuid and r.request_id = $2::uuid and (r.subject is null or r.subject = any(x.subjects))
      order by x.created_at`,
    [tx.principal.tenantId, requestId],
  );
  return rows;
}
