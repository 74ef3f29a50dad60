// Ingest end to end: a sender in its own process → mTLS → Mosquitto → ingest → Postgres, until every event is committed.
// Beside it in the same run: the broker alone, and a bare insert alone. BENCH_EVENTS=60000.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openConnection } from "../../src/ingest/connection.ts";
import { createRecorder, startIngest } from "../../src/ingest/index.ts";
import { createDirectoryStore } from "../../src/objects/index.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { createEstate, newId } from "../ingest/estate.ts";
import { startPlane } from "../ingest/plane.ts";
import { recomputeTenant } from "../ingest/recompute.ts";
import { ingestConfig } from "../ingest/settings.ts";
import { startMosquitto } from "../support/mosquitto.ts";
import { stopPostgres } from "../support/postgres.ts";
import { run } from "../support/process.ts";
import { cpuSeconds } from "./lib.ts";

const events = Number(process.env.BENCH_EVENTS ?? 60_000);
const estate = await createEstate();
const broker = await startMosquitto();
const tenant = await estate.newTenant();
const config = ingestConfig(broker, { flushMs: 1000 });
const log = createLogger("bench", process.env.TEST_LOG ?? "warn");
const { superuser } = estate.database;
const rate = (count: number, seconds: number): number => Math.round(count / seconds);
const show = (what: string, perSecond: number, beside = ""): void =>
  console.log(`${what.padEnd(52)} ${perSecond.toLocaleString("en").padStart(9)} events/s  ${beside}`);

const device = await broker.pki.devices.issue({ cn: tenant.deviceId });
const certFile = join(broker.directory, "bench.pem");
const keyFile = join(broker.directory, "bench-key.pem");
await writeFile(certFile, device.cert);
await writeFile(keyFile, device.key);

try {
  const bareInsert = await measureInsert();
  show("bare unnest insert into one table, one connection", bareInsert);
  for (const size of [1, 100]) {
    const count = size === 1 ? events : events * 4;
    const bareBroker = await measureBroker(size, count);
    show(`bare Mosquitto, mTLS, ${size === 1 ? "single events" : `arrays of ${size}`}`, bareBroker);
    const whole = await measureIngest(size, count);
    const slower = Math.min(bareBroker, bareInsert);
    show(
      `ingest end to end, ${size === 1 ? "single events" : `arrays of ${size}`}`,
      whole,
      `${((100 * whole) / slower).toFixed(0)} % of the slower baseline`,
    );
  }
  show("NDJSON over HTTPS, one request", await measureNdjson(events * 2));
  const checked = await recomputeTenant(superuser, tenant.tenantId);
  console.log(`recomputed: ${checked.rows} rows, ${checked.events} events, every leaf and root right`);
} finally {
  await broker.stop();
  await estate.stop();
  await stopPostgres();
}

async function measureInsert(): Promise<number> {
  await superuser.query("create table bare (id uuid primary key, at timestamptz, kind text, body text)");
  const body = '{"plate":"AB123","gate":7,"direction":"in","speed":17.25,"note":"regular passage of a vehicle"}';
  const began = performance.now();
  for (let done = 0; done < events; done += 500) {
    const ids = Array.from({ length: 500 }, () => newId());
    await superuser.query("insert into bare select i, now(), 'gate.passage', $2 from unnest($1::uuid[]) i", [
      ids,
      body,
    ]);
  }
  const perSecond = rate(events, (performance.now() - began) / 1000);
  await superuser.query("drop table bare");
  return perSecond;
}

async function send(size: number, count: number): Promise<void> {
  const { host, port } = broker;
  const order = {
    host,
    port,
    certFile,
    keyFile,
    caFile: broker.pki.section.caFile,
    device: tenant.deviceId,
    outbox: randomUUID(),
    messages: count / size,
    events: size,
  };
  await run({
    name: "sender",
    command: process.execPath,
    args: [join(import.meta.dirname, "sender.ts"), JSON.stringify(order)],
  });
}

/** The broker alone: a subscriber that acknowledges at once and looks at nothing. */
async function measureBroker(size: number, count: number): Promise<number> {
  const [cert, key, ca] = await Promise.all(
    [config.mqtt.certFile, config.mqtt.keyFile, config.mqtt.caFile].map((file) => readFile(file)),
  );
  let messages = 0;
  let first = 0;
  const all = Promise.withResolvers<number>();
  const ready = Promise.withResolvers<void>();
  const connection = openConnection(
    {
      host: broker.host,
      port: broker.port,
      cert: cert!,
      key: key!,
      ca: ca!,
      clientId: "bare",
      receiveMaximum: 1000,
      sessionExpirySeconds: 0,
      keepaliveSeconds: 30,
      maximumPacketBytes: 16_777_216,
      subscriptions: [{ topic: "v1/+/up/events", qos: 1 }],
    },
    {
      onMessage({ done }) {
        first ||= performance.now();
        done();
        messages += 1;
        if (messages === count / size) all.resolve((performance.now() - first) / 1000);
      },
      onReady: () => ready.resolve(),
      onPuback: () => {},
      onClosed: () => {},
    },
  );
  await ready.promise;
  await send(size, count);
  const seconds = await all.promise;
  await connection.end();
  return rate(count, seconds);
}

async function measureIngest(size: number, count: number): Promise<number> {
  const ingest = await startIngest({ ...estate, config, log });
  await sleep(500);
  const stored = async (): Promise<number> =>
    (
      await superuser.query("select coalesce(sum(events), 0)::int as n from tenant_usage where tenant_id = $1", [
        tenant.tenantId,
      ])
    ).rows[0].n;
  const before = await stored();
  const spent = cpuSince();
  const sending = send(size, count);
  let began = 0;
  for (;;) {
    const now = (await stored()) - before;
    // From the first commit on: process start and TLS handshake are not what is measured.
    if (now > 0 && began === 0) began = performance.now();
    if (now >= count) break;
    await sleep(20);
  }
  const seconds = (performance.now() - began) / 1000;
  const { worker, postgres, mosquitto } = spent();
  const each = (used: number): string => `${((used * 1e6) / count).toFixed(0)} µs`;
  console.log(`  processor an event: worker ${each(worker)}, Postgres ${each(postgres)}, broker ${each(mosquitto)}`);
  await sending;
  await ingest.stop();
  return rate(count, seconds);
}

function cpuSince(): () => { worker: number; postgres: number; mosquitto: number } {
  const brokerPid = Number(readFileSync(broker.pidFile, "utf8"));
  const read = () => ({
    worker: process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6,
    postgres: cpuSeconds(estate.database.server.pid(), true),
    mosquitto: cpuSeconds(brokerPid),
  });
  const from = read();
  return () => {
    const to = read();
    return {
      worker: to.worker - from.worker,
      postgres: to.postgres - from.postgres,
      mosquitto: to.mosquitto - from.mosquitto,
    };
  };
}

/** One request over HTTPS, sent by curl: TLS, routing, parsing, storing, a result for each line. */
async function measureNdjson(count: number): Promise<number> {
  const key = { ...tenant.principal, actor: { type: "api-key" as const, id: randomUUID() }, via: "api" as const };
  const plane = await startPlane(
    broker.pki,
    {
      pool: estate.pool,
      recorder: createRecorder({ ...estate, limits: config.ingest, log, mostAttempts: 5 }),
      maxMessageBytes: config.ingest.maxMessageBytes,
      diskFull: () => false,
      images: {
        pool: estate.pool,
        keyring: estate.keyring,
        objects: createDirectoryStore(broker.directory),
        minFreeBytes: 0,
      },
    },
    { principal: () => key },
  );
  const body = { plate: "AB123", gate: 7, direction: "in", speed: 17.25, note: "regular passage of a vehicle" };
  const occurred = new Date().toISOString();
  const lines = Array.from({ length: count }, () =>
    JSON.stringify({ id: newId(), kind: "gate.passage", occurred, body }),
  );
  const file = join(broker.directory, "events.ndjson");
  const answers = join(broker.directory, "answers.ndjson");
  await writeFile(file, lines.join("\n"));
  const url = `https://127.0.0.1:${plane.port}/api/v1/events?site=${tenant.siteId}`;
  const began = performance.now();
  await run({
    name: "curl",
    command: "curl",
    args: [
      "-sS",
      "--fail",
      "--cacert",
      broker.pki.section.caFile,
      "-X",
      "POST",
      "-T",
      file,
      "-o",
      answers,
      "-H",
      "content-type: application/x-ndjson",
      "-H",
      "authorization: Bearer key",
      "-H",
      "expect:",
      url,
    ],
  });
  const seconds = (performance.now() - began) / 1000;
  await plane.stop();
  const stored = (await readFile(answers, "utf8")).split('"status":"stored"').length - 1;
  if (stored !== count) throw new Error(`found ${stored} stored, expected ${count}`);
  return rate(count, seconds);
}
