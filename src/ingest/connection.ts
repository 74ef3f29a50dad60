import { isIP } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import mqtt, { type IConnackPacket, type IPublishPacket, type Packet } from "mqtt-packet";
import { createHeldAcks, type HeldAcks } from "./held-acks.ts";

export type ConnectionOptions = {
  host: string;
  port: number;
  cert: Buffer;
  key: Buffer;
  ca: Buffer;
  clientId: string;
  subscriptions: { topic: string; qos: 0 | 1 }[];
  /** How many QoS 1 messages the broker may send ahead of our PUBACKs. */
  receiveMaximum: number;
  sessionExpirySeconds: number;
  keepaliveSeconds: number;
  maximumPacketBytes: number;
};

export type Message = {
  topic: string;
  payload: Buffer;
  /** Whether it can only have been published by MQTT 5: it has the Payload Format Indicator 1, and 3.1.1 has no properties. */
  mqtt5: boolean;
  /** Acknowledges, when all before it are acknowledged and the connection it came on still stands. */
  done(): void;
};

export type ConnectionEvents = {
  onMessage(message: Message): void;
  /** Subscribed. `receiveMaximum`: how many of our QoS 1 publishes may be unacknowledged. */
  onReady(receiveMaximum: number, sessionPresent: boolean): void;
  /** A publish of ours was taken (reasonCode below 0x80) or refused. */
  onPuback(packetId: number, reasonCode: number): void;
  /** Called once, whatever the reason. */
  onClosed(error: Error | undefined): void;
};

/** One MQTT 5 connection, from TCP to its end. It never comes back: the caller opens the next. */
export type Connection = {
  publish(topic: string, payload: Buffer, packetId: number, again: boolean): void;
  /** Messages whose PUBACK is held. */
  held(): number;
  /** Takes no more messages: what still comes stays unacknowledged. Pings, and the answers to our own publishes, go on. */
  stopTaking(): void;
  /** Says goodbye and closes; what is not acknowledged stays in the broker's session. */
  end(): Promise<void>;
  destroy(error?: Error): void;
};

const windowsRead = 4;
const mostHeldBytes = 64 * 1024 * 1024;

export function openConnection(options: ConnectionOptions, events: ConnectionEvents): Connection {
  const socket = connectTls({
    host: options.host,
    port: options.port,
    cert: options.cert,
    key: options.key,
    ca: options.ca,
    servername: isIP(options.host) ? "" : options.host,
    minVersion: "TLSv1.2",
  });
  socket.setNoDelay(true);
  return speakMqtt(socket, options, events);
}

function speakMqtt(socket: TLSSocket, options: ConnectionOptions, events: ConnectionEvents): Connection {
  const parser = mqtt.parser({ protocolVersion: 5 });
  let failure: Error | undefined;
  let open = true;
  let stopped = false;
  let lastHeardAt = Date.now();
  let receiveMaximum = 65_535;
  let sessionPresent = false;

  const destroy = (error?: Error): void => {
    failure ??= error;
    socket.destroy();
  };
  const write = (packet: Packet): void => {
    if (open) socket.write(mqtt.generate(packet, { protocolVersion: 5 }));
  };
  const held: HeldAcks = createHeldAcks((ids) => {
    if (open) socket.write(pubacks(ids));
    flow();
  });
  // Mosquitto 2.0.11 forgets the Receive Maximum after the first PUBACK, so we stop reading by ourselves.
  const flow = (): void => {
    const full = held.messages >= windowsRead * options.receiveMaximum || held.bytes >= mostHeldBytes;
    const room = held.messages <= 2 * options.receiveMaximum && held.bytes <= mostHeldBytes / 2;
    if (full && !stopped && !socket.isPaused()) socket.pause();
    else if ((room || stopped) && socket.isPaused()) {
      lastHeardAt = Date.now();
      socket.resume();
    }
  };

  const onPublish = (packet: IPublishPacket): void => {
    if (stopped) return;
    const payload = packet.payload as Buffer;
    const mqtt5 = packet.properties?.payloadFormatIndicator === true;
    if (packet.qos === 0) {
      events.onMessage({ topic: packet.topic, payload, mqtt5, done: () => {} });
      return;
    }
    const { done } = held.hold(packet.messageId ?? 0, payload.length);
    events.onMessage({ topic: packet.topic, payload, mqtt5, done });
    flow();
  };
  const onConnack = (packet: IConnackPacket): void => {
    if (packet.reasonCode !== 0) {
      destroy(new Error(`the broker refused the connection: reason ${packet.reasonCode}`));
      return;
    }
    receiveMaximum = packet.properties?.receiveMaximum ?? 65_535;
    ({ sessionPresent } = packet);
    // Retained messages are no events: rh 2 leaves them.
    const subscriptions = options.subscriptions.map((each) => ({ ...each, nl: false, rap: false, rh: 2 }));
    write({ cmd: "subscribe", messageId: 1, subscriptions, properties: {} });
  };
  parser.on("packet", (packet: Packet) => {
    if (packet.cmd === "publish") onPublish(packet);
    else if (packet.cmd === "puback") events.onPuback(packet.messageId ?? 0, packet.reasonCode ?? 0);
    else if (packet.cmd === "connack") onConnack(packet);
    else if (packet.cmd === "suback") {
      const refused = (packet.granted as number[]).find((code) => code >= 0x80);
      if (refused !== undefined)
        destroy(new Error(`the broker refused the subscription: reason ${refused}; check its ACL`));
      else events.onReady(receiveMaximum, sessionPresent);
    } else if (packet.cmd === "disconnect")
      destroy(new Error(`the broker disconnected us: reason ${packet.reasonCode}`));
  });
  parser.on("error", (error: Error) => destroy(error));

  const ping = setInterval(() => {
    write({ cmd: "pingreq" });
    // While we do not read, we cannot hear the answer.
    if (!socket.isPaused() && Date.now() - lastHeardAt > 2 * options.keepaliveSeconds * 1000) {
      destroy(new Error("the broker has been silent for two keepalive intervals"));
    }
  }, options.keepaliveSeconds * 500);

  socket.once("secureConnect", () => write(connectPacket(options)));
  socket.on("data", (chunk) => {
    lastHeardAt = Date.now();
    parser.parse(chunk);
  });
  socket.on("error", (error) => {
    failure ??= error;
  });
  socket.once("close", () => {
    open = false;
    clearInterval(ping);
    events.onClosed(failure);
  });
  return {
    publish: (topic, payload, messageId, dup) =>
      write({ cmd: "publish", qos: 1, dup, retain: false, topic, payload, messageId, properties: {} }),
    held: () => held.messages,
    stopTaking() {
      stopped = true;
      flow();
    },
    end: () =>
      new Promise((resolve) => {
        if (!open) return resolve();
        socket.once("close", () => resolve());
        parser.removeAllListeners("packet");
        socket.resume();
        socket.end(mqtt.generate({ cmd: "disconnect", reasonCode: 0 }, { protocolVersion: 5 }));
        setTimeout(() => socket.destroy(), 1000).unref();
      }),
    destroy,
  };
}

function connectPacket(options: ConnectionOptions): Packet {
  return {
    cmd: "connect",
    protocolId: "MQTT",
    protocolVersion: 5,
    // The session stays for a while, so that a short break loses nothing that the broker had taken for us.
    clean: false,
    clientId: options.clientId,
    keepalive: options.keepaliveSeconds,
    properties: {
      sessionExpiryInterval: options.sessionExpirySeconds,
      receiveMaximum: options.receiveMaximum,
      maximumPacketSize: options.maximumPacketBytes,
    },
  };
}

/** PUBACKs with reason success: four bytes each (MQTT 5, 3.4.2.1). */
function pubacks(packetIds: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(packetIds.length * 4);
  for (const [n, packetId] of packetIds.entries()) {
    bytes.writeUInt16BE(0x4002, n * 4);
    bytes.writeUInt16BE(packetId, n * 4 + 2);
  }
  return bytes;
}
