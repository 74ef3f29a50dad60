// Small requests with an API key against the whole appliance, beside a bare Express + pg over the same TLS in the same run; what
// wrong keys do to the right ones; what argon2 costs. BENCH_SECONDS=5.
import { join } from "node:path";
import argon2 from "argon2";
import { Pool } from "undici";
import { newApiKey } from "../../src/identity/index.ts";
import { createSite } from "../journeys/fleet.ts";
import { type Appliance, startAppliance } from "../support/appliance.ts";
import { freePort } from "../support/ports.ts";
import { superuserOf } from "../support/postgres.ts";
import { startProcess, waitUntil } from "../support/process.ts";
import { cpuSeconds, rate, report } from "./lib.ts";

const ms = Number(process.env.BENCH_SECONDS ?? 5) * 1000;
const clients = 24;
const wrongKeysPerSecond = 50;

type Client = { get(path: string, key?: string): Promise<number>; close(): Promise<void> };

function client(appliance: Appliance, port: number): Client {
  const pool = new Pool(`https://localhost:${port}`, { connections: clients, connect: { ca: appliance.ca } });
  return {
    async get(path, key) {
      const headers = key ? { authorization: `Bearer ${key}` } : {};
      const { statusCode, body } = await pool.request({ method: "GET", path, headers });
      await body.dump();
      return statusCode;
    },
    close: () => pool.close(),
  };
}

async function expect(status: number, wanted: number): Promise<void> {
  if (status !== wanted) throw new Error(`found status ${status}, expected ${wanted}`);
}

async function startBare({ directory, postgres }: Appliance, port: number) {
  const pki = (file: string): string => join(directory, "pki", file);
  const settings = {
    port,
    cert: pki("server.pem"),
    key: pki("server-key.pem"),
    database: superuserOf(postgres, "ledgerstone"),
  };
  const env = { ...process.env, BARE: JSON.stringify(settings) };
  const bare = startProcess({
    name: "bare",
    command: process.execPath,
    args: [join(import.meta.dirname, "bare.ts")],
    env,
  });
  await waitUntil("the bare server", async () => bare.output().includes("listening"), { running: bare });
  return bare;
}

const perRequest = (seconds: number, perSecond: number): string =>
  `${((1e6 * seconds) / (perSecond * ms)).toFixed(2)} ms`;

/** The 99th of a hundred, in milliseconds. */
function p99(times: number[]): number {
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length * 0.99)] ?? 0;
}

async function latencies(perSecond: number, one: () => Promise<void>): Promise<number[]> {
  const times: number[] = [];
  const under: Promise<void>[] = [];
  const began = performance.now();
  for (let n = 0; performance.now() - began < ms; n++) {
    const due = began + (n * 1000) / perSecond;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    // From when it was due: a server that stalls makes the next ones wait, too.
    under.push(one().then(() => void times.push(performance.now() - due)));
  }
  await Promise.all(under);
  return times;
}

async function costOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  for (let n = 0; n < 8; n++) await work();
  return (performance.now() - began) / 8;
}

const appliance = await startAppliance({
  ...(process.env.BENCH_PROFILE && { env: { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${process.env.BENCH_PROFILE}` } }),
  configure: (config) => {
    const many = 1_000_000_000;
    config.limits = { general: many, write: many, settings: many };
  },
});
const barePort = await freePort();
const bare = await startBare(appliance, barePort);
const [api, plain] = [client(appliance, appliance.ports.api), client(appliance, barePort)];
try {
  const { siteId, apiKey } = await createSite(appliance, await appliance.createTenant("Bench"), "Gate");
  const path = `/api/v1/sites/${siteId}`;
  const keyed = async (): Promise<void> => expect(await api.get(path, apiKey), 200);
  const bareGet = async (): Promise<void> => expect(await plain.get(path), 200);
  await rate(clients, 2000, keyed);
  await rate(clients, 2000, bareGet);
  const bareCpu = cpuSeconds(bare.pid);
  const baseline = { name: "bare Express + pg", value: await rate(clients, ms, bareGet) };
  const ofBare = perRequest(cpuSeconds(bare.pid) - bareCpu, baseline.value);
  const [app, postgres] = [cpuSeconds(appliance.app.pid()), cpuSeconds(appliance.postgres.pid(), true)];
  const value = await rate(clients, ms, keyed);
  const met = report({
    name: `keyed GET, ${clients} clients`,
    value,
    unit: "req/s",
    baseline,
    target: { value: 2000 },
  });
  const ofApp = perRequest(cpuSeconds(appliance.app.pid()) - app, value);
  const ofPostgres = perRequest(cpuSeconds(appliance.postgres.pid(), true) - postgres, value);
  process.stdout.write(`processor time a request: app ${ofApp}, Postgres ${ofPostgres}; bare ${ofBare}\n`);

  const calm = p99(await latencies(200, keyed));
  const wrong = latencies(wrongKeysPerSecond, async () => expect(await api.get(path, newApiKey("live").key), 401));
  const beside = p99(await latencies(200, keyed));
  const refused = p99(await wrong);
  const text = (n: number): string => `${n.toFixed(1)} ms`;
  process.stdout.write(
    `p99 of 200 req/s: ${text(calm)} alone, ${text(beside)} beside ${wrongKeysPerSecond} wrong keys/s (refused in ${text(refused)})\n`,
  );
  const hash = (memoryCost: number, timeCost: number) => () =>
    argon2.hash("x", { type: argon2.argon2id, memoryCost, timeCost, parallelism: 1 });
  const [login, key] = [await costOf(hash(65_536, 3)), await costOf(hash(19_456, 2))];
  process.stdout.write(`argon2id: a login ${text(login)}, an API key once a minute ${text(key)}\n`);
  process.exitCode = met ? 0 : 1;
} finally {
  await api.close();
  await plain.close();
  await bare.stop();
  await appliance.stop();
}
