import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Keyring } from "../keys/index.ts";
import type { Config } from "../platform/config.ts";
import type { Pool } from "../platform/db.ts";
import type { Logger } from "../platform/logger.ts";
import type { ConnectionOptions, Message } from "./connection.ts";
import { startConsumer } from "./consume.ts";
import { createFlusher, type Delivered } from "./flusher.ts";
import { leastFreeBytes, watchFreeSpace } from "./free-space.ts";
import type { Recorded } from "./incoming.ts";
import { createIngestMetrics, type IngestMetrics } from "./metrics.ts";
import { createQuietWarning } from "./quiet-warning.ts";
import { readMessage } from "./read-message.ts";
import { createReceiptPublisher, receiptsOf } from "./receipts.ts";
import { createRecorder } from "./recorder.ts";
import { createSenders } from "./senders.ts";
import { createStatuses } from "./statuses.ts";
import { makePartitions } from "./store.ts";

export type IngestDeps = {
  config: Pick<Config, "mqtt" | "ingest" | "objects" | "appliance"> & {
    postgres: Pick<Config["postgres"], "directory">;
  };
  pool: Pool;
  keyring: Keyring;
  log: Logger;
  metrics?: IngestMetrics;
  /** Free bytes of the fullest disk that ingest fills; measured where the configuration says if absent. */
  freeBytes?(): Promise<number>;
};

const receiveMaximum = 1000;
const drainMs = 20_000;
// A receipt that does not get out in this time is asked for again by its edge.
const receiptsMs = 2_000;
const topic = /^(v1x?\/[^/]{1,200})\/up\/(events|status)$/;

/**
 * Takes events from the broker into Postgres and answers with receipts. Nothing is acknowledged before it is committed, and
 * no receipt leaves before either. `stop` ends within 25 s: what is not committed by then stays with broker and edge.
 */
export async function startIngest(deps: IngestDeps): Promise<{ stop(): Promise<void> }> {
  const { config, pool, log, metrics = createIngestMetrics() } = deps;
  await makePartitions(pool, config.ingest.longestOfflineDays);
  const stopping = new AbortController();
  const senders = createSenders(pool);
  const warn = createQuietWarning(log);
  const receipts = createReceiptPublisher(log);
  const statuses = createStatuses({ pool, senders, log, metrics, clock: () => Date.now() });
  const recorder = createRecorder({ ...deps, limits: config.ingest, signal: stopping.signal });
  const flusher = createFlusher({
    recorder,
    senders,
    log,
    flushEvents: config.ingest.flushEvents,
    flushMs: config.ingest.flushMs,
    windowFull: () => consumer.held() >= receiveMaximum,
    onRecorded(delivered: readonly Delivered[], recorded: Recorded) {
      count(metrics, recorded);
      for (const { name, receipt } of receiptsOf(delivered, recorded, recorded.received)) {
        metrics.receipts.inc();
        receipts.push(name, receipt);
      }
    },
    onUnknown(name) {
      metrics.unknownSenders.inc();
      warn(name, {}, "a message came on the topic of no known device: it is dropped, without a receipt");
    },
    onOldProtocol(name) {
      metrics.oldProtocol.inc();
      warn(
        name,
        {},
        "a message did not come by MQTT 5 with Payload Format Indicator 1: it is dropped, without a receipt",
      );
    },
    signal: stopping.signal,
  });
  const onMessage = ({ topic: name, payload, mqtt5, done }: Message): void => {
    const match = topic.exec(name);
    if (match?.[2] === "events") {
      flusher.add({ name: match[1]!, mqtt5, done, ...readMessage(payload, config.ingest.maxMessageBytes) });
      metrics.held.set(consumer.held());
      return;
    }
    if (match) statuses.add({ name: match[1]!, payload, mqtt5 });
    done();
  };
  const disk = await watchFreeSpace({
    minFreeBytes: config.ingest.minFreeBytes,
    measure: deps.freeBytes ?? (() => leastFreeBytes(placesFilled(config))),
    log,
    onChange(full) {
      metrics.diskFull.set(full ? 1 : 0);
      flusher.holdUp(full);
    },
  });
  const consumer = startConsumer({ connection: () => connectionOptions(config), receipts, metrics, log, onMessage });
  return {
    async stop() {
      disk.stop();
      consumer.stopTaking();
      await Promise.race([flusher.drain(), sleep(drainMs, undefined, { ref: false })]);
      stopping.abort();
      await Promise.race([receipts.drained(), sleep(receiptsMs, undefined, { ref: false })]);
      await Promise.all([consumer.stop(), statuses.stop()]);
    },
  };
}

/** Postgres' own directory only where it is on this machine, and the configuration says where. */
function placesFilled({ objects, appliance, postgres }: IngestDeps["config"]): string[] {
  return [objects.directory, appliance.dataDir, ...(postgres.directory ? [postgres.directory] : [])];
}

async function connectionOptions(config: IngestDeps["config"]): Promise<ConnectionOptions> {
  const { mqtt, ingest } = config;
  const [cert, key, ca] = await Promise.all([mqtt.certFile, mqtt.keyFile, mqtt.caFile].map((file) => readFile(file)));
  return {
    host: mqtt.host,
    port: mqtt.port,
    cert: cert!,
    key: key!,
    ca: ca!,
    clientId: mqtt.clientId,
    subscriptions: [
      { topic: "v1/+/up/events", qos: 1 },
      { topic: "v1/+/up/status", qos: 0 },
      { topic: "v1x/+/up/events", qos: 1 },
      { topic: "v1x/+/up/status", qos: 0 },
    ],
    receiveMaximum,
    sessionExpirySeconds: 30,
    keepaliveSeconds: 30,
    // Room for a message that is too large, so that it ends as a dead letter and not in silence.
    maximumPacketBytes: Math.min(268_435_455, 16 * ingest.maxMessageBytes),
  };
}

function count(metrics: IngestMetrics, { outcomes }: Recorded): void {
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") metrics.rejected.inc({ reason: outcome.reason });
    else if (outcome.status === "stored") metrics.stored.inc();
    else metrics.duplicates.inc();
  }
}
