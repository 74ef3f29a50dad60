import { type ProcessOptions, type RunningProcess, startProcess } from "./process.ts";

/** A process that a test may kill and start again. */
export type Service = {
  /** 0 before the first start. */
  pid(): number;
  /** What it wrote since it was last started. */
  output(): string;
  isRunning(): boolean;
  signal(name: NodeJS.Signals): void;
  /** Starts it, or starts it again. Resolves when it is ready; rejects with its output when it ends instead. */
  start(): Promise<void>;
  /** SIGKILL: a crash. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Asks it to end and waits. Resolves with its exit code; null when a signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
};

/** Describes a service; starts nothing. */
export function service(options: ProcessOptions, ready: (running: RunningProcess) => Promise<unknown>): Service {
  let running: RunningProcess | undefined;
  let alive = false;
  return {
    pid: () => running?.pid ?? 0,
    output: () => running?.output() ?? "",
    isRunning: () => alive,
    signal: (name) => running?.signal(name),
    async start() {
      if (alive) throw new Error(`${options.name} runs already, pid ${running?.pid}: stop it before starting it again`);
      const started = startProcess(options);
      running = started;
      alive = true;
      started.exited.then(() => {
        if (running === started) alive = false;
      });
      await ready(started);
    },
    async kill() {
      await running?.stop("SIGKILL");
    },
    async stop(signal = "SIGTERM") {
      if (!running) return null;
      await running.stop(signal);
      return (await running.exited).code;
    },
  };
}
