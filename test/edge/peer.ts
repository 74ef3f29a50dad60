import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { connect, type MqttClient } from "mqtt";
import { writeIdentity, writeSettings } from "../../src/edge/identity.ts";
import type { Receipt } from "../../src/edge/receipt.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { timestampFromMillis } from "../../src/record/time.ts";
import { parseWireEvents, type WireEvent } from "../../src/record/wire.ts";
import { type Broker, startMosquitto } from "../support/mosquitto.ts";
import { removeDirectory, temporaryDirectory } from "../support/temporary.ts";

export const quiet = createLogger("edge", "silent");

// An enrolled directory without an appliance: the certificate comes from the test's device CA.
export async function enrolledDirectory(broker: Broker, server = "https://localhost:1") {
  const dir = join(await temporaryDirectory("edge-dir"), "edge");
  const device = randomUUID();
  const { cert, key } = await broker.pki.devices.issue({ cn: device });
  const settings = { device, server, mqtt: { host: broker.host, port: broker.port } };
  await writeIdentity(dir, { key, certificate: cert, trust: broker.pki.servers.cert });
  await writeSettings(dir, settings);
  return { dir, device, stop: () => removeDirectory(join(dir, "..")) };
}

export type Arrival = WireEvent & { message: number; of: number };

// Stands in for the worker on a real broker: what the test lets it answer is the point of the test.
export async function startListener(broker: Broker) {
  const { pki } = broker;
  const open = async () => {
    const opened = connect({
      protocol: "mqtts",
      host: broker.host,
      port: broker.port,
      ca: pki.servers.cert,
      cert: await readFile(pki.workerCertFile),
      key: await readFile(pki.workerKeyFile),
      protocolVersion: 5,
      clientId: "worker",
      reconnectPeriod: 50,
    });
    opened.on("error", () => {});
    opened.on("message", (topic, payload) => hear(topic, payload.toString("utf8")));
    await new Promise<void>((resolve) => opened.once("connect", () => resolve()));
    await opened.subscribeAsync("v1/+/up/#", { qos: 1 });
    return opened;
  };
  const arrivals: Arrival[] = [];
  const statuses: { topic: string; text: string }[] = [];
  const waiting: { device: string; event: WireEvent }[] = [];
  const stored = new Map<string, Set<number>>(); // by incarnation
  let messages = 0;
  let answering = true;
  let client: MqttClient;

  function hear(topic: string, text: string) {
    if (topic.endsWith("/up/status")) {
      statuses.push({ topic, text });
      return;
    }
    const parsed = parseWireEvents(text);
    messages += 1;
    for (const result of parsed) {
      if (!result.ok) throw new Error(result.detail);
      arrivals.push({ ...result.event, message: messages, of: parsed.length });
      waiting.push({ device: topic.split("/")[1]!, event: result.event });
    }
    if (answering) answer();
  }
  function answer(parts: Partial<Receipt> = {}) {
    const devices = new Map(waiting.splice(0).map(({ device, event }) => [device, note(event)]));
    for (const [device, outbox] of devices) send(device, { ...coverage(outbox), ...parts });
  }
  function note({ outbox = "", seq = 0 }: WireEvent): string {
    stored.set(outbox, (stored.get(outbox) ?? new Set()).add(seq));
    return outbox;
  }
  function coverage(outbox: string) {
    for (const { event } of waiting) note(event);
    const seqs = [...(stored.get(outbox) ?? [])].sort((a, b) => a - b);
    const through = seqs.findIndex((seq, i) => seq !== i + 1);
    const covered = through === -1 ? seqs.length : through;
    const ranges = seqs.slice(covered).map((seq) => [seq, seq] as [number, number]);
    return { outbox, through: covered, ranges };
  }
  function send(device: string, parts: Pick<Receipt, "outbox" | "through" | "ranges"> & Partial<Receipt>) {
    const receipt = { rejects: [], backedUp: null, tickets: [], at: timestampFromMillis(Date.now()), ...parts };
    client.publish(`v1/${device}/down/receipts`, JSON.stringify(receipt), { qos: 1 });
  }

  client = await open();
  return {
    arrivals,
    statuses,
    answer,
    send,
    coverage,
    hold() {
      answering = false;
    },
    release() {
      answering = true;
      answer();
    },
    command: (device: string, command: string) =>
      client.publishAsync(`v1/${device}/down/commands`, JSON.stringify({ command }), { qos: 1 }),
    stop: () => client.endAsync(true),
  };
}
export type Listener = Awaited<ReturnType<typeof startListener>>;

export async function testBroker() {
  const broker = await startMosquitto();
  const listener = await startListener(broker);
  return {
    broker,
    listener,
    async stop() {
      await listener.stop();
      await broker.stop();
    },
  };
}
