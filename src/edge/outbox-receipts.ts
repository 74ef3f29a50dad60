import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { insertGaps } from "./outbox-quota.ts";
import { type BoxState, deleteEvent, deleteFinished, readState, recordLoss, trimKept } from "./outbox-rows.ts";
import type { Receipt } from "./receipt.ts";

export const firstAskMs = 30_000;

// Two receipts of the same second may arrive in either order. One that is behind by more than this comes from an
// appliance that was restored.
const rewindMs = 60_000;

export type ReceiptOutcome = {
  result: "applied" | "other-incarnation" | "new-incarnation" | "rewound";
  rejected: Receipt["rejects"];
  files: string[]; // to delete after the commit
};

// Inside the caller's transaction. Need not be durable: what a power cut takes back, the next receipt brings again.
export function applyReceipt(
  database: DatabaseSync,
  receipt: Receipt,
  { keepBytes, now }: { keepBytes: number; now: number },
): ReceiptOutcome {
  const box = readState(database);
  if (receipt.outbox !== box.incarnation) return { result: "other-incarnation", rejected: [], files: [] };
  const highest = Math.max(receipt.through, ...receipt.ranges.map(([, to]) => to));
  // The appliance has seen numbers that this box never gave out: the box was put back to an older copy of itself.
  // Its numbers now mean other events; believing the receipt would delete events that were never sent.
  if (highest > box.lastSeq) {
    beginIncarnation(database);
    return { result: "new-incarnation", rejected: [], files: [] };
  }
  // One that covers nothing at all only says that it could not read a number.
  const behind = receipt.through < box.through && (receipt.through > 0 || receipt.ranges.length > 0);
  const rewound = behind && box.receiptAt !== null && Date.parse(receipt.at) > Date.parse(box.receiptAt) + rewindMs;
  if (rewound) sendAgain(database, receipt, box, now);
  const rejects = applyRejects(database, receipt, now);
  const stored = markStored(database, receipt, now);
  takeTickets(database, receipt);
  const newest = rewound || (receipt.through >= box.through && isNewer(receipt.at, box.receiptAt));
  const backedUp = newest ? receipt.backedUp : box.backedUp;
  if (newest) {
    database
      .prepare("update box set through = ?, backed_up = ?, receipt_at = ?")
      .run(receipt.through, backedUp, receipt.at);
  }
  // Only what became free by this receipt: a long queue of images must not be walked through at each one.
  const freed = backedUp === box.backedUp ? [] : seqsBetween(database, box.backedUp ?? 0, backedUp ?? box.lastSeq);
  const files = [...rejects.files, ...deleteFinished(database, [...stored, ...freed])];
  files.push(...trimKept(database, keepBytes));
  return { result: rewound ? "rewound" : "applied", rejected: rejects.rejected, files };
}

// A day back is no late receipt, but an appliance whose clock was put right.
function isNewer(at: string, than: string | null): boolean {
  return than === null || at > than || Date.parse(at) < Date.parse(than) - 86_400_000;
}

function applyRejects(database: DatabaseSync, { rejects }: Receipt, now: number) {
  const files: string[] = [];
  const rejected: Receipt["rejects"] = [];
  const find = database.prepare("select id from events where stored = 0 and (id = ?1 or (?1 is null and seq = ?2))");
  for (const reject of rejects) {
    const held = find.get(reject.id, reject.seq) as { id: string } | undefined;
    if (!held) continue;
    files.push(...deleteEvent(database, held.id));
    const { reason, detail } = reject;
    recordLoss(database, { at: new Date(now).toISOString(), event: held.id, what: "event", reason, detail });
    rejected.push(reject);
  }
  return { files, rejected };
}

// An event whose images got no ticket with its receipt asks again after half a minute.
function markStored(database: DatabaseSync, { through, ranges }: Receipt, now: number): number[] {
  const mark = database.prepare(
    "update events set stored = 1, asks = 0, ask_at = ? where stored = 0 and seq between ? and ? returning seq",
  );
  return [[0, through] as const, ...ranges].flatMap(([from, to]) =>
    (mark.all(now + firstAskMs, from, to) as { seq: number }[]).map(({ seq }) => seq),
  );
}

function takeTickets(database: DatabaseSync, { tickets }: Receipt): void {
  const take = database.prepare(
    `update images set state = 'ticketed', path = ?
      where event = ? and n = ? and sha256 = ? and state in ('waiting', 'ticketed')`,
  );
  for (const { event, n, sha256, path } of tickets) take.run(path, event, n, sha256);
}

function seqsBetween(database: DatabaseSync, after: number, upTo: number): number[] {
  const rows = database
    .prepare("select seq from events where stored = 1 and seq > ? and seq <= ? order by seq")
    .all(after, upTo) as { seq: number }[];
  return rows.map(({ seq }) => seq);
}

// The appliance was restored to an older state: what is still kept here goes out again, what is not is a gap.
function sendAgain(database: DatabaseSync, { through, ranges }: Receipt, box: BoxState, now: number): void {
  const covered = (seq: number) => ranges.some(([from, to]) => seq >= from && seq <= to);
  const held = database.prepare("select seq, id, stored from events where seq > ? order by seq").all(through) as {
    seq: number;
    id: string;
    stored: number;
  }[];
  const present = new Set(held.map(({ seq }) => seq));
  const event = database.prepare("update events set stored = 0 where seq = ?");
  const images = database.prepare(
    "update images set state = 'waiting', path = null where event = ? and state <> 'dropped'",
  );
  for (const { seq, id, stored } of held) {
    if (stored === 0 || covered(seq)) continue;
    event.run(seq);
    images.run(id);
  }
  const missing: number[] = [];
  for (let seq = through + 1; seq <= box.lastSeq; seq++) {
    if (!present.has(seq) && !covered(seq)) missing.push(seq);
  }
  insertGaps(database, missing, "quota", now);
}

function beginIncarnation(database: DatabaseSync): void {
  database.exec(`
    update events set seq = -numbered.n
      from (select id, row_number() over (order by seq) as n from events) as numbered
     where numbered.id = events.id`);
  database.exec("update events set seq = -seq, stored = 0");
  database
    .prepare(
      `update box set incarnation = ?, last_seq = (select count(*) from events), through = 0, backed_up = null,
                      receipt_at = null`,
    )
    .run(randomUUID());
}
