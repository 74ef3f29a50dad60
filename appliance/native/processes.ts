import { spawn } from "node:child_process";
import { mkdir, open, readFile, rm, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * How each of our processes runs. Young objects get 4 MB: with V8's own choice on a large machine, an export or a check of a long
 * chain lets twice as much garbage lie, and beside it the native memory of ciphers that nobody holds any more.
 */
export const nodeFlags: readonly string[] = ["--disable-warning=ExperimentalWarning", "--max-semi-space-size=4"];

/** A server that goes on after its starter has ended. Found again by its pid file in `<dir>/run`; logs go to `<dir>/log`. */
export interface NativeServer {
  name: string;
  command: string;
  args: string[];
  /** System user to run as when we are root. */
  user?: string;
  env?: NodeJS.ProcessEnv;
  /** Set for the server alone, after its user is changed: what libfaketime shares belongs to that user. */
  clock?: NodeJS.ProcessEnv;
  /** Resolves true when it serves. */
  ready(): Promise<boolean>;
  readyWithinMs?: number;
}

const isRoot = userInfo().uid === 0;

/**
 * The command as another user. It keeps the capability to walk through folders that are closed to that user, since the checkout
 * may lie in root's home; it can write nothing more than the user can.
 */
export function asUser(user: string, command: string, args: string[]): [string, string[]] {
  if (!isRoot) return [command, args];
  const capability = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"];
  return ["setpriv", [`--reuid=${user}`, `--regid=${user}`, "--init-groups", ...capability, "--", command, ...args]];
}

/** Starts it unless its pid file names a living process of the same start time. Durable: its pid is on disk before it is awaited. */
export async function startServer(dir: string, server: NativeServer): Promise<number> {
  const running = await runningPid(dir, server.name);
  if (running !== undefined) return running;
  await mkdir(join(dir, "run"), { recursive: true });
  await mkdir(join(dir, "log"), { recursive: true });
  const log = await open(join(dir, "log", `${server.name}.log`), "a");
  const assignments = Object.entries(server.clock ?? {}).map(([name, value]) => `${name}=${value}`);
  const program: [string, string[]] = ["env", [...assignments, server.command, ...server.args]];
  const [command, args] = server.user ? asUser(server.user, ...program) : program;
  const child = spawn(command, args, {
    detached: true,
    stdio: ["ignore", log.fd, log.fd],
    env: server.env ?? process.env,
    cwd: "/",
  });
  let ended: string | undefined;
  child.once("error", (error) => {
    ended = error.message;
  });
  child.once("exit", (code, signal) => {
    ended = `ended with ${signal ?? code}`;
  });
  await log.close();
  if (child.pid !== undefined)
    await writeFile(pidFile(dir, server.name), `${child.pid} ${await startTime(child.pid)}\n`);
  child.unref();
  const deadline = Date.now() + (server.readyWithinMs ?? 30_000);
  while (Date.now() < deadline && ended === undefined) {
    if (await server.ready().catch(() => false)) return child.pid!;
    await sleep(50);
  }
  const tail = (await readFile(join(dir, "log", `${server.name}.log`), "utf8").catch(() => ""))
    .split("\n")
    .slice(-15)
    .join("\n");
  throw new Error(`${server.name} did not come up: ${ended ?? "no answer in time"}\n${tail}`);
}

/** Stops it by the pid on file and waits; kills it after `graceMs`. Nothing else is ever signalled. */
export async function stopServer(
  dir: string,
  name: string,
  signal: NodeJS.Signals = "SIGTERM",
  graceMs = 30_000,
): Promise<boolean> {
  const pid = await runningPid(dir, name);
  if (pid === undefined) return false;
  process.kill(pid, signal);
  const deadline = Date.now() + graceMs;
  while ((await runningPid(dir, name)) !== undefined) {
    if (Date.now() > deadline) process.kill(pid, "SIGKILL");
    await sleep(50);
  }
  await rm(pidFile(dir, name), { force: true });
  return true;
}

/** The pid on file, if that very process still lives: a reused pid has another start time. */
export async function runningPid(dir: string, name: string): Promise<number | undefined> {
  const text = await readFile(pidFile(dir, name), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const [pid, started] = text.trim().split(" ");
  const now = await startTime(Number(pid));
  return now !== "" && now === started ? Number(pid) : undefined;
}

const pidFile = (dir: string, name: string): string => join(dir, "run", `${name}.pid`);

async function startTime(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // A zombie serves nobody.
  return fields[0] === "Z" ? "" : (fields[19] ?? "");
}

export async function portAnswers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: "127.0.0.1" });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
