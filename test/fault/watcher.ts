import { randomBytes, randomUUID } from "node:crypto";
import mqtt from "mqtt";
import type pg from "pg";
import { readIdentity, readSettings } from "../../src/edge/index.ts";
import { parseReceipt } from "../../src/record/receipts.ts";
import { makeUuidv7 } from "../../src/record/uuidv7.ts";

const everyMs = 500;
const resendMs = 4000;

export type Watcher = {
  sent(): number;
  receipts(): number;
  pending(): number;
  /** What a receipt covered and the database did not hold when it was looked up. */
  absent(): number[];
  stop(): Promise<void>;
};

/**
 * A device that looks up in the database, at each receipt and right then, whether all that the receipt covers is there. It sends
 * `perTick` numbered events each half second, and again what has no receipt after four.
 */
export async function startWatcher(dir: string, superuser: pg.Pool, perTick: number): Promise<Watcher> {
  const [{ device, mqtt: broker }, identity] = await Promise.all([readSettings(dir), readIdentity(dir)]);
  const outbox = randomUUID();
  const waiting = new Map<number, { event: string; at: number }>();
  const absent: number[] = [];
  let lastSeq = 0;
  let receipts = 0;
  let making = true;
  let looking: Promise<void> = Promise.resolve();
  const client = mqtt.connect(`mqtts://${broker.host}:${broker.port}`, {
    protocolVersion: 5,
    clientId: device,
    clean: true,
    reconnectPeriod: 300,
    queueQoSZero: false,
    ca: identity.trust,
    cert: identity.certificate,
    key: identity.key,
  });
  client.on("error", () => {});
  client.on("connect", () => client.subscribe(`v1/${device}/down/#`, { qos: 1 }));
  client.on("message", (_topic, payload) => {
    const receipt = parseReceipt(payload.toString());
    if (receipt.outbox !== outbox) return;
    receipts += 1;
    const ranges = [[1, receipt.through] as const, ...receipt.ranges];
    for (const [from, to] of ranges) for (let seq = from; seq <= to; seq++) waiting.delete(seq);
    looking = looking.then(async () => {
      const there = await seqsOf(superuser, device);
      for (const [from, to] of ranges) for (let seq = from; seq <= to; seq++) if (!there.has(seq)) absent.push(seq);
    });
  });
  const send = (events: string[]) => {
    const options = { qos: 1, properties: { payloadFormatIndicator: true } } as const;
    if (events.length > 0 && client.connected)
      client.publish(`v1/${device}/up/events`, `[${events}]`, options, () => {});
  };
  const timer = setInterval(() => {
    const overdue = [...waiting.values()].filter(({ at }) => at < performance.now() - resendMs).slice(0, 200);
    for (const each of overdue) each.at = performance.now();
    send(overdue.map(({ event }) => event));
    const fresh = Array.from({ length: making ? perTick : 0 }, () => wireEvent(outbox, ++lastSeq));
    for (const [n, event] of fresh.entries()) {
      waiting.set(lastSeq - fresh.length + n + 1, { event, at: performance.now() });
    }
    send(fresh);
  }, everyMs);
  return {
    sent: () => lastSeq,
    receipts: () => receipts,
    pending() {
      making = false;
      return waiting.size;
    },
    absent: () => absent,
    async stop() {
      clearInterval(timer);
      await client.endAsync(true);
      await looking;
    },
  };
}

function wireEvent(outbox: string, seq: number): string {
  const id = makeUuidv7(Date.now(), randomBytes(10));
  return JSON.stringify({ id, kind: "watch", occurred: new Date().toISOString(), outbox, seq, body: { seq } });
}

/** Asked until the database answers: it may be down at this moment, and what had a receipt must be there when it is back. */
async function seqsOf(superuser: pg.Pool, device: string): Promise<Set<number>> {
  for (let attempt = 0; ; attempt++) {
    try {
      const { rows } = await superuser.query<{ seq: number }>(
        "select (body::json ->> 'seq')::int as seq from events where source_id = $1",
        [device],
      );
      return new Set(rows.map(({ seq }) => seq));
    } catch (error) {
      if (attempt > 300) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
