import { access, constants } from "node:fs/promises";
import type { BrokerAccess } from "../devices/index.ts";
import type { Pool } from "../platform/db.ts";
import { askBroker, type ServerCertificate } from "./broker.ts";
import { selectDatabase } from "./store.ts";

export const PARTS = ["database", "redis", "broker", "worker"] as const;
export type Part = (typeof PARTS)[number];
/** `version` null: it does not answer, or does not say. */
export type PartState = { part: Part; up: boolean; version: string | null };

/** Redis' side of the work: jobs that wait or run, and the workers that listen. */
export type QueueState = { queue: string; waiting: number; active: number; delayed: number; workers: number };

/** How the appliance is. No tenant's content, no secret, no path. */
export type SystemState = {
  version: string;
  parts: PartState[];
  /** Null while Redis is away. */
  queues: QueueState[] | null;
  brokerCertificate: ServerCertificate | null;
  freeBytes: number;
  databaseBytes: number;
  witnesses: { directories: number; writable: number };
  keys: { master: string; signing: string; nextSigning: string | null };
};

export type HealthSource = { read(): Promise<SystemState> };

export type SourceDeps = {
  pool: Pool;
  /** Of Redis' INFO; rejects while it is away. */
  redisInfo(): Promise<string>;
  /** Null while Redis is away. */
  queues(): Promise<QueueState[] | null>;
  broker: BrokerAccess;
  freeBytes(): Promise<number>;
  witnessDirectories: readonly string[];
  version: string;
  keys: SystemState["keys"];
};

const freshMs = 10_000;

/** Asks every part, at most once in ten seconds whoever looks: what many people look at costs the parts no more. */
export function createHealthSource(deps: SourceDeps, now = Date.now): HealthSource {
  let kept: { at: number; state: Promise<SystemState> } | undefined;
  return {
    read() {
      if (!kept || now() - kept.at > freshMs) {
        const state = readState(deps);
        kept = { at: now(), state };
        // A failure is nobody's but who asked for it.
        state.catch(() => {
          kept = undefined;
        });
      }
      return kept.state;
    },
  };
}

async function readState(deps: SourceDeps): Promise<SystemState> {
  const orNull = <T>(asked: Promise<T>): Promise<T | null> => asked.catch(() => null);
  const [database, info, queues, brokerCertificate, freeBytes, writable] = await Promise.all([
    selectDatabase(deps.pool),
    orNull(deps.redisInfo()),
    orNull(deps.queues()),
    orNull(askBroker(deps.broker)),
    deps.freeBytes(),
    countWritable(deps.witnessDirectories),
  ]);
  const workers = Math.max(0, ...(queues ?? []).map((queue) => queue.workers));
  return {
    version: deps.version,
    parts: [
      { part: "database", up: true, version: database.version },
      { part: "redis", up: info !== null, version: redisVersion(info) },
      { part: "broker", up: brokerCertificate !== null, version: null },
      { part: "worker", up: workers > 0, version: null },
    ],
    queues,
    brokerCertificate,
    freeBytes,
    databaseBytes: database.bytes,
    witnesses: { directories: deps.witnessDirectories.length, writable },
    keys: deps.keys,
  };
}

const redisVersion = (info: string | null): string | null => /^redis_version:(\S+)/m.exec(info ?? "")?.[1] ?? null;

async function countWritable(directories: readonly string[]): Promise<number> {
  const tried = await Promise.allSettled(directories.map((directory) => access(directory, constants.W_OK)));
  return tried.filter(({ status }) => status === "fulfilled").length;
}
