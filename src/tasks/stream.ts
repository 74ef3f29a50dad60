import type { ServerResponse } from "node:http";
import { type Principal, readTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { AppError, notFound } from "../platform/errors.ts";
import type { RouteContext } from "../platform/route.ts";
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
  const openBy = new Map<string, number>();
  return {
    async open(context, taskId) {
      const { actor, tenantId } = context.principal;
      const person = `${tenantId} ${actor.type} ${actor.id}`;
      const open = openBy.get(person) ?? 0;
      if (open >= MOST_EACH) throw tooMany();
      openBy.set(person, open + 1);
      const over = new AbortController();
      const end = (): void => over.abort();
      const ends = [stopping, context.signal];
      for (const each of ends) each.addEventListener("abort", end);
      try {
        if (ends.some(({ aborted }) => aborted)) end();
        await follow({ pool, watch, beatMs, signal: over.signal }, context, taskId);
      } finally {
        for (const each of ends) each.removeEventListener("abort", end);
        const left = openBy.get(person)! - 1;
        if (left === 0) openBy.delete(person);
        else openBy.set(person, left);
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
      await write(res, text === sent ? ": still here\n\n" : `event: task\ndata: ${text}\n\n`, deps.signal);
      sent = text;
      if (ENDED.includes(task.state)) break;
      await changes.rung(deps.beatMs, deps.signal);
      task = await read(deps.pool, (await context.renewed()).principal, taskId);
    }
    await write(res, "event: end\ndata: {}\n\n", deps.signal);
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

/** Waits for a reader that is slow, at most a minute. @throws when it is gone. */
async function write(res: ServerResponse, text: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (res.write(text)) return;
  const drained = Promise.withResolvers<boolean>();
  res.once("drain", () => drained.resolve(true));
  if (!(await within(60_000, drained.promise, signal))) throw new Error("the reader takes nothing");
}

/** True when it came to pass within so long, false when not. @throws when aborted meanwhile. */
async function within(ms: number, event: Promise<unknown>, signal: AbortSignal): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const abort = (): void => reject(signal.reason);
  const timer = setTimeout(() => resolve(false), ms);
  event.then(() => resolve(true));
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  });
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

const tooMany = (): AppError =>
  new AppError("too-many", "too many streams are open", {
    found: `${MOST_EACH} of yours`,
    remedy: "close one, or ask for the task itself",
  });
