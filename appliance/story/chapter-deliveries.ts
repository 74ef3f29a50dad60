import { setTimeout as sleep } from "node:timers/promises";
import { bytes, count, dim, expect, liveLine, say, seen, table } from "./print.ts";
import type { Stack } from "./stack.ts";

interface UsageDay {
  day: string;
  events: number;
  bytes: number;
}

/** Puts the whole stack's clock `days` back and lets the edges deliver for real. */
export async function chapterPast(stack: Stack, days: number): Promise<void> {
  await stack.startAll(days);
  say(dim(`every server and edge runs ${days} days behind (libfaketime); nothing is inserted by hand`));
  await deliver(stack, days, { perSecond: 15, events: 60 });
}

export async function chapterToday(stack: Stack): Promise<void> {
  await stack.startAll(0);
  await deliver(stack, 0, { perSecond: 20, events: 150 });
  const rows = [["tenant", "events kept", "site data", "days"]];
  for (const tenant of stack.state.tenants) {
    const { days } = await stack.api(tenant).get<{ days: UsageDay[] }>("/api/v1/tenant/usage?days=60");
    rows.push([tenant.name, count(sum(days, "events")), bytes(sum(days, "bytes")), count(days.length)]);
  }
  table(rows);
}

async function deliver(stack: Stack, days: number, rate: { perSecond: number; events: number }): Promise<void> {
  const devices = stack.state.tenants.flatMap((tenant) => tenant.sites.map((site) => site.device!));
  const before = await totals(stack);
  const simulation = stack.simulate(days, rate);
  const line = liveLine();
  const wanted = devices.length * rate.events;
  const deadline = Date.now() + 90_000;
  let now = before;
  while (Date.now() < deadline) {
    await sleep(1000);
    now = await totals(stack);
    line.update(`${count(now.events - before.events)} of ${count(wanted)} events stored · ${bytes(now.bytes)} in all`);
    if (simulation.ended()) break;
  }
  line.end();
  await simulation.finished;
  now = await totals(stack);
  expect(now.events - before.events >= wanted, `${now.events - before.events} events stored`, `${wanted}`);
  seen(`each event has its receipt: ${count(wanted)} sent, ${count(now.events - before.events)} stored, none twice`);
}

async function totals(stack: Stack): Promise<{ events: number; bytes: number }> {
  const all = { events: 0, bytes: 0 };
  for (const tenant of stack.state.tenants) {
    const { days } = await stack.api(tenant).get<{ days: UsageDay[] }>("/api/v1/tenant/usage?days=60");
    all.events += sum(days, "events");
    all.bytes += sum(days, "bytes");
  }
  return all;
}

function sum(days: UsageDay[], key: "events" | "bytes"): number {
  return days.reduce((total, day) => total + day[key], 0);
}
