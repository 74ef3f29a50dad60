import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Clock, systemClock } from "../platform/clock.ts";
import { syncDirectory } from "../platform/files.ts";
import { freshId } from "./fresh-id.ts";
import { checkNewEvent, type NewEvent } from "./new-event.ts";
import { inTransaction, type OutboxDatabase, openOutboxDatabase } from "./outbox-database.ts";
import { takeImage } from "./outbox-images.ts";
import { insertGaps, insertImageGap, makeRoom, type Room } from "./outbox-quota.ts";
import { applyReceipt, firstAskMs, type ReceiptOutcome } from "./outbox-receipts.ts";
import * as rows from "./outbox-rows.ts";
import type { Receipt } from "./receipt.ts";

export type OutboxOptions = Room & { mostImageBytes: number; clock: Clock };
export type TicketedImage = rows.TakenImage & { event: string; n: number; path: string; file: string };

export const defaultOutboxOptions: OutboxOptions = {
  quotaBytes: 4 * 2 ** 30,
  keepBytes: 2 * 2 ** 30,
  mostImageBytes: 32 * 2 ** 20,
  clock: systemClock,
};

const mostAsks = 12;
const longestAskMs = 3_600_000;

// The edge's promise to its site: an event that `append` took is sent until a receipt covers it, or told of in a gap
// record. The promise holds through kill -9 and power cuts. One process at a time.
export class Outbox {
  readonly setAside: string | null; // the damaged file that this outbox replaces
  readonly #database: OutboxDatabase;
  readonly #options: OutboxOptions;
  readonly #listeners = new Set<() => void>();

  constructor(dir: string, options: Partial<OutboxOptions> = {}) {
    this.#options = { ...defaultOutboxOptions, ...options };
    this.#database = openOutboxDatabase(dir);
    this.setAside = this.#database.setAside;
    this.#deleteOrphans();
    if (this.setAside) this.#recordLoss("-", "outbox", "corrupt", this.setAside);
  }

  // Durable before it resolves to the event's id.
  async append(event: NewEvent): Promise<string> {
    const now = this.#options.clock();
    const id = freshId(now);
    const checked = checkNewEvent(id, event, now);
    const sources = event.images ?? [];
    try {
      const images: rows.TakenImage[] = [];
      for (const [n, source] of sources.entries()) {
        images.push(await takeImage(this.#path(rows.imageFileName(id, n)), source, this.#options.mostImageBytes));
      }
      // The directory's entries are on the disk before a row names them.
      if (images.length > 0) await syncDirectory(this.#database.imagesDir);
      this.#insert({ ...checked, images }, now);
    } catch (error) {
      this.#deleteFiles(sources.map((_, n) => rows.imageFileName(id, n)));
      throw error;
    }
    for (const listener of this.#listeners) listener();
    return id;
  }

  // Returns what takes the listener away again.
  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  // Events without a receipt, ascending, after this seq.
  pendingAfter(seq: number, limit: number): rows.Outgoing[] {
    return this.#sound(rows.outgoing(this.#database.eager, "stored = 0 and seq > ? order by seq limit ?", seq, limit));
  }

  pendingOf(seqs: number[]): rows.Outgoing[] {
    const where = "stored = 0 and seq in (select value from json_each(?)) order by seq";
    return this.#sound(rows.outgoing(this.#database.eager, where, JSON.stringify(seqs)));
  }

  // Stored events whose images still lack tickets: sending these again asks for them. The wait doubles up to an hour;
  // after the last ask the images are given up, with a local record. An ask that is further ahead than any wait was
  // planned by a clock that has been put right since.
  takeAsks(limit: number): rows.Outgoing[] {
    const { eager } = this.#database;
    const now = this.#options.clock();
    const due = eager
      .prepare(
        `select distinct e.seq, e.id, e.asks from images i join events e on e.id = i.event
          where i.state = 'waiting' and e.stored = 1 and (e.ask_at <= ? or e.ask_at > ?) order by e.seq limit ?`,
      )
      .all(now, now + 2 * longestAskMs, limit) as { seq: number; id: string; asks: number }[];
    const again = due.filter(({ asks }) => asks < mostAsks);
    const asked = eager.prepare("update events set asks = asks + 1, ask_at = ? where seq = ?");
    for (const { seq, asks } of again) asked.run(now + Math.min(firstAskMs * 2 ** (asks + 1), longestAskMs), seq);
    for (const { id } of due.filter(({ asks }) => asks >= mostAsks)) {
      for (const { n } of this.#waiting(id)) this.imageRefused(id, n, "no-ticket", `asked ${mostAsks} times`);
    }
    const where = "seq in (select value from json_each(?)) order by seq";
    return rows.outgoing(eager, where, JSON.stringify(again.map(({ seq }) => seq)));
  }

  applyReceipt(receipt: Receipt): Omit<ReceiptOutcome, "files"> {
    const { eager } = this.#database;
    const options = { keepBytes: this.#options.keepBytes, now: this.#options.clock() };
    const { files, ...outcome } = inTransaction(eager, () => applyReceipt(eager, receipt, options));
    this.#deleteFiles(files);
    return outcome;
  }

  ticketedImages(limit: number): TicketedImage[] {
    const found = this.#database.eager
      .prepare(
        `select i.event, i.n, i.sha256, i.bytes, i.type, i.path from images i join events e on e.id = i.event
          where i.state = 'ticketed' order by e.seq, i.n limit ?`,
      )
      .all(limit) as Omit<TicketedImage, "file">[];
    return found.map((image) => ({ ...image, file: this.#path(rows.imageFileName(image.event, image.n)) }));
  }

  // Durable before the file goes.
  imageUploaded(event: string, n: number): void {
    this.#closeImage(event, n, "uploaded");
  }

  // The appliance refused the bytes or gives no ticket: it knows, so no gap record is due.
  imageRefused(event: string, n: number, reason: string, detail: string): void {
    this.#recordLoss(event, `image.${n}`, reason, detail);
    this.#closeImage(event, n, "dropped");
    this.#deleteFiles([rows.imageFileName(event, n)]);
  }

  // The file is gone or cut short on this box.
  imageLost({ event, n, sha256 }: TicketedImage, detail: string): void {
    const { durable } = this.#database;
    inTransaction(durable, () => insertImageGap(durable, [sha256], "corrupt", this.#options.clock()));
    this.imageRefused(event, n, "corrupt", detail);
  }

  // The appliance knows this ticket no more: the event goes out again to get a new one.
  ticketLost(event: string, n: number): void {
    const { eager } = this.#database;
    eager
      .prepare("update images set state = 'waiting', path = null where event = ? and n = ? and state = 'ticketed'")
      .run(event, n);
  }

  state(): rows.BoxState {
    return rows.readState(this.#database.eager);
  }

  // Images that are not uploaded yet.
  openImages(): number {
    const { eager } = this.#database;
    const row = eager.prepare(`select count(*) as open from images where state in ${rows.openImage}`).get();
    return (row as { open: number }).open;
  }

  losses(limit: number): rows.Loss[] {
    return rows.recentLosses(this.#database.eager, limit);
  }

  close(): void {
    this.#listeners.clear();
    this.#database.close();
  }

  // One body that a failing disk has changed would make the appliance refuse the whole message, for ever.
  #sound(found: rows.Outgoing[]): rows.Outgoing[] {
    const broken = found.filter(({ wire }) => !isJson(wire));
    if (broken.length === 0) return found;
    const { durable } = this.#database;
    const now = this.#options.clock();
    for (const { id } of broken) this.#recordLoss(id, "event", "corrupt", "its body is no JSON any more");
    inTransaction(durable, () => {
      for (const { id } of broken) rows.deleteEvent(durable, id);
      const seqs = broken.map(({ seq }) => seq);
      insertGaps(durable, seqs, "corrupt", now);
    });
    return found.filter((event) => !broken.includes(event));
  }

  #insert(row: rows.NewRow, now: number): void {
    const { durable } = this.#database;
    const imageBytes = row.images.reduce((sum, { bytes }) => sum + bytes, 0);
    const files = inTransaction(durable, () => {
      const freed = makeRoom(durable, imageBytes + rows.eventBytes(row), this.#options, now);
      rows.insertEvent(durable, row);
      return freed;
    });
    this.#deleteFiles(files);
  }

  #waiting(event: string): { n: number }[] {
    const { eager } = this.#database;
    return eager.prepare("select n from images where event = ? and state = 'waiting'").all(event) as { n: number }[];
  }

  #closeImage(event: string, n: number, state: "uploaded" | "dropped"): void {
    const { durable } = this.#database;
    const files = inTransaction(durable, () => {
      durable
        .prepare(`update images set state = ?, path = null where event = ? and n = ? and state in ${rows.openImage}`)
        .run(state, event, n);
      const found = durable.prepare("select seq from events where id = ?").get(event) as { seq: number } | undefined;
      return found ? rows.deleteFinished(durable, [found.seq]) : [];
    });
    this.#deleteFiles(files);
  }

  #recordLoss(event: string, what: string, reason: string, detail: string): void {
    const at = new Date(this.#options.clock()).toISOString();
    rows.recordLoss(this.#database.eager, { at, event, what, reason, detail });
  }

  // Files of appends that a crash cut off, and files whose rows went just before one.
  #deleteOrphans(): void {
    const named = this.#database.eager.prepare("select 1 from images where event = ? and n = ? and state <> 'dropped'");
    const orphans = readdirSync(this.#database.imagesDir).filter((name) => {
      const [event, n] = name.split(".");
      return !named.get(event ?? "", Number(n));
    });
    this.#deleteFiles(orphans);
  }

  #deleteFiles(names: string[]): void {
    for (const name of names) rmSync(this.#path(name), { force: true });
  }

  #path(name: string): string {
    return join(this.#database.imagesDir, name);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
