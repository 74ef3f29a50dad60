import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Command, InvalidArgumentError } from "commander";
import {
  edgeVersion,
  enrol,
  isEnrolled,
  readStatus,
  runSimulator,
  type Simulator,
  type SimulatorStats,
  startEdge,
  takeLines,
} from "../edge/index.ts";
import { describeError } from "../platform/errors.ts";
import { createLogger } from "../platform/logger.ts";

// SIGTERM and SIGINT end a run cleanly; what is not sent stays in the outbox.
function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
  });
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError(`found ${text}, expected a number above 0`);
  return value;
}

type RunOptions = { dir: string; batch: number; quotaGb: number; stdin?: boolean };

async function run({ dir, batch, quotaGb, stdin }: RunOptions): Promise<void> {
  const log = createLogger("edge", "info");
  const quotaBytes = Math.floor(quotaGb * 2 ** 30);
  const edge = await startEdge({
    dir,
    log,
    outbox: { quotaBytes, keepBytes: Math.floor(quotaBytes / 2) },
    sender: { batchSize: Math.min(200, batch) },
  });
  const ended = untilSignal();
  if (stdin) await Promise.race([ended, takeLines(edge, process.stdin, process.stdout, process.cwd())]);
  await ended;
  process.stdin.destroy();
  await edge.stop();
}

type SimulateOptions = {
  dir: string;
  photographs: string;
  rate: number;
  seed: string;
  most?: number;
  drain?: number;
  codes?: string;
  server?: string;
};

// Directory n of the simulation is <dir>/edge-<n>; a code, one a line, enrols each that is not yet.
async function simulate({ dir, photographs, rate, seed, most, drain, codes, server }: SimulateOptions): Promise<void> {
  const log = createLogger("edge", "warn");
  const dirs: string[] = [];
  const lines = codes ? (await readFile(codes, "utf8")).split("\n").filter((line) => line.trim() !== "") : [];
  for (let n = 1; ; n++) {
    const own = join(dir, `edge-${n}`);
    const code = lines[n - 1];
    if (!(await isEnrolled(own))) {
      if (!code) break;
      if (!server) throw new Error("found --codes without --server, expected the address of the device plane as well");
      await enrol(own, server, code);
    }
    dirs.push(own);
  }
  if (dirs.length === 0) throw new Error(`found no enrolled edge in ${dir}: give --codes and --server`);
  const simulator = await runSimulator({ dirs, photographs, perSecond: rate, seed, log, ...(most ? { most } : {}) });
  const timer = setInterval(() => process.stdout.write(`${line(simulator.stats())}\n`), 5_000);
  const ended = untilSignal();
  await (most ? Promise.race([ended, simulator.finished]) : ended);
  const drained = drain === undefined || (await Promise.race([ended.then(() => false), isDrained(simulator, drain)]));
  clearInterval(timer);
  process.stdout.write(`${line(simulator.stats())}\n`);
  await simulator.stop();
  if (!drained) throw new Error(`found events without receipt or images not uploaded ${drain} s after the last event`);
}

async function isDrained(simulator: Simulator, seconds: number): Promise<boolean> {
  const until = performance.now() + seconds * 1_000;
  while (performance.now() < until) {
    const { pending, openImages } = simulator.stats();
    if (pending === 0 && openImages === 0) return true;
    await sleep(100);
  }
  return false;
}

function line({ made, images, pending, openImages, connected, edges }: SimulatorStats): string {
  const photographs = `${images} with photograph (${openImages} to upload)`;
  return `${connected}/${edges.length} connected, ${made} events made, ${photographs}, ${pending} without receipt`;
}

const program = new Command("edge").description("the reference edge appliance").version(edgeVersion);
program
  .command("enrol")
  .description("make a key on this box and trade the code for a certificate")
  .requiredOption("--code <code>", "the enrolment code from the console: LSE1.…")
  .requiredOption("--server <url>", "the appliance's device plane, https://host:port")
  .requiredOption("--dir <dir>", "where this edge keeps its key, certificate and outbox")
  .action(async ({ code, server, dir }: { code: string; server: string; dir: string }) => {
    const { device, mqtt } = await enrol(dir, server, code);
    process.stdout.write(`enrolled as ${device}; broker ${mqtt.host}:${mqtt.port}\n`);
  });
program
  .command("run")
  .description("send what the outbox holds until SIGTERM")
  .requiredOption("--dir <dir>", "an enrolled directory")
  .option("--batch <events>", "events in a message, 1 to 200", positive, 200)
  .option("--quota-gb <size>", "how much the outbox may hold", positive, 4)
  .option("--stdin", "take events from standard input, one JSON object a line; answers each with its id")
  .action(run);
program
  .command("simulate")
  .description("run several edges that see gate passages, badges and temperatures")
  .requiredOption("--dir <dir>", "holds edge-1, edge-2, …")
  .requiredOption("--photographs <dir>", "a folder with JPEG files")
  .option("--rate <events>", "events a second of each edge", positive, 1)
  .option("--seed <text>", "the same seed gives the same events", "ledgerstone")
  .option("--most <events>", "events of each edge, then end", positive)
  .option("--drain <seconds>", "then wait so long for receipts and uploads, and fail without", positive)
  .option("--codes <file>", "enrolment codes, one a line")
  .option("--server <url>", "the device plane, for --codes")
  .action(simulate);
program
  .command("status")
  .description("show what this edge holds, as JSON; works while it runs")
  .requiredOption("--dir <dir>", "an enrolled directory")
  .action(async ({ dir }: { dir: string }) => {
    process.stdout.write(`${JSON.stringify(await readStatus(dir), null, 2)}\n`);
  });

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`edge: ${describeError(error)}\n`);
  process.exitCode = 1;
});
