import { parseStrictJson } from "../record/json.ts";
import { FormatError } from "../record/text.ts";
import type { Batch } from "./build-batch.ts";
import type { Incoming } from "./incoming.ts";
import type { Sorted } from "./record-batch.ts";
import type { TenantFacts } from "./store.ts";
import type { Closing, DeviceUse, SiteUse } from "./store-close.ts";

/** What the transaction's last message writes: counters, and which numbers of each outbox are now behind it. */
export function planClosing(
  items: readonly Incoming[],
  sorted: Sorted,
  facts: TenantFacts,
  done: { batch: Batch | null; lettersStored: number; quotaReached: boolean },
): Closing {
  const sites = new Map<string, SiteUse>();
  const devices = new Map<string, DeviceUse>();
  const outboxes = new Map<string, { deviceId: string; outbox: string; seen: [number, number][] }>();
  const use = { events: 0, bytes: 0, rejected: sorted.refused.length };
  for (const event of sorted.fresh) {
    const site = sites.get(event.siteId) ?? { siteId: event.siteId, events: 0, bytes: 0, images: 0, imageBytes: 0 };
    sites.set(event.siteId, site);
    site.events += 1;
    site.bytes += event.bodyBytes;
    site.images += event.images.length;
    for (const image of event.images) site.imageBytes += image.bytes;
    use.events += 1;
    use.bytes += event.bodyBytes;
    const device = deviceUse(devices, items[event.at]!, facts);
    if (device) device.events += 1;
  }
  for (const { at } of sorted.refused) {
    const device = deviceUse(devices, items[at]!, facts);
    if (device) device.rejected += 1;
  }
  const freshAt = new Set(sorted.fresh.map((event) => event.at));
  for (const [at, item] of items.entries()) {
    const gaps = markSeen(outboxes, item);
    const device = deviceUse(devices, item, facts);
    if (device && freshAt.has(at)) device.gaps += gaps;
  }
  const rejects: Record<string, number> = {};
  for (const { reason } of sorted.refused) rejects[reason] = (rejects[reason] ?? 0) + 1;
  return {
    batch: done.batch,
    received: facts.now,
    use,
    sites: [...sites.values()],
    devices: [...devices.values()],
    outboxes: [...outboxes.values()].map((box) => ({ ...box, seen: mergeRanges(box.seen) })),
    rejects,
    deadLetters: done.lettersStored,
    quotaReached: done.quotaReached,
  };
}

function deviceUse(devices: Map<string, DeviceUse>, { sender }: Incoming, facts: TenantFacts): DeviceUse | undefined {
  if (sender.type !== "device") return undefined;
  const known = devices.get(sender.id);
  if (known) return known;
  const siteId = facts.devices.get(sender.id)?.siteId;
  if (!siteId) return undefined;
  const made = { deviceId: sender.id, siteId, events: 0, rejected: 0, gaps: 0 };
  devices.set(sender.id, made);
  return made;
}

/** Marks the event's number and the numbers that it declares lost. Returns how many it declares lost. */
function markSeen(
  outboxes: Map<string, { deviceId: string; outbox: string; seen: [number, number][] }>,
  { sender, parsed }: Incoming,
): number {
  const { outbox, seq } = parsed.ok ? parsed.event : parsed;
  if (sender.type !== "device" || outbox === undefined || seq === undefined) return 0;
  const key = `${sender.id} ${outbox}`;
  const box = outboxes.get(key) ?? { deviceId: sender.id, outbox, seen: [] };
  outboxes.set(key, box);
  const last = box.seen.at(-1);
  if (last && last[1] + 1 === seq) last[1] = seq;
  else box.seen.push([seq, seq]);
  const gap = parsed.ok && parsed.event.kind === "edge.gap" ? readGap(parsed.event.body) : undefined;
  if (!gap) return 0;
  box.seen.push(gap);
  return gap[1] - gap[0] + 1;
}

function readGap(body: string): [number, number] | undefined {
  try {
    const { from, to } = parseStrictJson(body, { integersOnly: true }) as { from?: unknown; to?: unknown };
    const whole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 1;
    return whole(from) && whole(to) && from <= to ? [from, to] : undefined;
  } catch (error) {
    if (error instanceof FormatError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function mergeRanges(ranges: [number, number][]): [number, number][] {
  const sorted = ranges.sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = merged.at(-1);
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}
