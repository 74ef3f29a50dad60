import { randomBytes, randomUUID } from "node:crypto";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { readIdentity, readSettings } from "../../src/edge/index.ts";
import { parseReceipt, type Receipt } from "../../src/record/receipts.ts";
import { makeUuidv7 } from "../../src/record/uuidv7.ts";

export type DeviceClient = {
  device: string;
  client: MqttClient;
  /** Publishes one event with the next number, until its receipt comes. */
  send(fields?: Record<string, unknown>): Promise<{ id: string; receipt: Receipt }>;
  stop(): Promise<void>;
};

/** An event of now, with a fresh id. */
export const wireEvent = (fields: Record<string, unknown> = {}): Record<string, unknown> & { id: string } => ({
  id: makeUuidv7(Date.now(), randomBytes(10)),
  kind: "gate.passage",
  occurred: new Date().toISOString(),
  body: { open: true },
  ...fields,
});

/** A device of its own making on the broker, with the certificate and key of an enrolled edge. */
export async function connectDevice(dir: string, options: IClientOptions = {}): Promise<DeviceClient> {
  const [{ device, mqtt }, identity] = await Promise.all([readSettings(dir), readIdentity(dir)]);
  const client = await connectAsync(`mqtts://${mqtt.host}:${mqtt.port}`, {
    protocolVersion: 5,
    clientId: device,
    ca: identity.trust,
    cert: identity.certificate,
    key: identity.key,
    reconnectPeriod: 0,
    ...options,
  });
  client.on("error", () => {});
  const outbox = randomUUID();
  let seq = 0;
  const waiting = new Map<number, (receipt: Receipt) => void>();
  client.on("message", (_topic, payload) => {
    const receipt = parseReceipt(payload.toString());
    for (const [number, resolve] of waiting) {
      if (receipt.outbox !== outbox || receipt.through < number) continue;
      waiting.delete(number);
      resolve(receipt);
    }
  });
  await client.subscribeAsync(`v1/${device}/down/#`, { qos: 1 });
  return {
    device,
    client,
    send(fields) {
      seq += 1;
      const event = wireEvent({ outbox, seq, ...fields });
      const publish = () =>
        client.publish(`v1/${device}/up/events`, JSON.stringify(event), {
          qos: 1,
          properties: { payloadFormatIndicator: true },
        });
      return new Promise((resolve, reject) => {
        const again = setInterval(publish, 3000);
        const timer = setTimeout(() => {
          clearInterval(again);
          reject(new Error(`no receipt for number ${event.seq} within 20 s`));
        }, 20_000);
        waiting.set(event.seq as number, (receipt) => {
          clearInterval(again);
          clearTimeout(timer);
          resolve({ id: event.id, receipt });
        });
        publish();
      });
    },
    stop: () => client.endAsync(true),
  };
}
