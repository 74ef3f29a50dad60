import { systemPrincipal, withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import type { Logger } from "../platform/logger.ts";
import { decodeJsonBytes } from "../record/json.ts";
import { parseStatus } from "../record/receipts.ts";
import { FormatError } from "../record/text.ts";
import { timestampMillis } from "../record/time.ts";
import type { Senders } from "./senders.ts";
import { type StatusRow, saveStatuses } from "./store-status.ts";

/** What devices say of themselves (`up/status`): the newest of each is written once a second. Losing one costs nothing. */
export type Statuses = { add(name: string, payload: Uint8Array): void; stop(): Promise<void> };

const mostStatusBytes = 4096;
const everyMs = 1000;

export function createStatuses(deps: { pool: Pool; senders: Senders; log: Logger; clock(): number }): Statuses {
  let waiting = new Map<string, Omit<StatusRow, "deviceId">>();
  let writing: Promise<void> = Promise.resolve();

  const flush = async (): Promise<void> => {
    const taken = waiting;
    waiting = new Map();
    if (taken.size === 0) return;
    const senders = await deps.senders.resolve(taken.keys());
    const tenants = new Map<string, StatusRow[]>();
    for (const [name, status] of taken) {
      const sender = senders.get(name);
      if (!sender) continue;
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
    add(name, payload) {
      if (payload.length > mostStatusBytes) return;
      try {
        const text = decodeJsonBytes(payload);
        const status = parseStatus(text);
        waiting.set(name, { status: text, clockSkewMs: Math.round(timestampMillis(status.clock) - deps.clock()) });
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        deps.log.debug({ name, reason: error.message }, "a device's status is not readable");
      }
    },
    async stop() {
      clearInterval(timer);
      await writing;
    },
  };
}
