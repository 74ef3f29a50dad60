import { X509Certificate } from "node:crypto";
import type { Agent } from "node:https";
import { z } from "zod";
import { type Clock, systemClock } from "../platform/clock.ts";
import type { Logger } from "../platform/logger.ts";
import { timestampFromMillis } from "../record/time.ts";
import { type Link, pause, startConnection } from "./connection.ts";
import { renewIfDue } from "./enrol.ts";
import { clientAgent, outboxDir, readIdentity, readSettings } from "./identity.ts";
import type { NewEvent } from "./new-event.ts";
import { Outbox, type OutboxOptions } from "./outbox.ts";
import type { BoxState, Loss } from "./outbox-rows.ts";
import { Sender, type SenderOptions } from "./sender.ts";
import { startUploads } from "./uploads.ts";

export const edgeVersion = "0.1.0";

export type EdgeOptions = {
  dir: string; // enrolled
  log: Logger;
  outbox?: Partial<OutboxOptions>;
  sender?: Pick<SenderOptions, "batchSize" | "windowEvents" | "lingerMs" | "resendMs">;
  statusMs?: number;
  backoff?: { firstBackoffMs?: number; longestBackoffMs?: number };
};
export type EdgeStats = BoxState & { openImages: number; connected: boolean; clockSkewMs: number | null };
export type Edge = {
  device: string;
  append(event: NewEvent): Promise<string>;
  stats(): EdgeStats;
  losses(limit: number): Loss[]; // what was given up, newest first
  drop(): void; // cuts the connection as a bad line would
  stop(): Promise<void>;
};

const commandSchema = z.object({ command: z.string() });
const sanityMs = 5 * 60_000; // the appliance refuses events from further in the future
const renewalCheckMs = 3_600_000;

// The reference edge appliance: takes events whether or not there is a line, and sends them when there is one.
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  const { dir, log } = options;
  const { device } = await readSettings(dir);
  const clock = options.outbox?.clock ?? systemClock;
  const outbox = new Outbox(outboxDir(dir), options.outbox);
  if (outbox.setAside) log.error({ file: outbox.setAside }, "the outbox was damaged: set aside, a new one begun");
  const plane = makePlane(dir);
  const skew = watchClock(clock, log);
  const uploads = startUploads({ outbox, plane: plane.get, log, ...options.backoff });
  const parts = { outbox, device, log, onTickets: uploads.wake, onServerTime: skew.take };
  const sender = new Sender({ ...options.sender, ...parts });
  const status = reportStatus(outbox, device, clock, options.statusMs ?? 30_000);
  const connection = startConnection({
    settings: async () => ({ settings: await readSettings(dir), identity: await readIdentity(dir) }),
    onLink(link) {
      log.info({ device }, "connected to the broker");
      status.link(link);
      sender.link(link);
    },
    onUnlink() {
      log.info({ device }, "the connection to the broker ended");
      status.link(null);
      sender.unlink();
    },
    onMessage(topic, payload) {
      try {
        if (topic === `v1/${device}/down/receipts`) sender.receipt(payload);
        else if (commandSchema.parse(JSON.parse(payload.toString("utf8"))).command === "ping") status.send();
      } catch (error) {
        log.error(
          { topic, reason: error instanceof Error ? error.message : String(error) },
          "a message was not usable",
        );
      }
    },
    log,
    ...options.backoff,
  });
  const renewal = keepRenewing(dir, clock, log, () => connection.drop());

  return {
    device,
    append: (event) => outbox.append(event),
    stats: () => ({
      ...outbox.state(),
      openImages: outbox.openImages(),
      connected: status.isLinked(),
      clockSkewMs: skew.ms(),
    }),
    losses: (limit) => outbox.losses(limit),
    drop: connection.drop,
    async stop() {
      status.stop();
      sender.stop();
      await Promise.all([connection.stop(), uploads.stop(), renewal.stop()]);
      plane.destroy();
      outbox.close();
    },
  };
}

function reportStatus(outbox: Outbox, device: string, clock: Clock, everyMs: number) {
  let link: Link | null = null;
  const send = () => {
    const { incarnation, pending, heldBytes } = outbox.state();
    const status = { outbox: incarnation, pending, pendingBytes: heldBytes, clock: timestampFromMillis(clock()) };
    link?.publish(`v1/${device}/up/status`, JSON.stringify({ ...status, version: edgeVersion }), 0).catch(() => {});
  };
  const timer = setInterval(send, everyMs);
  return {
    send,
    isLinked: () => link !== null,
    link(newLink: Link | null) {
      link = newLink;
      if (link) send();
    },
    stop: () => clearInterval(timer),
  };
}

// The appliance's clock comes with each receipt.
function watchClock(clock: Clock, log: Logger) {
  let skewMs: number | null = null;
  return {
    ms: () => skewMs,
    take(serverMs: number) {
      const found = clock() - serverMs;
      if (Math.abs(found) > sanityMs && Math.abs(found - (skewMs ?? 0)) > sanityMs) {
        log.error({ skewMs: found }, "the clock differs from the appliance's: events will be refused until it is set");
      }
      skewMs = found;
    },
  };
}

// One agent for each certificate: after a renewal the old connections are not used again.
function makePlane(dir: string) {
  let current: { certificate: string; agent: Agent } | null = null;
  return {
    async get() {
      const { server } = await readSettings(dir);
      const identity = await readIdentity(dir);
      if (current?.certificate !== identity.certificate) {
        current?.agent.destroy();
        current = { certificate: identity.certificate, agent: clientAgent(identity) };
      }
      return { base: new URL(server), agent: current.agent };
    },
    destroy: () => current?.agent.destroy(),
  };
}

function keepRenewing(dir: string, clock: () => number, log: Logger, onRenewed: () => void) {
  const stopped = new AbortController();
  const run = async () => {
    while (!stopped.signal.aborted) {
      try {
        const { renewed } = await renewIfDue(dir, clock());
        if (renewed) {
          const { validTo } = new X509Certificate((await readIdentity(dir)).certificate);
          log.info({ validTo }, "the certificate was renewed");
          onRenewed();
        }
      } catch (error) {
        log.warn({ reason: error instanceof Error ? error.message : String(error) }, "the certificate was not renewed");
      }
      await pause(renewalCheckMs, stopped.signal);
    }
  };
  const running = run();
  return {
    async stop() {
      stopped.abort();
      await running;
    },
  };
}
