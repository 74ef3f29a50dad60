import { appendRow, type Principal, type TenantTx, withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { wakeTasks } from "../tasks/index.ts";
import { type ForecastState, selectClockGap, selectForecastState, writeForecast } from "./store.ts";

/** Small sites vary more than threefold from day to day; below this many events a run is never too large. */
const slackEvents = 1000;

/**
 * Why nothing may be erased now without a person, or undefined. A wrong clock must not erase everything: it shows as a gap of
 * over 24 hours in the checkpoints, or as a run over three times what was foreseen for the day.
 */
export async function findSafetyStop(tx: TenantTx): Promise<string | undefined> {
  const gap = await selectClockGap(tx);
  if (gap) {
    return (
      `the clock stands over 24 hours past a checkpoint: found ${gap.hours} hours without one, from ${gap.from} to ${gap.to}, ` +
      `expected at most 24; check the clock, then confirm with 'ledgerstone retention confirm'`
    );
  }
  const state = await selectForecastState(tx);
  if (!exceeds(state)) return undefined;
  return (
    `the run exceeds three times its forecast: found ${state.dueNow + state.erasedToday} events due on ${state.today}, foreseen ` +
    `${state.forecast ?? state.last}; check the clock and the policies, then confirm with 'ledgerstone retention confirm'`
  );
}

function exceeds(state: ForecastState): boolean {
  const foreseen = state.forecast ?? state.last;
  return foreseen !== null && state.dueNow + state.erasedToday > foreseen * 3 + slackEvents;
}

/** Writes today's forecast where none stands, and tomorrow's. A run that waits for a person does not raise tomorrow's. */
export async function keepForecast(tx: TenantTx): Promise<void> {
  const state = await selectForecastState(tx);
  const foreseen = state.forecast ?? state.last ?? state.dueNow;
  if (state.forecast === null) await writeForecast(tx, state.today, 0, { mode: "keep", events: foreseen });
  const stopped = exceeds(state) || (await selectClockGap(tx)) !== undefined;
  await writeForecast(tx, state.today, 1, { mode: "set", events: stopped ? foreseen : state.dueTomorrow });
}

/** Runs a person's decision and adds what it makes due today to today's forecast. */
export async function withForecast<T>(tx: TenantTx, decide: () => Promise<T>): Promise<T> {
  const before = await selectForecastState(tx);
  const result = await decide();
  const after = await selectForecastState(tx);
  if (before.forecast !== null && after.dueNow > before.dueNow) {
    await writeForecast(tx, after.today, 0, { mode: "add", events: after.dueNow - before.dueNow });
  }
  return result;
}

/** A person has looked at the clock and at what is due, and lets the erasing go on. */
export async function confirmErasing(
  pool: Pool,
  principal: Principal,
  reason: string,
): Promise<{ events: number; stop: string | null }> {
  return withTenant(pool, principal, async (tx) => {
    const stop = (await findSafetyStop(tx)) ?? null;
    const state = await selectForecastState(tx);
    await writeForecast(tx, state.today, 0, { mode: "set", events: state.dueNow + state.erasedToday });
    await wakeTasks(tx, ["retention.erase"], null);
    await appendRow(tx, {
      action: "retention.confirmed",
      entity: { type: "tenant", id: principal.tenantId },
      units: [{ name: "detail", content: JSON.stringify({ reason, stop, events: state.dueNow }) }],
    });
    return { events: state.dueNow, stop };
  });
}
