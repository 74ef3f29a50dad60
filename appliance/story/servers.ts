import { randomBytes } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import { join } from "node:path";
import { mosquittoServer } from "../native/mosquitto.ts";
import { initPostgres, postgresServer, superuserPassword } from "../native/postgres.ts";
import { type NativeServer, runningPid } from "../native/processes.ts";
import { redisServer } from "../native/redis.ts";
import type { Stack } from "./stack.ts";

type RunCli = (args: string[]) => Promise<string>;
type StoryServer = NativeServer & { before?: (cli: RunCli) => Promise<void> };

export const STOP_ORDER = ["app", "worker", "mosquitto", "redis", "postgres"] as const;

/** Of every program of ours: its configuration, and compiled code that the next start finds again. */
export const ownEnvironment = (dir: string): NodeJS.ProcessEnv => ({
  LEDGERSTONE_CONFIG: join(dir, "ledgerstone.yaml"),
  NODE_COMPILE_CACHE: join(dir, "cache"),
});

/** Once: secrets, certificates, configuration (by `ledgerstone init`), the data directory, the photographs. */
export async function initialise({ dir, root, state }: Stack, cli: RunCli): Promise<void> {
  const { ports } = state;
  if (!existsSync(join(dir, "ledgerstone.yaml"))) {
    const port = (name: string, value: number) => [`--${name}-port`, String(value)];
    await cli([
      ...["init", "--dir", dir, "--host", "localhost", "--host", "127.0.0.1", "--tour"],
      ...["--postgres", `127.0.0.1:${ports.postgres}`, "--postgres-directory", join(dir, "postgres/data")],
      ...["--redis", `127.0.0.1:${ports.redis}`],
      ...[...port("https", ports.https), ...port("device", ports.device), ...port("mqtt", ports.mqtt)],
      ...[...port("worker", ports.worker), ...port("plain", ports.plain)],
    ]);
    writeFileSync(join(dir, "secrets/redis-password"), `${state.redisPassword}\n`, { mode: 0o600 });
  }
  initPostgres(join(dir, "postgres"), randomBytes(18).toString("base64url"));
  collectPhotographs(root, join(dir, "photographs"));
}

/** In the order they start. `before` runs right before its server, when those ahead of it serve. */
export function servers(
  { dir, root, state }: Stack,
  node: string,
  flags: readonly string[],
  clock: NodeJS.ProcessEnv,
): StoryServer[] {
  const { ports } = state;
  const env = { ...process.env, ...ownEnvironment(dir) };
  const own = (name: "app" | "worker", ready: () => Promise<boolean>): StoryServer => ({
    name,
    command: node,
    args: [...flags, join(root, `src/bin/${name}.ts`)],
    env,
    clock,
    ready,
    readyWithinMs: 60_000,
  });
  return [
    { ...postgresServer(join(dir, "postgres"), ports.postgres), clock },
    {
      ...redisServer(join(dir, "redis"), ports.redis, state.redisPassword),
      before: async (cli) => {
        const url = join(dir, "secrets/postgres-superuser");
        writeFileSync(url, `${superuserPassword(join(dir, "postgres"))}\n`, { mode: 0o600 });
        await cli(["migrate", "--bootstrap-password-file", url]);
      },
    },
    { ...mosquittoServer(join(dir, "mosquitto/mosquitto.conf"), ports.mqtt), clock },
    own("worker", () => logged(dir, "worker", "started")),
    own("app", () => answers(`https://localhost:${ports.https}/readyz`, join(dir, "pki/ca.pem"))),
  ];
}

/** Whether the process that runs now has logged this message. */
async function logged(dir: string, name: string, message: string): Promise<boolean> {
  const pid = await runningPid(dir, name);
  const lines = readFileSync(join(dir, "log", `${name}.log`), "utf8").split("\n");
  return lines.some((line) => line.includes(`"pid":${pid},`) && line.includes(`"msg":"${message}"`));
}

/** The public-domain photographs that npm's @stdlib data sets carry. */
function collectPhotographs(root: string, target: string): void {
  if (existsSync(target)) return;
  mkdirSync(target, { recursive: true });
  const packages = join(root, "node_modules/@stdlib");
  for (const name of readdirSync(packages).filter((entry) => entry.startsWith("datasets-img-"))) {
    const image = join(packages, name, "data/image.jpg");
    if (existsSync(image)) copyFileSync(image, join(target, `${name.slice("datasets-img-".length)}.jpg`));
  }
}

function answers(url: string, caFile: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(url, { ca: readFileSync(caFile), agent: false, timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once("error", () => resolve(false));
    request.once("timeout", () => request.destroy());
  });
}
