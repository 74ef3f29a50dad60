import type { Logger } from "../platform/logger.ts";
import type { Link } from "./connection.ts";
import type { Outbox } from "./outbox.ts";
import { covers, parseReceipt } from "./receipt.ts";

export type SenderOptions = {
  outbox: Outbox;
  device: string;
  log: Logger;
  batchSize?: number; // 1: one event a message; up to 200 as an array
  windowEvents?: number; // sent, no receipt yet
  lingerMs?: number; // how long an event waits for company
  resendMs?: number;
  onTickets?(): void;
  onServerTime?(serverMs: number): void;
};
type Wire = { seq: number; wire: string };

const mostMessageBytes = 1_048_576;
const packetOverhead = 256;
const tickMs = 1_000;
const refusedPauseMs = 5_000;
const defaults = { batchSize: 200, windowEvents: 2_000, lingerMs: 100, resendMs: 30_000 };

// Publishes what the outbox holds and lets it forget only through receipts: the broker's PUBACK says no more than that
// the broker has it in memory.
export class Sender {
  readonly #options: SenderOptions & typeof defaults;
  readonly #topic: string;
  readonly #sent = new Map<number, { at: number; acked: boolean }>(); // no receipt yet
  #again: number[] = []; // seqs to send once more, before new ones
  #cursor = 0; // every pending seq up to here was sent, is in #again, or is too large for this link
  #asks: string[] = []; // stored events whose images lack tickets
  #link: Link | null = null;
  #publishing = 0; // without PUBACK
  #heldUntil = 0;
  #lingering: NodeJS.Timeout | null = null;
  readonly #ticking: NodeJS.Timeout;
  readonly #unlisten: () => void;

  constructor(options: SenderOptions) {
    this.#options = { ...defaults, ...options };
    this.#topic = `v1/${options.device}/up/events`;
    this.#ticking = setInterval(() => this.#tick(), tickMs);
    this.#unlisten = options.outbox.onAppend(() => this.#linger());
  }

  link(link: Link): void {
    this.#link = link;
    this.#publishing = 0;
    this.#heldUntil = 0;
    this.#pump();
  }

  // What the broker acknowledged waits for its receipt; the rest goes out with the next link.
  unlink(): void {
    this.#link = null;
    for (const [seq, { acked }] of this.#sent) {
      if (acked) continue;
      this.#sent.delete(seq);
      this.#again.push(seq);
    }
  }

  receipt(payload: Buffer): void {
    const { outbox, log, onServerTime, onTickets } = this.#options;
    const receipt = parseReceipt(payload);
    onServerTime?.(Date.parse(receipt.at));
    const { result, rejected } = outbox.applyReceipt(receipt);
    for (const { reason } of rejected) log.warn({ reason }, "the appliance rejected an event");
    if (result === "other-incarnation") return;
    if (result !== "applied") {
      log.warn({ result }, "the outbox goes out again: one of the two sides was put back to an older state");
      this.#sent.clear();
      this.#again = [];
      this.#cursor = 0;
    }
    for (const seq of this.#sent.keys()) if (covers(receipt, seq)) this.#sent.delete(seq);
    if (receipt.tickets.length > 0) onTickets?.();
    this.#pump();
  }

  stop(): void {
    this.#link = null;
    clearInterval(this.#ticking);
    if (this.#lingering) clearTimeout(this.#lingering);
    this.#unlisten();
  }

  #linger(): void {
    this.#lingering ??= setTimeout(() => {
      this.#lingering = null;
      this.#pump();
    }, this.#options.lingerMs);
  }

  #tick(): void {
    const overdue = performance.now() - this.#options.resendMs;
    for (const [seq, { at }] of this.#sent) {
      if (at > overdue) continue;
      this.#sent.delete(seq);
      this.#again.push(seq);
    }
    if (this.#link && this.#asks.length === 0) this.#asks = this.#options.outbox.takeAsks(50).map(({ wire }) => wire);
    this.#pump();
  }

  #pump(): void {
    const { batchSize, windowEvents, log } = this.#options;
    while (this.#link && performance.now() >= this.#heldUntil && this.#publishing < this.#link.receiveMaximum) {
      const ask = this.#asks.shift();
      if (ask !== undefined) {
        this.#publish(this.#link, [], ask);
        continue;
      }
      const room = Math.min(batchSize, windowEvents - this.#sent.size);
      if (room <= 0) return;
      const resending = this.#again.length > 0;
      const batch = this.#nextBatch(room);
      if (batch.length === 0 && resending) continue;
      if (batch.length === 0) return;
      const { taken, left } = fillMessage(batch, Math.min(mostMessageBytes, this.#link.maximumPacketSize), log);
      if (resending) this.#again = [...left, ...this.#again];
      else this.#cursor = left[0] === undefined ? batch.at(-1)!.seq : left[0] - 1;
      const seqs = taken.map(({ seq }) => seq);
      if (taken.length > 0) this.#publish(this.#link, seqs, joinEvents(taken));
    }
  }

  #nextBatch(most: number): Wire[] {
    const { outbox } = this.#options;
    if (this.#again.length === 0) return outbox.pendingAfter(this.#cursor, most);
    const seqs = this.#again.slice(0, most);
    this.#again = this.#again.slice(most);
    return outbox.pendingOf(seqs);
  }

  async #publish(link: Link, seqs: number[], payload: string): Promise<void> {
    const at = performance.now();
    for (const seq of seqs) this.#sent.set(seq, { at, acked: false });
    this.#publishing += 1;
    try {
      await link.publish(this.#topic, payload, 1);
      if (link !== this.#link) return;
      for (const seq of seqs) {
        const entry = this.#sent.get(seq);
        if (entry) entry.acked = true;
      }
    } catch (error) {
      if (link !== this.#link) return;
      // Refused, not lost: wait a little, the resend brings it again.
      this.#options.log.warn({ reason: (error as Error).message, events: seqs.length }, "the broker refused a publish");
      this.#heldUntil = performance.now() + refusedPauseMs;
    }
    this.#publishing -= 1;
    this.#pump();
  }
}

function fillMessage(batch: Wire[], packetBytes: number, log: Logger): { taken: Wire[]; left: number[] } {
  const mostBytes = packetBytes - packetOverhead;
  const taken: Wire[] = [];
  let bytes = 2;
  for (const [i, event] of batch.entries()) {
    const size = Buffer.byteLength(event.wire) + 1;
    if (size + 2 > mostBytes) {
      log.error({ size, mostBytes }, "an event is larger than the broker takes: raise its max_packet_size");
      continue;
    }
    if (bytes + size > mostBytes) return { taken, left: batch.slice(i).map(({ seq }) => seq) };
    bytes += size;
    taken.push(event);
  }
  return { taken, left: [] };
}

function joinEvents(events: Wire[]): string {
  return events.length === 1 ? events[0]!.wire : `[${events.map(({ wire }) => wire).join(",")}]`;
}
