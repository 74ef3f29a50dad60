import type { ServerResponse } from "node:http";
import { type Principal, readTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";
import type { RouteContext } from "../platform/route.ts";
import { createSeats } from "../platform/seats.ts";
import { within, writeOut } from "../platform/write-out.ts";
import { shownTo } from "./shown-to.ts";
import { selectTask, type Task } from "./store.ts";
import { createTaskWatch, type TaskWatch } from "./watch.ts";

export type StreamDeps = {
  pool: Pool;
  /** Aborts when the process is asked to stop. */
  stopping: AbortSignal;
  /** How often a quiet stream looks whether its reader may still read, and shows that it lives. */
  beatMs?: number;
};

/** Of one person in one process: each holds a connection. */
const MOST_EACH = 8;
const ENDED: readonly string[] = ["done", "failed", "cancelled"];

export type TaskStreams = { open(context: RouteContext<Principal>, taskId: string): Promise<undefined> };

/**
 * Progress as server-sent events (the HTML standard, section 9.2): `task` with the task each time it changed, `end` with the last.
 * The truth is in Postgres: whoever comes again, sees where it is. Credential and rights are read anew before each thing sent and
 * with every beat; when they no longer hold the stream ends.
 */
export function createTaskStreams({ pool, stopping, beatMs = 10_000 }: StreamDeps): TaskStreams {
  const watch = createTaskWatch({ pool });
  const seats = createSeats("streams", MOST_EACH);
  return {
    async open(context, taskId) {
      const { actor, tenantId } = context.principal;
      const leave = seats.take(`${tenantId} ${actor.type} ${actor.id}`);
      const over = new AbortController();
      const end = (): void => over.abort();
      const ends = [stopping, context.signal];
      for (const each of ends) each.addEventListener("abort", end);
      try {
        if (ends.some(({ aborted }) => aborted)) end();
        await follow({ pool, watch, beatMs, signal: over.signal }, context, taskId);
      } finally {
        for (const each of ends) each.removeEventListener("abort", end);
        leave();
      }
      return undefined;
    },
  };
}

type Following = { pool: Pool; watch: TaskWatch; beatMs: number; signal: AbortSignal };

async function follow(deps: Following, context: RouteContext<Principal>, taskId: string): Promise<void> {
  const { res, principal } = context;
  const changes = bell();
  const leave = deps.watch.watch({ tenantId: principal.tenantId, taskId }, changes.ring);
  try {
    let task = await read(deps.pool, principal, taskId);
    beginStream(res);
    let sent = "";
    for (;;) {
      const text = JSON.stringify(task);
      await writeOut(res, text === sent ? ": still here\n\n" : `event: task\ndata: ${text}\n\n`, deps.signal);
      sent = text;
      if (ENDED.includes(task.state)) break;
      await changes.rung(deps.beatMs, deps.signal);
      task = await read(deps.pool, (await context.renewed()).principal, taskId);
    }
    await writeOut(res, "event: end\ndata: {}\n\n", deps.signal);
  } catch (error) {
    // Once it has begun there is no status left to say it with: the reader comes again and is told then.
    if (!res.headersSent) throw error;
  } finally {
    leave();
    if (res.headersSent) res.end();
  }
}

async function read(pool: Pool, principal: Principal, taskId: string): Promise<Task> {
  const task = await readTenant(pool, principal, (tx) => selectTask(tx, taskId));
  if (!task) throw notFound("task");
  return shownTo(principal, task);
}

function beginStream(res: ServerResponse): void {
  res.writeHead(200, {
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    // Kept for another request it would hold up a process that stops.
    connection: "close",
    // Proxies that gather answers would hold back what is meant for now.
    "x-accel-buffering": "no",
  });
  res.write("retry: 3000\n\n");
}

/** `rung` resolves at the next ring, or after so long. A ring while nobody waits is kept. @throws when aborted. */
function bell() {
  let wake = Promise.withResolvers<void>();
  return {
    ring: () => wake.resolve(),
    async rung(forMs: number, signal: AbortSignal): Promise<void> {
      await within(forMs, wake.promise, signal);
      wake = Promise.withResolvers<void>();
    },
  };
}
