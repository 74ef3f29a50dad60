import { readFile } from "node:fs/promises";
import { connect, type IClientOptions } from "mqtt";
import type { Logger } from "../platform/logger.ts";

/** How to reach the worker's listener of the broker. */
export type BrokerAccess = { host: string; port: number; cert: string; key: string; ca: string };

export async function loadBrokerAccess(mqtt: {
  host: string;
  port: number;
  certFile: string;
  keyFile: string;
  caFile: string;
}): Promise<BrokerAccess> {
  const [cert, key, ca] = await Promise.all(
    [mqtt.certFile, mqtt.keyFile, mqtt.caFile].map((file) => readFile(file, "utf8")),
  );
  return { host: mqtt.host, port: mqtt.port, cert: cert!, key: key!, ca: ca! };
}

/**
 * Ends a client's live session and forgets what the broker keeps for it: connects under its client id (MQTT 5, 3.1.4-3, session
 * taken over) and leaves. Resolves when it is done; rejects when the broker does not answer within 4 s. The client may come
 * back if broker and certificate still let it.
 */
export function endSession(broker: BrokerAccess, clientId: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const properties = { sessionExpiryInterval: 0 };
    const client = connect({ ...connection(broker), clientId, clean: true, reconnectPeriod: 0, properties });
    let taken = false;
    let failure = new Error("the broker closed the connection without an answer");
    client.on("error", (error) => {
      failure = error;
      client.end(true);
    });
    client.once("connect", () => {
      taken = true;
      client.end();
    });
    client.once("close", () => {
      client.end(true);
      if (taken) resolve();
      else reject(failure);
    });
  });
}

export type ConnectedClient = {
  clientId: string;
  username: string;
  /** The broker's port that it came in by. */
  port: number;
  mqtt5: boolean;
};

export type WatchOptions = {
  broker: BrokerAccess;
  /** Resolves false to end the session. Throwing ends it too: who cannot be checked does not stay. */
  allow(client: ConnectedClient): Promise<boolean>;
  log: Logger;
  /** Each time that the watch begins, also after a break: who connected in between, it has not seen. */
  onBegun?(): void;
  clientId?: string;
};

/** `ready` resolves when the watch has first begun. */
export type SessionWatch = { ready: Promise<void>; stop(): Promise<void> };

/**
 * Watches who connects, by the broker's own log topics, and ends whom `allow` refuses: clients that do not speak MQTT 5 on
 * a listener that demands it (Mosquitto 2.0 has no option for that), and devices revoked since their TLS session began.
 * Goes on through a broker's absence. Who connected before the watch, or while it was away, is not seen: `onBegun` is the
 * moment to end the sessions of whoever was revoked, and ingest refuses what they send in any case.
 */
export async function watchSessions(options: WatchOptions): Promise<SessionWatch> {
  const { broker, log } = options;
  const ports = new Map<string, number>();
  const running = new Set<Promise<void>>();
  const client = connect({
    ...connection(broker),
    clientId: options.clientId ?? "ledgerstone-sessions",
    clean: true,
    reconnectPeriod: 1000,
    resubscribe: false,
  });
  const ready = new Promise<void>((resolve) => {
    client.on("connect", () => {
      client.subscribeAsync("$SYS/broker/log/N", { qos: 0 }).then(
        () => {
          options.onBegun?.();
          resolve();
        },
        (error: Error) => log.warn({ reason: error.message }, "session watch could not subscribe"),
      );
    });
  });
  client.on("error", (error) => log.warn({ reason: error.message }, "session watch lost the broker"));
  client.on("message", (_topic, payload) => {
    const line = payload.toString("utf8");
    rememberPort(ports, line);
    const connected = parseConnected(line, ports);
    if (!connected || connected.username === "worker") return;
    const work = check(options, connected).finally(() => running.delete(work));
    running.add(work);
  });
  return {
    ready,
    async stop() {
      await client.endAsync(true);
      await Promise.all(running);
    },
  };
}

async function check(options: WatchOptions, client: ConnectedClient): Promise<void> {
  const { log, broker } = options;
  const { clientId, port, mqtt5 } = client;
  try {
    if (await options.allow(client)) return;
  } catch (error) {
    log.error({ err: error, clientId }, "a connected client could not be checked");
  }
  try {
    await endSession(broker, clientId);
    log.warn({ clientId, port, mqtt5 }, "session ended");
  } catch (error) {
    log.error({ err: error, clientId }, "a session could not be ended");
  }
}

// `New connection from <address>:<port> on port <listener>.` comes before `New client connected from …`.
function rememberPort(ports: Map<string, number>, line: string): void {
  const match = /^\d+: New connection from (\S+) on port (\d+)\.$/.exec(line);
  if (!match) return;
  ports.delete(match[1]!);
  ports.set(match[1]!, Number(match[2]));
  // Many never become a client: TLS refuses them. The oldest go.
  const [oldest] = ports.keys();
  if (ports.size > 20_000 && oldest !== undefined) ports.delete(oldest);
}

export function parseConnected(line: string, ports: ReadonlyMap<string, number>): ConnectedClient | null {
  const match = /^\d+: New client connected from (\S+) as (.+) \(p(\d+), c\d+, k\d+, u'(.*)'\)\.$/s.exec(line);
  if (!match) return null;
  const [, address = "", clientId = "", version, username = ""] = match;
  return { clientId, username, port: ports.get(address) ?? 0, mqtt5: version === "5" };
}

function connection({ host, port, cert, key, ca }: BrokerAccess): IClientOptions {
  return {
    protocol: "mqtts",
    host,
    port,
    cert,
    key,
    ca,
    rejectUnauthorized: true,
    protocolVersion: 5,
    connectTimeout: 4000,
    keepalive: 30,
  };
}
