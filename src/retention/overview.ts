import { type Principal, withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import {
  type ErasingDay,
  type HoldsOverview,
  type Kept,
  type SiteInflow,
  selectErasingDays,
  selectHoldsOverview,
  selectInflow,
  selectKept,
} from "./store-overview.ts";

const daysForeseen = 30;

export type RetentionOverview = {
  /** By UTC day, today first. */
  erasing: ErasingDay[];
  /** Open holds that take in less than whole days: they keep more than `erasing` says. */
  narrowHolds: number;
  storage: {
    now: Kept;
    /** Mean of the last seven whole UTC days. */
    inflow: { bytes: number; imageBytes: number };
    /** At the end of each of the days of `erasing`. */
    forecast: { day: string; bytes: number }[];
  };
};

/** What goes and what stays in the coming days, over the sites that the principal may see. */
export async function retentionOverview(pool: Pool, principal: Principal): Promise<RetentionOverview> {
  return withTenant(pool, principal, async (tx) => {
    const erasing = await selectErasingDays(tx, daysForeseen);
    const [now, inflow] = [await selectKept(tx), await selectInflow(tx)];
    return {
      erasing,
      narrowHolds: (await selectHoldsOverview(tx)).narrow,
      storage: {
        now,
        inflow: {
          bytes: Math.round(sum(inflow, ({ bytes }) => bytes)),
          imageBytes: Math.round(sum(inflow, ({ imageBytes }) => imageBytes)),
        },
        forecast: foresee(now, inflow, erasing),
      },
    };
  });
}

export async function holdsOverview(pool: Pool, principal: Principal): Promise<HoldsOverview> {
  return withTenant(pool, principal, selectHoldsOverview);
}

const sum = <T>(items: readonly T[], pick: (item: T) => number): number =>
  items.reduce((total, item) => total + pick(item), 0);

/**
 * What is there, less what the policies erase of it, plus what comes in meanwhile: as much a day as lately, and of that no more than
 * its own policy keeps. A hold's keep is what the erasing days leave out.
 */
function foresee(
  now: Kept,
  inflow: readonly SiteInflow[],
  erasing: readonly ErasingDay[],
): RetentionOverview["storage"]["forecast"] {
  let left = now.bytes + now.imageBytes;
  return erasing.map(({ day, bytes }, index) => {
    left -= bytes;
    const days = index + 1;
    const come = sum(
      inflow,
      (site) => site.bytes * Math.min(days, site.eventDays) + site.imageBytes * Math.min(days, site.imageDays),
    );
    return { day, bytes: Math.round(left + come) };
  });
}
