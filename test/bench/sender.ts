// A raw sender over mTLS in a process of its own: argv[2] is JSON. Prints {"seconds","messages"} when every PUBACK is in.
import { readFile } from "node:fs/promises";
import { connect } from "node:tls";
import mqtt, { type Packet } from "mqtt-packet";
import { newId } from "../ingest/estate.ts";

type Order = {
  host: string;
  port: number;
  certFile: string;
  keyFile: string;
  caFile: string;
  device: string;
  outbox: string;
  messages: number;
  /** Events a message; 1 sends a bare object. */
  events: number;
};

const order = JSON.parse(process.argv[2] ?? "{}") as Order;
const [cert, key, ca] = await Promise.all([order.certFile, order.keyFile, order.caFile].map((file) => readFile(file)));
const topic = Buffer.from(`v1/${order.device}/up/events`);
let seq = 0;

function event(): string {
  seq += 1;
  const body = `{"plate":"AB${seq}","gate":${seq % 40},"direction":"in","speed":17.25,"note":"regular passage of a vehicle"}`;
  return `{"id":"${newId()}","kind":"gate.passage","occurred":"${new Date().toISOString()}","outbox":"${order.outbox}","seq":${seq},"body":${body}}`;
}

/** PUBLISH, QoS 1, MQTT 5 with Payload Format Indicator 1, written by hand: the sender must not be what is measured. */
function publish(packetId: number): Buffer {
  const text = order.events === 1 ? event() : `[${Array.from({ length: order.events }, event).join(",")}]`;
  const payload = Buffer.from(text);
  let length = 2 + topic.length + 2 + 3 + payload.length;
  const head = [0x32];
  do {
    head.push((length & 127) | (length > 127 ? 128 : 0));
    length >>= 7;
  } while (length > 0);
  const topicLength = Buffer.from([topic.length >> 8, topic.length & 255]);
  return Buffer.concat([
    Buffer.from(head),
    topicLength,
    topic,
    Buffer.from([packetId >> 8, packetId & 255, 2, 1, 1]),
    payload,
  ]);
}

const window = order.events === 1 ? 500 : 20;
const socket = connect({ host: order.host, port: order.port, cert, key, ca });
const parser = mqtt.parser({ protocolVersion: 5 });
let sent = 0;
let acked = 0;
let began = 0;

// Made before it connects: what making them costs is no part of what is measured.
const packets = Array.from({ length: order.messages }, (_, n) => publish(((n + 1) % 65_000) + 1));

function pump(): void {
  const parts: Buffer[] = [];
  while (sent < order.messages && sent - acked < window) parts.push(packets[sent++]!);
  if (parts.length > 0) socket.write(Buffer.concat(parts));
}

parser.on("packet", (packet: Packet) => {
  if (packet.cmd === "connack") {
    began = performance.now();
    pump();
  } else if (packet.cmd === "puback") {
    acked += 1;
    if (acked === order.messages) {
      console.log(JSON.stringify({ seconds: (performance.now() - began) / 1000, messages: acked }));
      socket.end();
    }
  }
});
socket.on("secureConnect", () =>
  socket.write(
    mqtt.generate(
      { cmd: "connect", protocolId: "MQTT", protocolVersion: 5, clientId: order.device, clean: true, keepalive: 0 },
      { protocolVersion: 5 },
    ),
  ),
);
socket.on("data", (chunk) => {
  parser.parse(chunk);
  pump();
});
