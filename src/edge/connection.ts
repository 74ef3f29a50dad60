import { connect, type IConnackPacket, type MqttClient } from "mqtt";
import type { Logger } from "../platform/logger.ts";
import { Backoff } from "./backoff.ts";
import { type EdgeSettings, type Identity, tlsOptions } from "./identity.ts";

// One live connection to the broker. `publish` resolves with the broker's PUBACK, which is not yet a receipt.
export type Link = {
  receiveMaximum: number; // how many unacknowledged publishes the broker takes
  maximumPacketSize: number;
  publish(topic: string, payload: string, qos: 0 | 1): Promise<void>;
};
export type ConnectionOptions = {
  settings: () => Promise<{ settings: EdgeSettings; identity: Identity }>; // read anew for each attempt
  onLink(link: Link): void;
  onUnlink(): void;
  onMessage(topic: string, payload: Buffer): void;
  log: Logger;
  firstBackoffMs?: number;
  longestBackoffMs?: number;
};

const sessionExpirySeconds = 30;
const connectTimeoutMs = 15_000;
const steadyMs = 10_000;
const goodbyeMs = 2_000;
// A certificate out of its time is more often a box that has lost its clock.
const clockErrors = ["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"];

// Keeps a connection to the broker until stopped. A new client for each attempt: MQTT.js would otherwise re-send what
// its own memory holds, while here the outbox alone decides what is sent again.
export function startConnection(options: ConnectionOptions): { stop(): Promise<void>; drop(): void } {
  const { log, firstBackoffMs = 1_000, longestBackoffMs = 60_000 } = options;
  const backoff = new Backoff(firstBackoffMs, longestBackoffMs);
  const stopped = new AbortController();
  let client: MqttClient | null = null;

  const run = async () => {
    while (!stopped.signal.aborted) {
      try {
        const { settings, identity } = await options.settings();
        if (stopped.signal.aborted) return;
        client = openClient(settings, identity);
        const livedMs = await liveWith(client, settings.device, options);
        // Not at once: a broker that takes each connection and drops it again would see a hot loop.
        if (livedMs >= steadyMs) backoff.reset();
      } catch (error) {
        const { message, code = "" } = error as NodeJS.ErrnoException;
        if (clockErrors.includes(code)) log.error({ reason: message, clock: new Date() }, "is the clock right?");
        else log.warn({ reason: message }, "not connected to the broker");
      }
      client = null;
      if (!stopped.signal.aborted) await pause(backoff.nextMs(), stopped.signal);
    }
  };
  const running = run();
  return {
    drop: () => client?.stream.destroy(),
    stop: async () => {
      stopped.abort();
      client?.end();
      const impatient = setTimeout(() => client?.stream.destroy(), goodbyeMs);
      await running;
      clearTimeout(impatient);
    },
  };
}

function openClient({ device, mqtt }: EdgeSettings, identity: Identity): MqttClient {
  return connect({
    ...tlsOptions(identity),
    protocol: "mqtts",
    host: mqtt.host,
    port: mqtt.port,
    rejectUnauthorized: true,
    protocolVersion: 5,
    clientId: device,
    clean: false,
    keepalive: 30,
    connectTimeout: connectTimeoutMs,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    properties: { sessionExpiryInterval: sessionExpirySeconds, receiveMaximum: 100 },
  });
}

// Resolves when the connection has ended, to how long it was of use.
async function liveWith(client: MqttClient, device: string, options: ConnectionOptions): Promise<number> {
  let failure: Error | null = null;
  let linkedAt: number | null = null;
  const closed = new Promise<void>((resolve) => client.once("close", resolve));
  client.on("error", (error) => {
    failure = error;
  });
  client.on("message", (topic, payload) => options.onMessage(topic, payload));
  client.once("connect", (connack: IConnackPacket) => {
    client
      .subscribeAsync(`v1/${device}/down/#`, { qos: 1 })
      .then(() => {
        if (!client.connected) return;
        linkedAt = performance.now();
        options.onLink(makeLink(client, connack));
      })
      .catch((error: Error) => {
        failure = error;
        client.stream.destroy();
      });
  });
  await closed;
  client.end(true);
  if (linkedAt !== null) {
    options.onUnlink();
    return performance.now() - linkedAt;
  }
  throw failure ?? new Error("the broker closed the connection before it was of use");
}

function makeLink(client: MqttClient, connack: IConnackPacket): Link {
  return {
    receiveMaximum: connack.properties?.receiveMaximum ?? 65_535,
    maximumPacketSize: connack.properties?.maximumPacketSize ?? 268_435_455,
    publish: async (topic, payload, qos) => {
      // The mark of MQTT 5: the appliance drops what comes without it.
      await client.publishAsync(topic, payload, { qos, properties: { payloadFormatIndicator: true } });
    },
  };
}

// Resolves after the time, or at once when the signal is given.
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done);
  });
}
