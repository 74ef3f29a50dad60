import { Worker } from "node:worker_threads";
import type { Validation, ValidationJob } from "./validate.ts";

export type Validator = {
  /** Resolves within the time limit once a thread takes the job, whatever the response does. Never rejects. */
  validate(job: ValidationJob): Promise<Validation>;
  /** Ends the threads; what they were at is refused as `timed-out`. */
  stop(): Promise<void>;
};

export type ValidatorOptions = {
  threads?: number;
  timeLimitMs?: number;
  /** Jobs that may wait for a thread; more are refused as `overloaded`. */
  mostWaiting?: number;
  maxMemoryMb?: number;
};

type Thread = { worker: Worker; ready: Promise<boolean>; answer: ((validation: Validation) => void) | undefined };
type Waiting = { job: ValidationJob; resolve: (validation: Validation) => void };

const stopped: Validation = { ok: false, reason: "timed-out" };
const startMs = 20_000;

/** Threads that validate responses. One that exceeds its time or memory is killed, and another takes its place. */
export function createValidator(options: ValidatorOptions = {}): Validator {
  const { threads: most = 2, timeLimitMs = 5_000, mostWaiting = 50, maxMemoryMb = 256 } = options;
  const threads = new Set<Thread>();
  const waiting: Waiting[] = [];
  let ended = false;

  const start = (): Thread => {
    const worker = new Worker(new URL("./validation-thread.ts", import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: maxMemoryMb },
      stderr: false,
    });
    const ready = new Promise<boolean>((resolve) => {
      worker.once("message", () => resolve(true));
      worker.once("exit", () => resolve(false));
    });
    const thread: Thread = { worker, ready, answer: undefined };
    worker.on("error", () => discard(thread));
    worker.on("exit", () => discard(thread));
    threads.add(thread);
    return thread;
  };

  const discard = (thread: Thread): void => {
    threads.delete(thread);
    void thread.worker.terminate();
    thread.answer?.(stopped);
    takeNext();
  };

  const run = async (thread: Thread, { job, resolve }: Waiting): Promise<void> => {
    let timer = setTimeout(() => discard(thread), startMs);
    thread.answer = (validation) => {
      clearTimeout(timer);
      thread.answer = undefined;
      resolve(validation);
    };
    if (!(await thread.ready)) return discard(thread);
    if (!thread.answer) return;
    clearTimeout(timer);
    timer = setTimeout(() => discard(thread), timeLimitMs);
    thread.worker.once("message", (validation: Validation) => {
      thread.answer?.(validation);
      takeNext();
    });
    thread.worker.postMessage(job);
  };

  const takeNext = (): void => {
    if (ended || waiting.length === 0) return;
    const idle = [...threads].find((thread) => !thread.answer) ?? (threads.size < most ? start() : undefined);
    if (idle) void run(idle, waiting.shift()!);
  };

  return {
    validate: (job) =>
      new Promise((resolve) => {
        if (ended || waiting.length >= mostWaiting) return resolve({ ok: false, reason: "overloaded" });
        waiting.push({ job, resolve });
        takeNext();
      }),
    async stop() {
      ended = true;
      for (const { resolve } of waiting.splice(0)) resolve(stopped);
      await Promise.all(
        [...threads].map((thread) => {
          thread.answer?.(stopped);
          return thread.worker.terminate();
        }),
      );
    },
  };
}
