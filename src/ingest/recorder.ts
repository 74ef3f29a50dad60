import { setTimeout as sleep } from "node:timers/promises";
import type { Principal } from "../audit/index.ts";
import { sqlState } from "../platform/db.ts";
import { AppError } from "../platform/errors.ts";
import type { Logger } from "../platform/logger.ts";
import { FormatError } from "../record/text.ts";
import type { Incoming, Recorded } from "./incoming.ts";
import { createGate, createLanes, type Place } from "./lanes.ts";
import { noTurn, type RecordDeps, recordOnce, type Turn } from "./record-batch.ts";
import { makePartitions } from "./store.ts";

export type RecorderDeps = RecordDeps & {
  log: Logger;
  /** Transactions at a time, over all tenants. */
  parallel?: number;
  /** Attempts at what time may mend; without it, until `signal` aborts. */
  mostAttempts?: number;
  signal?: AbortSignal;
};

/** Stores events, for MQTT and HTTPS alike. */
export type Recorder = {
  /**
   * Resolves when every event is stored, known, or a dead letter, durably. Events of one tenant are stored in the order of
   * the calls. What time may mend is tried again; what the data is to blame for is cut down to the event at fault.
   */
  record(principal: Principal, items: readonly Incoming[]): Promise<Recorded>;
};

class PredecessorFailed extends Error {}

export function createRecorder(deps: RecorderDeps): Recorder {
  const lanes = createLanes();
  const gate = createGate(deps.parallel ?? 4);
  return {
    async record(principal, items) {
      if (items.length === 0) return { outcomes: [], marks: [], received: "" };
      const { place, before, beforeThat, leave } = lanes.enter(principal.tenantId);
      try {
        await before?.begun.promise;
        await beforeThat?.settled.promise;
        const release = await gate.enter();
        place.begun.give();
        try {
          const recorded = await recordOnce(deps, principal, items, turnAfter(place, before));
          place.closed.give(true);
          return recorded;
        } catch (error) {
          place.keys.give(false);
          place.closed.give(false);
          release();
          await before?.settled.promise;
          return await recordAgain(deps, gate, principal, items, error);
        } finally {
          release();
        }
      } finally {
        leave();
      }
    },
  };
}

function turnAfter(place: Place, before: Place | undefined): Turn {
  const demand = async (promise: Promise<boolean> | undefined): Promise<void> => {
    if (promise && !(await promise)) throw new PredecessorFailed("the batch before this one failed: wait for it");
  };
  return {
    beforeKeys: () => demand(before?.keys.promise),
    afterKeys: () => place.keys.give(true),
    beforeClose: () => demand(before?.closed.promise),
  };
}

const mostAgains = 3;

type Gate = ReturnType<typeof createGate>;

/** Alone in the lane: attempts follow one another until one succeeds. */
async function recordAgain(
  deps: RecorderDeps,
  gate: Gate,
  principal: Principal,
  items: readonly Incoming[],
  firstError: unknown,
): Promise<Recorded> {
  let error = firstError;
  for (let waits = 0, agains = 0; ; ) {
    let remedy = remedyFor(error);
    // A clock that was set back refuses every stamp until it has caught up: no busy loop until then.
    if (remedy === "again" && ++agains > mostAgains) remedy = "wait";
    if (remedy === "bisect") return bisect(deps, gate, principal, items, error);
    if (remedy === "partitions") await mendPartitions(deps);
    if (remedy === "wait") {
      waits += 1;
      if (waits === deps.mostAttempts) throw busy(error);
      await pause(deps, principal, error, waits);
    }
    const release = await gate.enter();
    try {
      return await recordOnce(deps, principal, items, noTurn);
    } catch (again) {
      error = again;
    } finally {
      release();
    }
  }
}

/**
 * again: another stamp or another's turn mends it. partitions: of the new day. bisect: one of the events is to blame.
 * wait: everything else, first of all a database that is away.
 */
function remedyFor(error: unknown): "again" | "partitions" | "bisect" | "wait" {
  if (error instanceof PredecessorFailed) return "again";
  if (error instanceof FormatError) return "bisect";
  const state = sqlState(error);
  if (state === undefined) return "wait";
  // LS006: midnight or a stalled batch. 40001, 40P01: serialisation, deadlock.
  if (state === "LS006" || state.startsWith("40")) return "again";
  if (state === "23514" && /no partition of relation/.test((error as Error).message)) return "partitions";
  // Data exceptions, broken constraints, cardinality, program limits.
  return ["22", "23", "21", "54"].includes(state.slice(0, 2)) ? "bisect" : "wait";
}

const busy = (cause: unknown): AppError =>
  new AppError("busy", "the events cannot be stored at the moment", {
    remedy: "send them again: nothing is stored twice",
    cause,
  });

async function mendPartitions(deps: RecorderDeps): Promise<void> {
  try {
    const made = await makePartitions(deps.pool, deps.limits.longestOfflineDays);
    deps.log.warn({ made }, "day partitions were missing: made them; check that the worker's daily task runs");
  } catch (error) {
    deps.log.error({ err: error }, "day partitions are missing and cannot be made");
    await sleep(1000, undefined, { signal: deps.signal });
  }
}

async function pause(deps: RecorderDeps, principal: Principal, error: unknown, attempt: number): Promise<void> {
  const waitMs = Math.min(5000, 50 * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random() / 2);
  deps.log.warn(
    { err: error, tenantId: principal.tenantId, attempt, waitMs },
    "a batch could not be stored: trying again",
  );
  if (deps.signal?.aborted) throw new AppError("stopping", "the appliance is stopping", { cause: error });
  await sleep(waitMs, undefined, { signal: deps.signal }).catch(() => {
    throw new AppError("stopping", "the appliance is stopping", { cause: error });
  });
}

async function bisect(
  deps: RecorderDeps,
  gate: Gate,
  principal: Principal,
  items: readonly Incoming[],
  error: unknown,
): Promise<Recorded> {
  const [only] = items;
  if (items.length === 1 && only) {
    if (!only.parsed.ok) {
      // Even the dead letter is refused. Holding on keeps the event; somebody has to look.
      await pause(deps, principal, error, 10);
      return recordAgain(deps, gate, principal, items, new PredecessorFailed());
    }
    deps.log.error(
      { err: error, tenantId: principal.tenantId, sender: only.sender },
      "an event cannot be stored: it becomes a dead letter",
    );
    return recordAgain(deps, gate, principal, [refusedByDatabase(only, error)], new PredecessorFailed());
  }
  const middle = items.length >> 1;
  const again = new PredecessorFailed();
  const first = await recordAgain(deps, gate, principal, items.slice(0, middle), again);
  const second = await recordAgain(deps, gate, principal, items.slice(middle), again);
  return {
    outcomes: [...first.outcomes, ...second.outcomes],
    marks: [...first.marks, ...second.marks],
    received: second.received,
  };
}

function refusedByDatabase(item: Incoming, error: unknown): Incoming {
  if (!item.parsed.ok) return item;
  const { event } = item.parsed;
  const { id, outbox, seq } = event;
  const text = JSON.stringify({ ...event, body: undefined }).replace(/}$/, `,"body":${event.body}}`);
  const detail = `event: found one that the database refuses (${sqlState(error) ?? "format"}), expected one that it takes`;
  return { ...item, parsed: { ok: false, reason: "schema", detail, id, outbox, seq, text } };
}
