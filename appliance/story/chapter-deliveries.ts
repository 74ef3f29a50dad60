import { setTimeout as sleep } from "node:timers/promises";
import { bytes, count, dim, expect, liveLine, say, seen, several, table } from "./print.ts";
import type { Stack } from "./stack.ts";
import type { StoryTenant } from "./state.ts";

type Kept = { events: number; images: number; bytes: number; imageBytes: number };

/** Puts the whole stack's clock `days` back and lets the edges deliver for real. */
export async function chapterPast(stack: Stack, days: number): Promise<void> {
  await stack.startAll(days);
  say(dim(`every server and edge runs ${days} days behind (libfaketime); nothing is inserted by hand`));
  await deliver(stack, days, { perSecond: 15, events: 60 });
}

export async function chapterToday(stack: Stack): Promise<void> {
  await stack.startAll(0);
  await deliver(stack, 0, { perSecond: 20, events: 150 });
  const rows = [["customer", "events kept", "photographs", "size", "days"]];
  for (const tenant of stack.state.tenants) {
    const { days, ...all } = await keptBy(stack, tenant);
    rows.push([tenant.name, count(all.events), count(all.images), bytes(all.bytes + all.imageBytes), count(days.size)]);
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
    const arrived = `${count(now.events - before.events)} of ${count(wanted)} events stored`;
    line.update(`${arrived} · in all ${several(now.images, "photograph")}, ${bytes(now.bytes + now.imageBytes)}`);
    if (simulation.ended()) break;
  }
  line.end();
  await simulation.finished;
  now = await totals(stack);
  expect(now.events - before.events >= wanted, `${now.events - before.events} events stored`, `${wanted}`);
  seen(`each event has its receipt: ${count(wanted)} sent, ${count(now.events - before.events)} stored, none twice`);
}

async function totals(stack: Stack): Promise<Kept> {
  return total(await Promise.all(stack.state.tenants.map((tenant) => keptBy(stack, tenant))));
}

/** What a customer's sites hold, and of which days. */
async function keptBy(stack: Stack, tenant: StoryTenant): Promise<Kept & { days: Set<string> }> {
  const lists = await Promise.all(
    tenant.sites.map(({ siteId }) =>
      stack.api(tenant).get<{ days: (Kept & { day: string })[] }>(`/api/v1/sites/${siteId}/days`),
    ),
  );
  const kept = lists.flatMap(({ days }) => days);
  return { ...total(kept), days: new Set(kept.map(({ day }) => day)) };
}

function total(parts: readonly Kept[]): Kept {
  const all = { events: 0, images: 0, bytes: 0, imageBytes: 0 };
  for (const part of parts) {
    for (const key of ["events", "images", "bytes", "imageBytes"] as const) all[key] += part[key];
  }
  return all;
}
