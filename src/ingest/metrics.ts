import { Counter, Gauge, Histogram, Registry } from "prom-client";

export type IngestMetrics = {
  stored: Counter;
  duplicates: Counter;
  rejected: Counter<"reason">;
  unknownSenders: Counter;
  oldProtocol: Counter;
  statusesUnreadable: Counter;
  receipts: Counter;
  batchSeconds: Histogram;
  batchEvents: Histogram;
  connections: Counter;
  connected: Gauge;
  held: Gauge;
  diskFull: Gauge;
};

export function createIngestMetrics(registry: Registry = new Registry()): IngestMetrics {
  const registers = [registry];
  const counter = (name: string, help: string) => new Counter({ name: `ledgerstone_ingest_${name}`, help, registers });
  const gauge = (name: string, help: string) => new Gauge({ name: `ledgerstone_ingest_${name}`, help, registers });
  return {
    stored: counter("events_stored_total", "Events stored."),
    duplicates: counter("events_duplicate_total", "Events that were stored before."),
    rejected: new Counter({
      name: "ledgerstone_ingest_events_rejected_total",
      help: "Events that became dead letters or met a quota.",
      labelNames: ["reason"],
      registers,
    }),
    unknownSenders: counter("unknown_senders_total", "Messages on topics of no known device."),
    oldProtocol: counter("old_protocol_total", "Messages dropped because they did not come by MQTT 5."),
    statusesUnreadable: counter("statuses_unreadable_total", "Device statuses that are not as the schema says."),
    receipts: counter("receipts_total", "Receipts handed to the broker."),
    batchSeconds: new Histogram({
      name: "ledgerstone_ingest_batch_seconds",
      help: "From taking a batch to its commit.",
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    batchEvents: new Histogram({
      name: "ledgerstone_ingest_batch_events",
      help: "Events in a batch.",
      buckets: [1, 10, 50, 100, 250, 500, 1000, 2000],
      registers,
    }),
    connections: counter("connections_total", "Connections made to the broker."),
    connected: gauge("connected", "1 while subscribed."),
    held: gauge("held_messages", "Messages that wait for their commit."),
    diskFull: gauge("disk_full", "1 while nothing is acknowledged because the disk is nearly full."),
  };
}
