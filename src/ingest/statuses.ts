import { systemPrincipal, withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import type { Logger } from "../platform/logger.ts";
import { decodeJsonBytes } from "../record/json.ts";
import { parseStatus } from "../record/receipts.ts";
import { FormatError } from "../record/text.ts";
import { timestampMillis } from "../record/time.ts";
import type { IngestMetrics } from "./metrics.ts";
import { createQuietWarning } from "./quiet-warning.ts";
import type { Senders } from "./senders.ts";
import { type StatusRow, saveStatuses } from "./store-status.ts";

/** What devices say of themselves (`up/status`): the newest of each is written once a second. Losing one costs nothing. */
export type Statuses = { add(message: StatusMessage): void; stop(): Promise<void> };
/** `name`: the first two levels of its topic. */
export type StatusMessage = { name: string; payload: Uint8Array; mqtt5: boolean };

const mostStatusBytes = 4096;
const everyMs = 1000;

export type StatusesDeps = {
  pool: Pool;
  senders: Senders;
  log: Logger;
  metrics: Pick<IngestMetrics, "oldProtocol" | "statusesUnreadable">;
  clock(): number;
};

export function createStatuses(deps: StatusesDeps): Statuses {
  let waiting = new Map<string, Omit<StatusRow, "deviceId"> & { mqtt5: boolean }>();
  const warn = createQuietWarning(deps.log, deps.clock);
  let writing: Promise<void> = Promise.resolve();

  const flush = async (): Promise<void> => {
    const taken = waiting;
    waiting = new Map();
    if (taken.size === 0) return;
    const senders = await deps.senders.resolve(taken.keys());
    const tenants = new Map<string, StatusRow[]>();
    for (const [name, { mqtt5, ...status }] of taken) {
      const sender = senders.get(name);
      if (!sender) continue;
      if (!mqtt5 && !sender.plain) {
        deps.metrics.oldProtocol.inc();
        continue;
      }
      const rows = tenants.get(sender.tenantId) ?? [];
      tenants.set(sender.tenantId, rows);
      rows.push({ deviceId: sender.deviceId, ...status });
    }
    for (const [tenantId, rows] of tenants) {
      await withTenant(deps.pool, systemPrincipal(tenantId, "ingest", "mqtt"), (tx) => saveStatuses(tx, rows));
    }
  };
  const timer = setInterval(() => {
    writing = writing.then(flush).catch((error) => deps.log.warn({ err: error }, "device statuses were not written"));
  }, everyMs);
  return {
    add({ name, payload, mqtt5 }) {
      try {
        if (payload.length > mostStatusBytes) {
          throw new FormatError(`status: found ${payload.length} bytes, expected at most ${mostStatusBytes}`);
        }
        const text = decodeJsonBytes(payload);
        const status = parseStatus(text);
        const clockSkewMs = Math.round(timestampMillis(status.clock) - deps.clock());
        waiting.set(name, { status: text, clockSkewMs, mqtt5 });
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        deps.metrics.statusesUnreadable.inc();
        warn(name, { reason: error.message }, "a device's status is not readable: it is dropped");
      }
    },
    async stop() {
      clearInterval(timer);
      await writing;
    },
  };
}
