import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

// Two connections to one file. `durable` waits for the disk at COMMIT: what it took is there after a power cut.
// `eager` does not: use it only for what a re-send or a new receipt brings back.
export type OutboxDatabase = {
  durable: DatabaseSync;
  eager: DatabaseSync;
  imagesDir: string;
  setAside: string | null; // name of the damaged file that this one replaces
  close(): void;
};

const fileName = "outbox.db";

// stored = 1: a receipt covers the event; the row stays for its images or for a restore of the appliance.
// An image row never outlives its event row, and image.uploaded = 1 is written durably before its file may go.
const schema = `
create table if not exists box (
  only_row   integer primary key check (only_row = 1),
  incarnation text not null,
  last_seq   integer not null,
  through    integer not null,
  backed_up  integer,
  receipt_at text,
  pending    integer not null,
  held_bytes integer not null
) strict;
create table if not exists events (
  seq      integer primary key,
  id       text not null unique,
  kind     text not null,
  occurred text not null,
  body     text not null,
  subjects text,
  bytes    integer not null,
  stored   integer not null default 0,
  asks     integer not null default 0,
  ask_at   integer not null default 0
) strict;
create index if not exists events_pending on events (seq) where stored = 0;
create index if not exists events_stored on events (seq) where stored = 1;
create table if not exists images (
  event    text not null references events (id),
  n        integer not null,
  sha256   text not null,
  bytes    integer not null,
  type     text not null,
  state    text not null default 'waiting' check (state in ('waiting', 'ticketed', 'uploaded', 'dropped')),
  path     text,
  primary key (event, n)
) strict;
create index if not exists images_open on images (state, event) where state in ('waiting', 'ticketed');
create table if not exists losses (
  number integer primary key,
  at     text not null,
  event  text not null,
  what   text not null,
  reason text not null,
  detail text not null
) strict;
create trigger if not exists event_in after insert on events begin
  update box set pending = pending + (new.stored = 0), held_bytes = held_bytes + new.bytes;
end;
create trigger if not exists event_out after delete on events begin
  update box set pending = pending - (old.stored = 0), held_bytes = held_bytes - old.bytes;
end;
create trigger if not exists event_stored after update of stored on events begin
  update box set pending = pending + (new.stored = 0) - (old.stored = 0);
end;
create trigger if not exists image_in after insert on images begin
  update box set held_bytes = held_bytes + new.bytes;
end;
create trigger if not exists image_out after delete on images when old.state <> 'dropped' begin
  update box set held_bytes = held_bytes - old.bytes;
end;
create trigger if not exists image_dropped after update of state on images
  when new.state = 'dropped' and old.state <> 'dropped' begin
  update box set held_bytes = held_bytes - new.bytes;
end;
create trigger if not exists losses_bounded after insert on losses begin
  delete from losses where number <= new.number - 1000;
end;
`;

function connect(file: string, synchronous: "full" | "normal"): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: 5000 });
  database.exec(`pragma journal_mode = wal; pragma synchronous = ${synchronous}; pragma foreign_keys = on`);
  return database;
}

function openSound(file: string): DatabaseSync {
  const database = connect(file, "full");
  try {
    const row = database.prepare("pragma quick_check(1)").get() as { quick_check: string };
    if (row.quick_check !== "ok") throw new DamagedOutbox(row.quick_check);
    database.exec(schema);
    database.prepare("insert into box values (1, ?, 0, 0, null, null, 0, 0) on conflict do nothing").run(randomUUID());
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

class DamagedOutbox extends Error {}

// SQLITE_CORRUPT and SQLITE_NOTADB
function isDamage(error: unknown): boolean {
  return error instanceof DamagedOutbox || [11, 26].includes((error as { errcode?: number }).errcode ?? 0);
}

// A damaged file is set aside, never deleted, and a new incarnation begins: an edge in the field has to go on.
export function openOutboxDatabase(dir: string): OutboxDatabase {
  const imagesDir = join(dir, "images");
  mkdirSync(imagesDir, { recursive: true, mode: 0o700 });
  const release = takeLock(dir);
  const file = join(dir, fileName);
  let setAside: string | null = null;
  try {
    let durable: DatabaseSync;
    try {
      durable = openSound(file);
    } catch (error) {
      if (!isDamage(error)) throw error;
      setAside = `${fileName}.damaged-${Date.now()}`;
      for (const suffix of ["", "-wal", "-shm"]) renameIfThere(file + suffix, join(dir, setAside + suffix));
      durable = openSound(file);
    }
    const eager = connect(file, "normal");
    const close = () => {
      eager.close();
      durable.close();
      release();
    };
    return { durable, eager, imagesDir, setAside, close };
  } catch (error) {
    release();
    throw error;
  }
}

// For people who look while the edge runs: takes no lock, changes nothing.
export function openOutboxReadOnly(dir: string): DatabaseSync | null {
  const file = join(dir, fileName);
  return existsSync(file) ? new DatabaseSync(file, { readOnly: true, timeout: 5000 }) : null;
}

// Opening clears files that no row names: a second process doing so would delete what the first one is just writing.
// The kernel lets go of the lock with the process, also at kill -9.
function takeLock(dir: string): () => void {
  const lock = new DatabaseSync(join(dir, "lock.db"), { timeout: 0 });
  try {
    lock.exec("begin exclusive");
  } catch (cause) {
    lock.close();
    throw new Error(`the outbox in ${dir} is in use by another process: stop that one first`, { cause });
  }
  return () => lock.close();
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec("begin immediate");
  try {
    const result = work();
    database.exec("commit");
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec("rollback");
    throw error;
  }
}
