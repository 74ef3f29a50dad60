import type { Logger } from "../platform/logger.ts";
import { type Connection, type ConnectionOptions, type Message, openConnection } from "./connection.ts";
import type { IngestMetrics } from "./metrics.ts";
import type { ReceiptPublisher } from "./receipts.ts";

export type Consumer = {
  /** Messages of the current connection whose PUBACK is held. */
  held(): number;
  /** No more messages are taken from the broker. */
  stopTaking(): void;
  stop(): Promise<void>;
};

export type ConsumerOptions = {
  /** Read anew for each connection, so that a renewed certificate is used. */
  connection(): Promise<ConnectionOptions>;
  receipts: ReceiptPublisher;
  metrics: IngestMetrics;
  log: Logger;
  onMessage(message: Message): void;
};

const backoffMs = { first: 100, most: 5000 };

/** Keeps one subscribed connection: opens the next when one ends. */
export function startConsumer(options: ConsumerOptions): Consumer {
  const { receipts, metrics, log } = options;
  let current: Connection | undefined;
  let stopping = false;
  let taking = true;
  let failures = 0;
  let retry: NodeJS.Timeout | undefined;

  const onClosed = (error: Error | undefined): void => {
    current = undefined;
    receipts.detach();
    metrics.connected.set(0);
    if (stopping) return;
    const waitMs = Math.min(backoffMs.most, backoffMs.first * 2 ** Math.min(failures, 8)) * (0.5 + Math.random() / 2);
    failures += 1;
    log.warn({ err: error, waitMs }, "the connection to the broker ended: connecting again");
    retry = setTimeout(open, waitMs);
  };
  const open = async (): Promise<void> => {
    try {
      const settings = await options.connection();
      if (stopping) return;
      current = openConnection(settings, {
        onMessage: options.onMessage,
        onReady(receiveMaximum, sessionPresent) {
          failures = 0;
          metrics.connections.inc();
          metrics.connected.set(1);
          log.info({ host: settings.host, port: settings.port, sessionPresent }, "subscribed to the broker");
          if (current) receipts.attach(current, receiveMaximum, sessionPresent);
        },
        onPuback: receipts.onPuback,
        onClosed,
      });
      if (!taking) current.stopTaking();
    } catch (error) {
      onClosed(error as Error);
    }
  };
  void open();
  return {
    held: () => current?.held() ?? 0,
    stopTaking() {
      taking = false;
      current?.stopTaking();
    },
    async stop() {
      stopping = true;
      clearTimeout(retry);
      await current?.end();
    },
  };
}
