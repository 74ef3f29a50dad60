import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { Agent, request } from "undici";
import { parse, stringify } from "yaml";
import { nodeFlags } from "../../appliance/native/processes.ts";
import { mosquittoService } from "./mosquitto.ts";
import { freePort } from "./ports.ts";
import { superuserOf } from "./postgres.ts";
import { type PostgresServer, startPostgresServer } from "./postgres-server.ts";
import { run, waitUntil } from "./process.ts";
import { type RedisServer, startRedis } from "./redis.ts";
import { type Service, service } from "./service.ts";
import { removeDirectory, temporaryDirectory } from "./temporary.ts";

const root = join(import.meta.dirname, "../..");

export type Answer = { status: number; headers: Record<string, string>; body: string; json<T>(): T };
export type ApplianceTenant = { tenantId: string; apiKey: string };

export type Appliance = {
  readonly directory: string;
  readonly configFile: string;
  readonly ports: { api: number; device: number; mqtt: number; plainMqtt: number };
  readonly apiUrl: string;
  readonly deviceUrl: string;
  /** What devices and clients trust, PEM. */
  readonly ca: string;
  readonly postgres: PostgresServer;
  readonly redis: RedisServer;
  readonly broker: Service;
  readonly app: Service;
  readonly worker: Service;
  /** Bypasses policies: for counting and tampering. */
  readonly superuser: pg.Pool;
  /** `ledgerstone <args>` with this appliance's configuration; its output. Rejects when it fails. */
  cli(args: string[], env?: NodeJS.ProcessEnv): Promise<string>;
  /** `edge <args>`; its output. */
  edge(args: string[], env?: NodeJS.ProcessEnv): Promise<string>;
  /** An `edge run` or `edge simulate` that may be killed; `start` it. Ready when it was started. */
  edgeService(args: string[], env?: NodeJS.ProcessEnv): Service;
  /** Makes a tenant and an API key that may do everything. */
  createTenant(name: string): Promise<ApplianceTenant>;
  /** One request to the API, as the key's holder. Any status is an answer. */
  call(apiKey: string, method: string, path: string, body?: unknown): Promise<Answer>;
  /** Stops all of it in reverse order and removes its files. */
  stop(): Promise<void>;
};

export type ApplianceOptions = {
  /** Changes the configuration that `ledgerstone init` wrote. */
  configure?: (config: Record<string, Record<string, unknown>>) => void;
  /** More environment for app and worker, such as a faked clock. */
  env?: NodeJS.ProcessEnv;
};

/**
 * The whole appliance as real processes: Postgres, Redis, Mosquitto, worker, app, with the configuration, keys and certificates
 * that `ledgerstone init` makes. Any of them may be killed and started again.
 */
export async function startAppliance(options: ApplianceOptions = {}): Promise<Appliance> {
  const started: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const end of started.splice(0).reverse()) await end();
  };
  try {
    return { ...(await build(options, started)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function build(options: ApplianceOptions, started: (() => Promise<unknown>)[]): Promise<Omit<Appliance, "stop">> {
  const directory = await temporaryDirectory("appliance");
  started.push(() => removeDirectory(directory));
  const postgres = await startPostgresServer();
  started.push(() => postgres.stop());
  const redis = await startRedis();
  started.push(() => redis.stop());
  const ports = {
    api: await freePort(),
    device: await freePort(),
    mqtt: await freePort(),
    plainMqtt: await freePort(),
  };
  const own = join(directory, "appliance");
  const configFile = join(own, "ledgerstone.yaml");
  const env = { ...process.env, ...options.env, LEDGERSTONE_CONFIG: configFile };
  const cli = (args: string[], more?: NodeJS.ProcessEnv) => runScript("cli", args, { ...env, ...more });
  await initialise({ own, ports, postgres, redis, cli });
  if (options.configure) await reconfigure(configFile, options.configure);
  await cli(["migrate", "--bootstrap-password-file", postgres.passwordFile]);

  const broker = mosquittoService(join(own, "mosquitto/mosquitto.conf"), ports.mqtt);
  const ca = readFileSync(join(own, "pki/ca.pem"), "utf8");
  const agent = new Agent({ connect: { ca }, keepAliveTimeout: 1_000 });
  const apiUrl = `https://localhost:${ports.api}`;
  const worker = bin("worker", env, async (running) => {
    const ready = async () => running.output().includes('"msg":"started"');
    await waitUntil("the worker", ready, { timeoutMs: 60_000, running });
  });
  const app = bin("app", env, async (running) => {
    const ready = async () => (await call(agent, { method: "GET", url: `${apiUrl}/readyz` })).status === 200;
    await waitUntil("the app", ready, { timeoutMs: 60_000, everyMs: 100, running });
  });
  started.push(() => agent.close());
  for (const each of [broker, worker, app]) {
    started.push(() => each.stop());
    await each.start();
  }
  const superuser = new pg.Pool({ ...superuserOf(postgres, "ledgerstone"), max: 3 }).on("error", () => {});
  started.push(() => superuser.end());
  return {
    directory: own,
    configFile,
    ports,
    apiUrl,
    deviceUrl: `https://localhost:${ports.device}`,
    ca,
    postgres,
    redis,
    broker,
    app,
    worker,
    superuser,
    cli,
    edge: (args, more) => runScript("edge", args, { ...process.env, ...more }),
    edgeService: (args, more) => bin("edge", { ...process.env, ...more }, async () => {}, args),
    async createTenant(name) {
      const { tenantId } = JSON.parse(await cli(["tenant", "create", "--name", name, "--json"]));
      const made = ["api-key", "create", "--tenant", tenantId, "--name", "test", "--all-permissions", "--json"];
      return { tenantId, apiKey: JSON.parse(await cli(made)).key };
    },
    call: (apiKey, method, path, body) => call(agent, { method, url: `${apiUrl}${path}`, apiKey, body }),
  };
}

type Setting = {
  own: string;
  ports: Appliance["ports"];
  postgres: PostgresServer;
  redis: RedisServer;
  cli: Appliance["cli"];
};

async function initialise({ own, ports, postgres, redis, cli }: Setting): Promise<void> {
  await cli([
    "init",
    ...["--dir", own, "--host", "localhost", "--host", "127.0.0.1"],
    ...["--https-port", String(ports.api), "--device-port", String(ports.device)],
    ...["--mqtt-port", String(ports.mqtt), "--plain-port", String(ports.plainMqtt)],
    ...["--worker-port", String(await freePort())],
    ...["--postgres", `${postgres.host}:${postgres.port}`, "--redis", `${redis.host}:${redis.port}`],
    "--tour",
  ]);
  await writeFile(join(own, "secrets/redis-password"), redis.password, { mode: 0o600 });
}

async function reconfigure(file: string, change: NonNullable<ApplianceOptions["configure"]>): Promise<void> {
  const config = parse(await readFile(file, "utf8"));
  change(config);
  await writeFile(file, stringify(config), { mode: 0o600 });
}

const script = (name: string, args: string[]) => [...nodeFlags, join(root, `src/bin/${name}.ts`), ...args];

function bin(
  name: "app" | "worker" | "edge",
  env: NodeJS.ProcessEnv,
  ready: Parameters<typeof service>[1],
  args: string[] = [],
): Service {
  return service({ name, command: process.execPath, args: script(name, args), env }, ready);
}

async function runScript(name: "cli" | "edge", args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  return run({ name: `${name} ${args[0]}`, command: process.execPath, args: script(name, args), env });
}

type Call = { method: string; url: string; apiKey?: string; body?: unknown };

async function call(agent: Agent, { method, url, apiKey, body }: Call): Promise<Answer> {
  const json = body !== undefined && typeof body !== "string" && !Buffer.isBuffer(body);
  const response = await request(url, {
    dispatcher: agent,
    method: method as "GET",
    headers: {
      ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    body: json ? JSON.stringify(body) : ((body as string | Buffer | undefined) ?? null),
  });
  const text = await response.body.text();
  return {
    status: response.statusCode,
    headers: response.headers as Record<string, string>,
    body: text,
    json: () => JSON.parse(text),
  };
}
