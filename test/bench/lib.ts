import { fork } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { nodeFlags } from "../../appliance/native/processes.ts";

/** Runs a bench's own file as a process of its own, with the flags of ours, and gives what it sends. `variable` tells it what to do. */
export function runForked<Outcome>(file: string, variable: string, settings: object): Promise<Outcome> {
  const env = { ...process.env, [variable]: JSON.stringify(settings) };
  const child = fork(file, { execArgv: [...nodeFlags], env });
  return new Promise((resolve, reject) => {
    let outcome: Outcome | undefined;
    child.on("message", (message) => {
      outcome = message as Outcome;
    });
    child.on("exit", (code) =>
      code === 0 && outcome ? resolve(outcome) : reject(new Error(`${variable} ended with code ${code}`)),
    );
  });
}

/** Processor seconds so far of a process and, if asked, of its children (Postgres: the backends that still live). Linux. */
export function cpuSeconds(pid: number, children = false): number {
  let ticks = 0;
  for (const name of readdirSync("/proc")) {
    if (!/^[0-9]+$/.test(name)) continue;
    let stat: string;
    try {
      stat = readFileSync(`/proc/${name}/stat`, "utf8");
    } catch {
      continue;
    }
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (Number(name) === pid || (children && Number(fields[1]) === pid))
      ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / 100;
}

/** Prints what was measured, the raw baseline of the same run, their ratio, and the target. Returns whether the target is met. */
export function report(figure: {
  name: string;
  value: number;
  unit: string;
  baseline?: { name: string; value: number };
  target?: { value?: number; ratio?: number };
}): boolean {
  const { name, value, unit, baseline, target } = figure;
  const number = (n: number): string => Math.round(n).toLocaleString("en");
  const ratio = baseline ? value / baseline.value : undefined;
  const parts = [`${name.padEnd(44)} ${number(value).padStart(10)} ${unit}`];
  if (baseline) parts.push(`| ${baseline.name} ${number(baseline.value)} | ratio ${ratio!.toFixed(2)}`);
  const met =
    (target?.value === undefined || value >= target.value) &&
    (target?.ratio === undefined || (ratio ?? 0) >= target.ratio);
  if (target) {
    const wanted = target.value === undefined ? `${(target.ratio! * 100).toFixed(0)} %` : number(target.value);
    parts.push(`| target ${wanted} ${met ? "met" : "MISSED"}`);
  }
  process.stdout.write(`${parts.join(" ")}\n`);
  return met;
}

/** Runs `one` from `clients` loops for `ms`; returns how often a second it resolved. */
export async function rate(clients: number, ms: number, one: (client: number) => Promise<void>): Promise<number> {
  const began = performance.now();
  let count = 0;
  const loop = async (client: number): Promise<void> => {
    while (performance.now() - began < ms) {
      await one(client);
      count++;
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, client) => loop(client)));
  return (count * 1000) / (performance.now() - began);
}
