import { systemPrincipal, withTenant } from "../audit/index.ts";
import { withTransaction } from "../platform/db.ts";
import type { Progress, Task, TaskResult } from "../tasks/index.ts";
import type { RetentionDeps } from "./deps.ts";
import { findSafetyStop } from "./forecast.ts";
import { planTenant } from "./plan.ts";
import { untilFree } from "./retry.ts";
import { eraseArguments } from "./schema.ts";
import { selectDueSites } from "./store.ts";
import {
  callCompactDay,
  callEraseImageDay,
  callEraseSiteDay,
  callTruncateDay,
  callTruncateImagesDay,
  selectDayTenants,
} from "./store-erasing.ts";

const lookAgainMs = 3_600_000;

/**
 * Erases what is due of one UTC day: the whole partition when nothing else lives in it, else site by site. Killed anywhere, it
 * runs again and finds what is left: each step is one transaction that removes and entombs.
 */
export async function eraseDue(deps: RetentionDeps, task: Task, progress: Progress): Promise<TaskResult> {
  const { day, what } = eraseArguments.parse(task.arguments);
  const principal = systemPrincipal(task.tenantId, "retention", "cron");
  const stop = await withTenant(deps.executor, principal, findSafetyStop);
  if (stop) return { state: "waiting", until: "person", note: stop };
  const sites = await withTenant(deps.executor, principal, (tx) => selectDueSites(tx, day, what));
  await progress.report(0, sites.length);
  if (sites.length > 0 && (await eraseWholeDay(deps, { day, what }, progress))) {
    await progress.report(sites.length);
    await planTenant(deps, task.tenantId);
    return { state: "done", result: { day, what, whole: true } };
  }
  const total = { events: 0, images: 0, sites: 0 };
  const held = new Map<string, string[]>();
  for (const [done, siteId] of sites.entries()) {
    const part = await untilFree(progress.signal, () =>
      withTenant(deps.executor, principal, (tx) =>
        what === "events" ? callEraseSiteDay(tx, siteId, day) : callEraseImageDay(tx, siteId, day),
      ),
    );
    if (part.outcome === "held") held.set(siteId, part.heldBy);
    if (part.outcome === "erased") {
      total.events += part.events;
      total.images += part.images;
      total.sites++;
      deps.log.info({ tenantId: task.tenantId, siteId, day, what, erasureId: part.erasureId }, "site-day erased");
    }
    await progress.report(done + 1);
  }
  if (total.sites > 0) {
    await planTenant(deps, task.tenantId);
    await compact(deps, day, progress.signal);
  }
  const result = { day, what, ...total, held: Object.fromEntries(held) };
  if (held.size === 0) return { state: "done", result };
  const holds = new Set([...held.values()].flat());
  const note = `${held.size} of ${sites.length} sites are held on ${day} by ${[...holds].slice(0, 20).join(", ")}: goes on by itself when the holds are released`;
  return { state: "waiting", until: lookAgainMs, note, result };
}

/** False when some site of the day, of any tenant, is not due, is held, or waits for a person. */
async function eraseWholeDay(
  deps: RetentionDeps,
  { day, what }: { day: string; what: "events" | "images" },
  progress: Progress,
): Promise<boolean> {
  for (const tenantId of await selectDayTenants(deps.executor, day, what)) {
    const stop = await withTenant(deps.executor, systemPrincipal(tenantId, "retention", "cron"), findSafetyStop);
    if (stop) return false;
  }
  const whole = await untilFree(progress.signal, () =>
    withTransaction(deps.executor, (tx) =>
      what === "events"
        ? callTruncateDay(tx, day, crypto.randomUUID())
        : callTruncateImagesDay(tx, day, crypto.randomUUID()),
    ),
  );
  if (whole.outcome === "erased") deps.log.info({ day, what, ...whole }, "day erased");
  return whole.outcome !== "mixed";
}

/** Gives the space of a mostly dead day back. A reader in its way only delays it: the hourly upkeep tries again. */
export async function compact(
  deps: Pick<RetentionDeps, "executor" | "log">,
  day: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    const { outcome, bytesBefore, bytesAfter } = await untilFree(signal, () => callCompactDay(deps.executor, day), {
      attempts: 10,
    });
    if (outcome !== "nothing") deps.log.info({ day, outcome, bytesBefore, bytesAfter }, "day compacted");
  } catch (error) {
    signal.throwIfAborted();
    deps.log.warn({ err: error, day }, "day not compacted yet");
  }
}
