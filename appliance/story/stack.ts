import { type ChildProcess, execFile, spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { nodeFlags, runningPid, startServer, stopServer } from "../native/processes.ts";
import { type Api, connectApi } from "./api.ts";
import { clockBehind } from "./faketime.ts";
import { StoryError } from "./print.ts";
import { initialise, ownEnvironment, STOP_ORDER, servers } from "./servers.ts";
import { loadState, newState, type StoryState, type StoryTenant, saveState } from "./state.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const node = join(root, "node_modules/.bin/node");

export interface Stack {
  readonly dir: string;
  readonly root: string;
  readonly state: StoryState;
  readonly deviceUrl: string;
  /** Where people sign in. */
  readonly consoleUrl: string;
  save(): void;
  /** Brings every server up on a clock so many days behind; those on another clock are stopped first. */
  startAll(daysBehind: number): Promise<void>;
  /** `ledgerstone …` on the box, on the stack's clock. Its JSON answer. */
  cli<T>(args: string[]): Promise<T>;
  edge(args: string[]): Promise<string>;
  edgeDir(number: number): string;
  api(tenant: StoryTenant): Api;
  /** All edges deliver so many events each, then end when each has its receipts. */
  simulate(
    daysBehind: number,
    rate: { perSecond: number; events: number },
  ): { ended(): boolean; finished: Promise<void> };
  close(): Promise<void>;
}

/** Finds the stack of an earlier run in `dir`, or prepares a new one: ports, secrets, certificates, configuration. Starts nothing. */
export async function prepareStack(dir: string): Promise<Stack> {
  let state = loadState(dir);
  if (!state) {
    const [postgres, redis, mqtt, worker, plain, https, device] = await freePorts(7);
    state = newState({
      postgres: postgres!,
      redis: redis!,
      mqtt: mqtt!,
      worker: worker!,
      plain: plain!,
      https: https!,
      device: device!,
    });
    saveState(dir, state);
  }
  return describeStack(dir, state);
}

export async function stopStack(dir: string): Promise<string[]> {
  const stopped: string[] = [];
  for (const name of STOP_ORDER) {
    // Postgres: fast shutdown, clients are cut and data is flushed.
    if (await stopServer(dir, name, name === "postgres" ? "SIGINT" : "SIGTERM")) stopped.push(name);
  }
  return stopped;
}

function describeStack(dir: string, state: StoryState): Stack {
  const apis = new Map<string, Api>();
  let behind = Number(state.facts.clockBehindDays ?? "0");
  const run = async (script: string, args: string[]): Promise<string> => {
    const env = { ...process.env, ...clockBehind(behind), ...ownEnvironment(dir) };
    try {
      const { stdout } = await promisify(execFile)(node, [...nodeFlags, join(root, script), ...args], {
        env,
        maxBuffer: 64 * 1024 * 1024,
      });
      return stdout;
    } catch (error) {
      const { stderr, message } = error as { stderr?: string; message: string };
      throw new StoryError(`${script} ${args.slice(0, 2).join(" ")}: ${stderr?.trim() || message}`);
    }
  };
  const stack: Stack = {
    dir,
    root,
    state,
    deviceUrl: `https://localhost:${state.ports.device}`,
    consoleUrl: `https://localhost:${state.ports.https}`,
    save: () => saveState(dir, state),
    async startAll(daysBehind) {
      const anyRunning = (await Promise.all(STOP_ORDER.map((name) => runningPid(dir, name)))).some(
        (pid) => pid !== undefined,
      );
      if (anyRunning && behind !== daysBehind) await stopStack(dir);
      behind = daysBehind;
      state.facts.clockBehindDays = String(daysBehind);
      saveState(dir, state);
      await initialise(stack, (args) => run("src/bin/cli.ts", args));
      for (const server of servers(stack, node, nodeFlags, clockBehind(daysBehind))) {
        if (server.before) await server.before((args) => run("src/bin/cli.ts", args));
        await startServer(dir, server);
      }
    },
    cli: async <T>(args: string[]) => JSON.parse(await run("src/bin/cli.ts", args)) as T,
    edge: (args) => run("src/bin/edge.ts", args),
    edgeDir: (number) => join(dir, "edges", `edge-${number}`),
    api(tenant) {
      let api = apis.get(tenant.tenantId);
      if (!api) {
        api = connectApi(
          `https://localhost:${state.ports.https}`,
          join(dir, "pki/ca.pem"),
          readFileSync(tenant.keyFile, "utf8").trim(),
        );
        apis.set(tenant.tenantId, api);
      }
      return api;
    },
    simulate(daysBehind, rate) {
      const args = [
        ...["simulate", "--dir", join(dir, "edges"), "--photographs", join(dir, "photographs")],
        ...[
          "--rate",
          String(rate.perSecond),
          "--most",
          String(rate.events),
          "--drain",
          "60",
          "--seed",
          `day-${daysBehind}`,
        ],
      ];
      const log = openSync(join(dir, "log/edges.log"), "a");
      const child = spawn(node, [...nodeFlags, join(root, "src/bin/edge.ts"), ...args], {
        stdio: ["ignore", log, log],
        env: { ...process.env, ...clockBehind(daysBehind), ...ownEnvironment(dir) },
      });
      return watch(child, join(dir, "log/edges.log"));
    },
    async close() {
      for (const api of apis.values()) await api.close();
    },
  };
  return stack;
}

function watch(child: ChildProcess, log: string): { ended(): boolean; finished: Promise<void> } {
  let ended = false;
  const finished = new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      ended = true;
      if (code === 0) resolve();
      else reject(new StoryError(`the edges ended with ${signal ?? code}, expected 0: see ${log}`));
    });
  });
  finished.catch(() => {});
  return { ended: () => ended, finished };
}

/** Ports that nobody listens on now. */
async function freePorts(amount: number): Promise<number[]> {
  const probes = await Promise.all(
    Array.from({ length: amount }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return server;
    }),
  );
  const ports = probes.map((server) => (server.address() as { port: number }).port);
  await Promise.all(probes.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
