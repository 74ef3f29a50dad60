import type { DatabaseSync } from "node:sqlite";

export type TakenImage = { sha256: string; bytes: number; type: string };
export type NewRow = {
  id: string;
  kind: string;
  occurred: string;
  body: string;
  subjects: string[];
  images: TakenImage[];
};
export type Outgoing = { seq: number; id: string; wire: string };
export type BoxState = {
  incarnation: string;
  lastSeq: number;
  through: number;
  backedUp: number | null;
  receiptAt: string | null;
  pending: number;
  heldBytes: number;
};
export type Loss = { at: string; event: string; what: string; reason: string; detail: string };
type FileName = string;

export const imageFileName = (event: string, n: number): FileName => `${event}.${n}`;
export const openImage = "('waiting', 'ticketed')";

export function readState(database: DatabaseSync): BoxState {
  const row = database
    .prepare(
      `select incarnation, last_seq as lastSeq, through, backed_up as backedUp, receipt_at as receiptAt,
              pending, held_bytes as heldBytes
         from box`,
    )
    .get();
  return { ...row } as BoxState;
}

// About what the row takes on the disk and on the wire, images aside.
export function eventBytes({ body, subjects, images }: NewRow): number {
  return Buffer.byteLength(body) + Buffer.byteLength(subjects.join()) + 300 + 150 * images.length;
}

// Inside the caller's transaction.
export function insertEvent(database: DatabaseSync, row: NewRow): number {
  const { seq } = database.prepare("update box set last_seq = last_seq + 1 returning last_seq as seq").get() as {
    seq: number;
  };
  const subjects = row.subjects.length > 0 ? JSON.stringify(row.subjects) : null;
  database
    .prepare("insert into events (seq, id, kind, occurred, body, subjects, bytes) values (?, ?, ?, ?, ?, ?, ?)")
    .run(seq, row.id, row.kind, row.occurred, row.body, subjects, eventBytes(row));
  const image = database.prepare("insert into images (event, n, sha256, bytes, type) values (?, ?, ?, ?, ?)");
  for (const [n, { sha256, bytes: imageBytes, type }] of row.images.entries()) {
    image.run(row.id, n, sha256, imageBytes, type);
  }
  return seq;
}

// `where` is one of this folder's own constants, with its parameters.
export function outgoing(database: DatabaseSync, where: string, ...parameters: (string | number)[]): Outgoing[] {
  const { incarnation } = readState(database);
  const rows = database
    .prepare(
      `select seq, id, kind, occurred, body, subjects,
              (select json_group_array(json_object('sha256', sha256, 'bytes', bytes, 'type', type) order by n)
                 from images where event = events.id) as images
         from events where ${where}`,
    )
    .all(...parameters) as {
    seq: number;
    id: string;
    kind: string;
    occurred: string;
    body: string;
    subjects: string | null;
    images: string;
  }[];
  return rows.map(({ seq, id, kind, occurred, body, subjects, images }) => {
    const head = JSON.stringify({ id, kind, occurred, outbox: incarnation, seq }).slice(0, -1);
    const tail = `${subjects ? `,"subjects":${subjects}` : ""}${images === "[]" ? "" : `,"images":${images}`}}`;
    return { seq, id, wire: `${head},"body":${body}${tail}` };
  });
}

// Deletes, of the events with these seqs, what nothing needs any more: stored, no image left to send, and backed up
// (or the appliance says nothing about backups). Returns the image files to delete after the commit.
export function deleteFinished(database: DatabaseSync, seqs: number[]): FileName[] {
  const rows = database
    .prepare(
      `select e.seq, e.id from json_each(?) j join events e on e.seq = j.value, box
        where e.stored = 1 and (box.backed_up is null or e.seq <= box.backed_up)
          and not exists (select 1 from images i where i.event = e.id and i.state in ${openImage})`,
    )
    .all(JSON.stringify(seqs)) as { seq: number; id: string }[];
  return rows.flatMap(({ id }) => deleteEvent(database, id));
}

// Lets go of the oldest events that are kept only for a restore, until the outbox holds at most `most` bytes.
export function trimKept(database: DatabaseSync, most: number): FileName[] {
  const files: FileName[] = [];
  const oldest = database.prepare(
    `select e.id from events e
      where e.stored = 1 and not exists (select 1 from images i where i.event = e.id and i.state in ${openImage})
      order by e.seq limit 1`,
  );
  while (readState(database).heldBytes > most) {
    const row = oldest.get() as { id: string } | undefined;
    if (!row) break;
    files.push(...deleteEvent(database, row.id));
  }
  return files;
}

export function deleteEvent(database: DatabaseSync, id: string): FileName[] {
  const images = database.prepare("delete from images where event = ? returning n, state").all(id) as {
    n: number;
    state: string;
  }[];
  database.prepare("delete from events where id = ?").run(id);
  return images.filter(({ state }) => state !== "dropped").map(({ n }) => imageFileName(id, n));
}

// What the edge gave up, for the people at the site. No body, no subject: only which, when and why.
export function recordLoss(database: DatabaseSync, loss: Loss): void {
  database
    .prepare("insert into losses (at, event, what, reason, detail) values (?, ?, ?, ?, ?)")
    .run(loss.at, loss.event, loss.what, loss.reason, loss.detail);
}

export function recentLosses(database: DatabaseSync, limit: number): Loss[] {
  const rows = database
    .prepare("select at, event, what, reason, detail from losses order by number desc limit ?")
    .all(limit);
  return rows.map((row) => ({ ...row }) as Loss);
}
