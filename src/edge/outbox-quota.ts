import type { DatabaseSync } from "node:sqlite";
import { freshId } from "./fresh-id.ts";
import { deleteEvent, deleteFinished, imageFileName, insertEvent, readState, trimKept } from "./outbox-rows.ts";

export const gapKind = "edge.gap";

export type Room = {
  quotaBytes: number; // all that the outbox may hold, events and images
  keepBytes: number; // up to this, stored events stay until the appliance has backed them up
};
export type GapReason = "quota" | "corrupt";

export class OutboxTooSmall extends Error {}

// Inside the caller's transaction. Makes room for `need` bytes: first what is kept for a restore, then the oldest
// images, then the oldest events; what is lost is told in gap records. It frees down to nine tenths, so that a long
// outage makes few gap records. Returns the files to delete after the commit.
export function makeRoom(database: DatabaseSync, need: number, room: Room, now: number): string[] {
  if (need > room.quotaBytes) {
    throw new OutboxTooSmall(
      `an event of ${need} bytes with its images, the outbox may hold ${room.quotaBytes}: raise its quota`,
    );
  }
  if (readState(database).heldBytes + need <= room.quotaBytes) return [];
  const target = Math.max(0, Math.floor(room.quotaBytes * 0.9) - need);
  const files = trimKept(database, target);
  files.push(...dropOldestImages(database, target, now));
  files.push(...trimKept(database, target));
  files.push(...dropOldestEvents(database, target, now));
  return files;
}

function dropOldestImages(database: DatabaseSync, target: number, now: number): string[] {
  const oldest = database.prepare(
    `select e.seq, i.event, i.n, i.sha256 from events e join images i on i.event = e.id
      where i.state in ('waiting', 'ticketed') order by e.seq, i.n limit 1`,
  );
  const drop = database.prepare("update images set state = 'dropped', path = null where event = ? and n = ?");
  const dropped: { seq: number; event: string; n: number; sha256: string }[] = [];
  while (readState(database).heldBytes > target) {
    const image = oldest.get() as (typeof dropped)[number] | undefined;
    if (!image) break;
    drop.run(image.event, image.n);
    dropped.push(image);
  }
  const shas = dropped.map(({ sha256 }) => sha256);
  for (let from = 0; from < shas.length; from += 500) {
    insertImageGap(database, shas.slice(from, from + 500), "quota", now);
  }
  const finished = deleteFinished(
    database,
    dropped.map(({ seq }) => seq),
  );
  return [...dropped.map(({ event, n }) => imageFileName(event, n)), ...finished];
}

function dropOldestEvents(database: DatabaseSync, target: number, now: number): string[] {
  const oldest = database.prepare(
    `select seq, id from events where stored = 0 and kind <> '${gapKind}' order by seq limit 1`,
  );
  const seqs: number[] = [];
  const files: string[] = [];
  while (readState(database).heldBytes > target) {
    const event = oldest.get() as { seq: number; id: string } | undefined;
    if (!event) break;
    files.push(...deleteEvent(database, event.id));
    seqs.push(event.seq);
  }
  insertGaps(database, seqs, "quota", now);
  return files;
}

// One gap record for each run of neighbours. `seqs` ascending.
export function insertGaps(database: DatabaseSync, seqs: number[], reason: GapReason, now: number): void {
  let from = 0;
  for (let i = 1; i <= seqs.length; i++) {
    if (i < seqs.length && seqs[i] === seqs[i - 1]! + 1) continue;
    insertGap(database, { from: seqs[from]!, to: seqs[i - 1]!, reason }, now);
    from = i;
  }
}

export function insertImageGap(database: DatabaseSync, images: string[], reason: GapReason, now: number): void {
  insertGap(database, { images, reason }, now);
}

function insertGap(database: DatabaseSync, body: object, now: number): void {
  insertEvent(database, {
    id: freshId(now),
    kind: gapKind,
    occurred: new Date(now).toISOString(),
    body: JSON.stringify(body),
    subjects: [],
    images: [],
  });
}
