import type { Principal, TenantTx } from "../audit/index.ts";
import type { Keyring } from "../keys/index.ts";
import { subjectHash } from "../keys/index.ts";
import { asTx, type Pool, withConnection } from "../platform/db.ts";
import type { Timestamp } from "../record/time.ts";
import { type Admitted, admit, type Limits, type Refused, type SenderFacts } from "./admit.ts";
import { type Batch, buildBatch } from "./build-batch.ts";
import { planClosing } from "./closing.ts";
import { sealDeadLetters } from "./dead-letters.ts";
import type { ImageTicket, Incoming, Outcome, Recorded } from "./incoming.ts";
import { beginBatch, type KnownKey, selectKeys, type TenantFacts, takeKeys } from "./store.ts";
import { insertDeadLetters, insertEvents, insertImages, insertSubjects, type SubjectRow } from "./store-batch.ts";
import { closeBatch } from "./store-close.ts";
import { newTickets, pendingTickets } from "./tickets.ts";

export type RecordDeps = { pool: Pool; keyring: Keyring; limits: Limits };

/**
 * Keeps two transactions of one tenant in order while most of their work overlaps. Keys are taken in turn and counters and
 * chain head are locked in turn, so that the later one never holds what the earlier one waits for.
 */
export type Turn = { beforeKeys(): Promise<void>; afterKeys(): void; beforeClose(): Promise<void> };

export const noTurn: Turn = { beforeKeys: async () => {}, afterKeys: () => {}, beforeClose: async () => {} };

/**
 * One transaction: everything of `items` is stored, known already, or a dead letter, and the row is appended, or nothing
 * happened. When the connection breaks during the commit nobody knows which: do it again, what is stored shows as duplicate.
 */
export async function recordOnce(
  deps: RecordDeps,
  principal: Principal,
  items: readonly Incoming[],
  turn: Turn,
): Promise<Recorded> {
  return withConnection(deps.pool, (client) => recordIn(deps, { ...asTx(client), principal }, items, turn));
}

async function recordIn(deps: RecordDeps, tx: TenantTx, items: readonly Incoming[], turn: Turn): Promise<Recorded> {
  const { principal, raw: client } = tx;
  const facts = await beginBatch(client, principal, sendersOf(items));
  const sorted = sortOut(items, facts, deps.limits);
  await turn.beforeKeys();
  const quotaReached = await applyQuota(tx, sorted, facts);
  const known = await dropKnown(tx, sorted, facts.now);
  const letters = await sealDeadLetters(deps.keyring, tx, items, sorted.refused);
  const lettersStored =
    letters.length > 0 ? await insertDeadLetters(client, principal.tenantId, facts.now, letters) : 0;
  turn.afterKeys();
  const tickets = await pendingTickets(client, principal.tenantId, known, sorted.repeated);
  const batch = sorted.fresh.length > 0 ? buildBatch(principal.tenantId, facts.now, sorted.fresh) : null;
  if (batch) await insertBatch(deps, tx, batch);
  await turn.beforeClose();
  const plan = planClosing(items, sorted, facts, { batch, lettersStored, quotaReached });
  const { marks } = await closeBatch(client, principal, plan);
  return { outcomes: outcomesOf(items, sorted, tickets, batch), marks, received: facts.now };
}

function sendersOf(items: readonly Incoming[]): { devices: string[]; sites: string[] } {
  const devices = new Set<string>();
  const sites = new Set<string>();
  for (const { sender, siteId } of items) {
    if (sender.type === "device") devices.add(sender.id);
    if (siteId !== null) sites.add(siteId);
  }
  return { devices: [...devices], sites: [...sites] };
}

export type Sorted = {
  /** To be stored, unless known. */
  fresh: Admitted[];
  /** Known already, from the same sender. */
  repeated: Admitted[];
  refused: Refused[];
};

/** By their own words alone; of two that carry one id the first counts. */
function sortOut(items: readonly Incoming[], facts: TenantFacts, limits: Limits): Sorted {
  const sorted: Sorted = { fresh: [], repeated: [], refused: [] };
  const first = new Map<string, Admitted>();
  for (const [at, item] of items.entries()) {
    const admission = admit(item, at, factsOf(item, facts), facts.now, limits);
    if (!admission.ok) {
      sorted.refused.push(admission.refused);
      continue;
    }
    const { event } = admission;
    const earlier = first.get(event.id);
    if (!earlier) {
      first.set(event.id, event);
      sorted.fresh.push(event);
    } else if (earlier.source.id === event.source.id) sorted.repeated.push(event);
    else sorted.refused.push(collision(event));
  }
  return sorted;
}

function factsOf({ sender, siteId }: Incoming, facts: TenantFacts): SenderFacts {
  if (sender.type === "device") {
    const device = facts.devices.get(sender.id);
    if (!device) throw new Error(`device ${sender.id} is gone from its tenant: found no row, expected one`);
    return facts.closed ? { ...device, revoked: true } : device;
  }
  const site = facts.sites.get(siteId ?? "");
  if (!site || siteId === null) throw new Error("the request's site was not checked before: expected an open site");
  return { siteId, offlineWindowDays: site.offlineWindowDays, revoked: facts.closed, bestEffort: false, plain: true };
}

const collision = (event: Admitted): Refused => ({
  at: event.at,
  siteId: event.siteId,
  id: event.id,
  reason: "id-collision",
  detail: "id: another source has used it",
});

/** Lets in what the day's quota still holds, in order of arrival; what is known already costs nothing. */
async function applyQuota(tx: TenantTx, sorted: Sorted, facts: TenantFacts): Promise<boolean> {
  let bytes = 0;
  for (const event of sorted.fresh) bytes += event.bodyBytes;
  const events = sorted.fresh.length + sorted.refused.length;
  if (events <= facts.eventsLeft && bytes <= facts.bytesLeft) return false;
  const ids = sorted.fresh.map((event) => event.id);
  const known = new Set((await selectKeys(tx.raw, tx.principal.tenantId, ids)).map((key) => key.id));
  let eventsLeft = facts.eventsLeft;
  let bytesLeft = facts.bytesLeft;
  const over: Admitted[] = [];
  sorted.fresh = sorted.fresh.filter((event) => {
    if (known.has(event.id)) return true;
    if (eventsLeft >= 1 && bytesLeft >= event.bodyBytes) {
      eventsLeft -= 1;
      bytesLeft -= event.bodyBytes;
      return true;
    }
    over.push(event);
    return false;
  });
  const detail = "the tenant's quota of this UTC day is used up";
  for (const { at, siteId, id } of over) sorted.refused.push({ at, siteId, id, reason: "quota", detail });
  // A stolen credential must not fill the disk with refusals either.
  for (const refused of sorted.refused.slice(Math.max(0, eventsLeft))) refused.reason = "quota";
  return over.length > 0 || eventsLeft < sorted.refused.length;
}

/** Moves what is known out of `fresh`. Returns the known keys. */
async function dropKnown(tx: TenantTx, sorted: Sorted, received: Timestamp): Promise<KnownKey[]> {
  const { tenantId } = tx.principal;
  const keys = sorted.fresh.map((event) => ({ id: event.id, source: event.source.id }));
  const taken = keys.length > 0 ? await takeKeys(tx.raw, tenantId, received, keys) : new Set<string>();
  const missed = sorted.fresh.filter((event) => !taken.has(event.id));
  if (missed.length === 0) return [];
  const known = await selectKeys(
    tx.raw,
    tenantId,
    missed.map((event) => event.id),
  );
  const sources = new Map(known.map((key) => [key.id, key.source]));
  for (const event of missed) {
    if (sources.get(event.id) === event.source.id) sorted.repeated.push(event);
    else sorted.refused.push(collision(event));
  }
  sorted.fresh = sorted.fresh.filter((event) => taken.has(event.id));
  return known;
}

async function insertBatch(deps: RecordDeps, tx: TenantTx, batch: Batch): Promise<void> {
  await insertEvents(tx.raw, batch);
  if (batch.images.length > 0) await insertImages(tx.raw, batch);
  const named = batch.events.filter(({ event }) => event.subjects.length > 0);
  if (named.length === 0) return;
  const indexKey = await deps.keyring.indexKey(tx);
  const rows = named.flatMap(({ event }) =>
    event.subjects.map(
      (subject): SubjectRow => ({
        siteId: event.siteId,
        eventId: event.id,
        subject: subjectHash(indexKey, subject),
      }),
    ),
  );
  await insertSubjects(tx.raw, batch.tenantId, batch.received, rows);
}

function outcomesOf(
  items: readonly Incoming[],
  sorted: Sorted,
  pending: Map<string, ImageTicket[]>,
  batch: Batch | null,
): Outcome[] {
  const outcomes = new Array<Outcome>(items.length);
  const fresh = batch ? newTickets(batch) : new Map<string, ImageTicket[]>();
  for (const event of sorted.fresh) {
    outcomes[event.at] = { status: "stored", id: event.id, tickets: fresh.get(event.id) ?? [] };
  }
  for (const event of sorted.repeated) {
    const tickets = pending.get(event.id) ?? fresh.get(event.id) ?? [];
    outcomes[event.at] = { status: "duplicate", id: event.id, tickets };
  }
  for (const { at, id, reason, detail } of sorted.refused) {
    outcomes[at] = { status: "rejected", id, reason, detail };
  }
  return outcomes;
}
