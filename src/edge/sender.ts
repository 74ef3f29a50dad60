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
export type Sender = {
  link(link: Link): void;
  unlink(): void;
  receipt(payload: Buffer): void;
  stop(): void;
};

const mostMessageBytes = 1_048_576;
const packetOverhead = 256;
const tickMs = 1_000;

// Publishes what the outbox holds and forgets it only through receipts: the broker's PUBACK says no more than that
// the broker has it in memory.
export function startSender(options: SenderOptions): Sender {
  const { outbox, device, log, batchSize = 200, windowEvents = 2_000, lingerMs = 100, resendMs = 30_000 } = options;
  const topic = `v1/${device}/up/events`;
  const sent = new Map<number, { at: number; acked: boolean }>();
  let again: number[] = []; // seqs to send once more, before new ones
  let cursor = 0; // every pending seq up to here was sent, is in `again`, or is too large for this link
  let link: Link | null = null;
  let publishing = 0;
  let asks: string[] = [];
  let lingering: NodeJS.Timeout | null = null;
  let heldUntil = 0;

  const nextBatch = (most: number): { seq: number; wire: string }[] => {
    if (again.length > 0) {
      const seqs = again.slice(0, most);
      again = again.slice(most);
      return outbox.pendingOf(seqs);
    }
    return outbox.pendingAfter(cursor, most);
  };

  const pump = () => {
    while (link && performance.now() >= heldUntil && publishing < link.receiveMaximum) {
      const ask = asks.shift();
      if (ask !== undefined) {
        publish(link, [], ask);
        continue;
      }
      const room = Math.min(batchSize, windowEvents - sent.size);
      if (room <= 0) return;
      const hadAgain = again.length > 0;
      const batch = nextBatch(room);
      if (batch.length === 0) {
        if (hadAgain) continue;
        return;
      }
      const { taken, left } = fill(batch, Math.min(mostMessageBytes, link.maximumPacketSize) - packetOverhead, log);
      if (hadAgain) again = [...left, ...again];
      else cursor = Math.max(cursor, (left[0] ?? batch.at(-1)!.seq + 1) - 1);
      if (taken.length > 0)
        publish(
          link,
          taken.map(({ seq }) => seq),
          join(taken),
        );
    }
  };

  const publish = (on: Link, seqs: number[], payload: string) => {
    const at = performance.now();
    for (const seq of seqs) sent.set(seq, { at, acked: false });
    publishing += 1;
    on.publish(topic, payload, 1).then(
      () => {
        if (on !== link) return;
        publishing -= 1;
        for (const seq of seqs) {
          const entry = sent.get(seq);
          if (entry) entry.acked = true;
        }
        pump();
      },
      (error: Error) => {
        if (on !== link) return;
        publishing -= 1;
        log.warn({ reason: error.message, events: seqs.length }, "the broker refused a publish");
        // Refused, not lost: wait a little, the resend brings it again.
        heldUntil = performance.now() + 5_000;
      },
    );
  };

  const tick = () => {
    const overdue = performance.now() - resendMs;
    for (const [seq, { at }] of sent) {
      if (at > overdue) continue;
      sent.delete(seq);
      again.push(seq);
    }
    if (link && asks.length === 0) asks = outbox.takeAsks(50).map(({ wire }) => wire);
    pump();
  };
  const ticking = setInterval(tick, tickMs);
  const unlisten = outbox.onAppend(() => {
    lingering ??= setTimeout(() => {
      lingering = null;
      pump();
    }, lingerMs);
  });

  const receipt = (payload: Buffer) => {
    const parsed = parseReceipt(payload);
    options.onServerTime?.(Date.parse(parsed.at));
    const { result, rejected } = outbox.applyReceipt(parsed);
    for (const { reason } of rejected) log.warn({ reason }, "the appliance rejected an event");
    if (result === "other-incarnation") return;
    if (result !== "applied") {
      log.warn({ result }, "the outbox goes out again: one of the two sides was put back to an older state");
      sent.clear();
      again = [];
      cursor = 0;
    }
    for (const seq of sent.keys()) if (covers(parsed, seq)) sent.delete(seq);
    if (parsed.tickets.length > 0) options.onTickets?.();
    pump();
  };

  return {
    link(newLink) {
      link = newLink;
      publishing = 0;
      heldUntil = 0;
      pump();
    },
    // What the broker acknowledged waits for its receipt; the rest goes out with the next link.
    unlink() {
      link = null;
      for (const [seq, { acked }] of sent) {
        if (acked) continue;
        sent.delete(seq);
        again.push(seq);
      }
    },
    receipt,
    stop() {
      link = null;
      clearInterval(ticking);
      if (lingering) clearTimeout(lingering);
      unlisten();
    },
  };
}

function fill(batch: { seq: number; wire: string }[], mostBytes: number, log: Logger) {
  const taken: typeof batch = [];
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

function join(events: { wire: string }[]): string {
  return events.length === 1 ? events[0]!.wire : `[${events.map(({ wire }) => wire).join(",")}]`;
}
