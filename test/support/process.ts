import { type ChildProcess, spawn } from "node:child_process";
import { createConnection } from "node:net";
import { userInfo } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

export type RunningProcess = {
  readonly name: string;
  readonly pid: number;
  /** What it wrote to stdout and stderr so far, the last 256 KiB. */
  output(): string;
  /** What it wrote to stdout alone, whole; empty without `keepStdout`. */
  stdout(): string;
  /** Resolves when the process is gone; never rejects. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  signal(signal: NodeJS.Signals): void;
  /** Sends `signal` and waits; kills after `graceMs`. Resolves when the process is gone. */
  stop(signal?: NodeJS.Signals, graceMs?: number): Promise<void>;
};

export type ProcessOptions = {
  name: string;
  command: string;
  args?: string[];
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Run as this system user when we are root. */
  user?: string;
  /** The signal the kernel sends it when the test run dies, however it dies. */
  deathSignal?: "KILL" | "TERM" | "INT";
  onLine?: (line: string) => void;
  keepStdout?: boolean;
};

const alive = new Map<number, string>();

/** Names of the processes that were started here and still run. */
export function processesAlive(): string[] {
  return [...alive].map(([pid, name]) => `${name} (pid ${pid})`);
}

/**
 * Starts a process that cannot outlive this one: setpriv asks the kernel (PR_SET_PDEATHSIG) to signal it even if we are
 * killed with SIGKILL.
 */
export function startProcess(options: ProcessOptions): RunningProcess {
  const guard = [`--pdeathsig=${options.deathSignal ?? "KILL"}`];
  if (options.user && userInfo().uid === 0) {
    guard.push(`--reuid=${options.user}`, `--regid=${options.user}`, "--init-groups");
  }
  const child = spawn("setpriv", [...guard, "--", options.command, ...(options.args ?? [])], {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  return watch(child, options);
}

function watch(child: ChildProcess, options: ProcessOptions): RunningProcess {
  let text = "";
  let answer = "";
  let partial = "";
  const take = (chunk: string) => {
    text = (text + chunk).slice(-262_144);
    if (!options.onLine) return;
    const lines = (partial + chunk).split("\n");
    partial = lines.pop() ?? "";
    for (const line of lines) options.onLine(line);
  };
  child.stdout?.setEncoding("utf8").on("data", take);
  if (options.keepStdout) {
    child.stdout?.on("data", (chunk: string) => {
      answer += chunk;
    });
  }
  child.stderr?.setEncoding("utf8").on("data", take);
  const pid = child.pid ?? 0;
  if (pid) alive.set(pid, options.name);
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once("error", (error) => {
      take(`${error.message}\n`);
      if (!child.pid) resolve({ code: 127, signal: null });
    });
    child.once("exit", () => alive.delete(pid));
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
  const signal = (name: NodeJS.Signals) => {
    child.kill(name);
  };
  return {
    name: options.name,
    pid,
    output: () => text,
    stdout: () => answer,
    exited,
    signal,
    async stop(name = "SIGTERM", graceMs = 30_000) {
      signal(name);
      const timer = setTimeout(() => signal("SIGKILL"), graceMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** Runs a command to its end and returns its stdout; rejects with all its output when it fails. */
export async function run(options: ProcessOptions): Promise<string> {
  const running = startProcess({ ...options, keepStdout: true });
  const { code, signal } = await running.exited;
  if (code !== 0) {
    const how = signal ? `ended by ${signal}` : `exit code ${code}`;
    throw new Error(`${options.name}: ${how}, expected 0:\n${running.output()}`);
  }
  return running.stdout();
}

/** Polls `probe` until it returns something truthy; rejects after `timeoutMs` or when `running` has ended. */
export async function waitUntil<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  {
    timeoutMs = 20_000,
    everyMs = 25,
    running,
  }: { timeoutMs?: number; everyMs?: number; running?: RunningProcess } = {},
): Promise<T> {
  let ended = false;
  running?.exited.then(() => {
    ended = true;
  });
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const found = await probe();
      if (found) return found;
    } catch (error) {
      last = error;
    }
    if (ended) break;
    await sleep(everyMs);
  }
  const reason = ended ? "the process ended" : `not within ${timeoutMs} ms`;
  throw new Error(`${what}: ${reason}${running ? `\n${running.output()}` : ""}`, { cause: last });
}

/** Whether something accepts TCP connections there. */
export async function portAnswers(port: number, host = "127.0.0.1"): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
