import type { Logger } from "../platform/logger.ts";
import type { Receipt, Reject } from "../record/receipts.ts";
import type { Timestamp } from "../record/time.ts";
import type { Connection } from "./connection.ts";
import type { Delivered } from "./flusher.ts";
import type { OutboxMark, Recorded } from "./incoming.ts";
import { createOutbound } from "./outbound.ts";
import { cutReceipt, mergeReceipts } from "./receipt-parts.ts";
import { createUntold } from "./untold.ts";

/** MQTT 5, 3.4.2.1: No matching subscribers. */
const nobodySubscribes = 0x10;

type Addressed = { name: string; receipt: Receipt };

/** Publishes receipts. At most one waits for each outbox: a newer one takes up what the older one says. */
export type ReceiptPublisher = {
  push(name: string, receipt: Receipt): void;
  /** A new connection: what the last one left unacknowledged goes out again. */
  attach(connection: Connection, receiveMaximum: number, sessionPresent: boolean): void;
  detach(): void;
  onPuback(packetId: number, reasonCode: number): void;
  /** Resolves when nothing waits and nothing is unacknowledged. */
  drained(): Promise<void>;
};

export function createReceiptPublisher(log: Logger): ReceiptPublisher {
  const waiting = createOutbound<Addressed>((older, newer) => ({
    name: newer.name,
    receipt: mergeReceipts(older.receipt, newer.receipt),
  }));
  const sent = new Map<number, Addressed & { topic: string; payload: Buffer }>();
  const untold = createUntold();
  let link: { connection: Connection; receiveMaximum: number } | undefined;
  let lastId = 0;
  let idle: (() => void)[] = [];

  const push = (name: string, receipt: Receipt): void => {
    const key = `${name} ${receipt.outbox}`;
    const missed = untold.take(key);
    waiting.push(key, { name, receipt: missed ? mergeReceipts(missed, receipt) : receipt });
    pump();
  };
  const pump = (): void => {
    while (link && waiting.size > 0 && sent.size < Math.min(link.receiveMaximum, 1000)) {
      const next = waiting.shift()!;
      const { now, later } = cutReceipt(next.receipt);
      if (later) waiting.push(`${next.name} ${later.outbox}`, { name: next.name, receipt: later });
      const payload = Buffer.from(JSON.stringify(now));
      const message = { name: next.name, receipt: now, topic: `${next.name}/down/receipts`, payload };
      do lastId = (lastId % 65_535) + 1;
      while (sent.has(lastId));
      sent.set(lastId, message);
      link.connection.publish(message.topic, message.payload, lastId, false);
    }
    if (waiting.size > 0 || sent.size > 0) return;
    for (const each of idle) each();
    idle = [];
  };
  return {
    push,
    attach(connection, receiveMaximum, sessionPresent) {
      link = { connection, receiveMaximum };
      for (const [packetId, { topic, payload }] of sent) connection.publish(topic, payload, packetId, sessionPresent);
      pump();
    },
    detach() {
      link = undefined;
    },
    onPuback(packetId, reasonCode) {
      const message = sent.get(packetId);
      if (!message) return;
      sent.delete(packetId);
      // What is stored the edge asks for by sending it again; a reject whose number a later receipt covers it does not.
      if (reasonCode === nobodySubscribes) untold.keep(`${message.name} ${message.receipt.outbox}`, message.receipt);
      if (reasonCode >= 0x80) log.warn({ reasonCode }, "the broker refused a receipt: check its ACL");
      pump();
    },
    drained() {
      return new Promise((resolve) => {
        idle.push(resolve);
        pump();
      });
    },
  };
}

/** What the committed batch has to say to each outbox that had a part in it. */
export function receiptsOf(delivered: readonly Delivered[], recorded: Recorded, at: Timestamp): Addressed[] {
  const marks = new Map<string, OutboxMark>();
  for (const mark of recorded.marks) marks.set(`${mark.deviceId} ${mark.outbox}`, mark);
  const receipts = new Map<string, Addressed>();
  const entryOf = (name: string, deviceId: string, outbox: string | null): Addressed => {
    const key = `${name} ${outbox}`;
    const known = receipts.get(key);
    if (known) return known;
    const mark = outbox === null ? undefined : marks.get(`${deviceId} ${outbox}`);
    const made = { name, receipt: emptyReceipt(outbox, mark, at) };
    receipts.set(key, made);
    return made;
  };
  for (const { message, sender, from } of delivered) {
    let entry: Addressed | undefined;
    for (const [n, parsed] of message.parsed.entries()) {
      const { outbox = null, seq = null } = parsed.ok ? parsed.event : parsed;
      const outcome = recorded.outcomes[from + n];
      if (entry?.receipt.outbox !== outbox) entry = entryOf(message.name, sender.deviceId, outbox);
      if (outcome?.status === "rejected") {
        const reject: Reject = { id: outcome.id, seq, reason: outcome.reason, detail: outcome.detail.slice(0, 1000) };
        entry.receipt.rejects.push(reject);
      } else if (outcome && outcome.tickets.length > 0) entry.receipt.tickets.push(...outcome.tickets);
    }
  }
  // Without an outbox there is nothing to confirm, only something to say.
  return [...receipts.values()].filter(
    ({ receipt }) => receipt.outbox !== null || receipt.rejects.length > 0 || receipt.tickets.length > 0,
  );
}

function emptyReceipt(outbox: string | null, mark: OutboxMark | undefined, at: Timestamp): Receipt {
  const [first, ...rest] = mark?.ranges ?? [];
  const fromStart = first !== undefined && first[0] <= 1;
  return {
    outbox,
    through: fromStart ? first[1] : 0,
    ranges: fromStart || !first ? rest : [first, ...rest],
    rejects: [],
    backedUp: mark?.backedUp ?? null,
    tickets: [],
    at,
  };
}
