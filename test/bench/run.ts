import { spawn } from "node:child_process";
import { availableParallelism, loadavg } from "node:os";
import { parseArgs } from "node:util";

// Every bench, one after the other, each with its raw baselines in the same run. Small sizes unless --full (docs/benchmarks.md).
type Bench = {
  name: string;
  small: string[];
  full: string[];
  env?: { small: NodeJS.ProcessEnv; full: NodeJS.ProcessEnv };
};

const events = (small: string, full: string) => ({ small: { BENCH_EVENTS: small }, full: { BENCH_EVENTS: full } });
const benches: Bench[] = [
  { name: "append", small: ["3000"], full: ["20000"] },
  { name: "verify", small: ["100000", "300000"], full: ["100000", "1000000", "10000000"] },
  { name: "ingest", small: [], full: [], env: events("20000", "200000") },
  { name: "search", small: [], full: [], env: events("300000", "10000000") },
  { name: "purge", small: ["200000"], full: ["5000000"] },
  { name: "export", small: ["--megabytes", "300"], full: ["--megabytes", "2000"] },
  { name: "objects", small: [], full: [] },
  { name: "saml", small: [], full: [] },
  {
    name: "api",
    small: [],
    full: [],
    env: { small: { BENCH_SECONDS: "3" }, full: { BENCH_SECONDS: "20" } },
  },
];

const { values, positionals } = parseArgs({
  options: { full: { type: "boolean", default: false } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !benches.some((bench) => bench.name === name));
if (unknown.length > 0) {
  const names = benches.map(({ name }) => name).join(" ");
  throw new Error(`found ${unknown.join(" ")}, expected some of: ${names}`);
}
const load = (): string => `load ${loadavg()[0]!.toFixed(1)} on ${availableParallelism()} cores`;

function run({ name, ...bench }: Bench): Promise<number> {
  const size = values.full ? "full" : "small";
  process.stdout.write(`\n== ${name} (${load()})\n`);
  const file = new URL(`${name}.ts`, import.meta.url).pathname;
  const child = spawn(process.execPath, ["--expose-gc", file, ...bench[size]], {
    stdio: "inherit",
    env: { ...process.env, ...bench.env?.[size] },
  });
  return new Promise((resolve) => child.on("close", (code) => resolve(code ?? 1)));
}

const failed: string[] = [];
for (const bench of benches) {
  if (positionals.length > 0 && !positionals.includes(bench.name)) continue;
  if ((await run(bench)) !== 0) failed.push(bench.name);
}
process.stdout.write(
  `\n${failed.length > 0 ? `failed, or missed a target that it checks: ${failed.join(" ")}` : "every bench ran"} (${load()})\n`,
);
process.exitCode = failed.length > 0 ? 1 : 0;
