import { randomUUID } from "node:crypto";
import mqtt, { type MqttClient } from "mqtt";
import { parseReceipt, type Receipt } from "../../src/record/receipts.ts";
import type { Broker } from "../support/mosquitto.ts";
import { newId } from "./estate.ts";

/** What no MQTT 3.1.1 publish can have: ingest asks for it. */
export const properties = { payloadFormatIndicator: true };

export type Device = {
  deviceId: string;
  outbox: string;
  client: MqttClient;
  receipts: Receipt[];
  publish(payload: string | Buffer): Promise<void>;
  /** Resolves with the first receipt, earlier or later, that `match` takes. */
  receipt(match: (receipt: Receipt) => boolean, timeoutMs?: number): Promise<Receipt>;
  stop(): Promise<void>;
};

export const wireEvent = (fields: Record<string, unknown> = {}): Record<string, unknown> => ({
  id: newId(),
  kind: "gate.passage",
  occurred: new Date().toISOString(),
  body: { open: true },
  ...fields,
});

/** A device on the broker, with a certificate of its own. */
export async function connectDevice(
  broker: Broker,
  deviceId: string,
  { sessionExpirySeconds = 3600 } = {},
): Promise<Device> {
  const { cert, key } = await broker.pki.devices.issue({ cn: deviceId });
  const client = await mqtt.connectAsync(`mqtts://${broker.host}:${broker.port}`, {
    protocolVersion: 5,
    clientId: deviceId,
    clean: false,
    properties: { sessionExpiryInterval: sessionExpirySeconds },
    ca: broker.pki.servers.cert,
    cert,
    key,
    reconnectPeriod: 200,
  });
  client.on("error", () => {});
  const receipts: Receipt[] = [];
  const waiting: { match(receipt: Receipt): boolean; resolve(receipt: Receipt): void }[] = [];
  client.on("message", (_topic, payload) => {
    const receipt = parseReceipt(payload.toString());
    receipts.push(receipt);
    for (const each of waiting) if (each.match(receipt)) each.resolve(receipt);
  });
  await client.subscribeAsync(`v1/${deviceId}/down/#`, { qos: 1 });
  return {
    deviceId,
    outbox: randomUUID(),
    client,
    receipts,
    publish: async (payload) =>
      void (await client.publishAsync(`v1/${deviceId}/up/events`, payload, { qos: 1, properties })),
    receipt: (match, timeoutMs = 15_000) =>
      new Promise((resolve, reject) => {
        const earlier = receipts.find(match);
        if (earlier) return resolve(earlier);
        const timer = setTimeout(() => reject(new Error(`no such receipt within ${timeoutMs} ms`)), timeoutMs);
        waiting.push({
          match,
          resolve: (receipt) => {
            clearTimeout(timer);
            resolve(receipt);
          },
        });
      }),
    stop: () => client.endAsync(true),
  };
}
