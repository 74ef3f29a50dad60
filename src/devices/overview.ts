import { type Principal, withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { type DeviceCounts, selectDeviceCounts, selectTroubledDevices, type TroubledDevice } from "./store-overview.ts";

/** A device says something at least every few minutes: past this nobody knows whether it is well. */
const silentMinutes = 15;
const troubledShown = 5;
const lettersRead = 10_000;

export type DevicesOverview = { counts: DeviceCounts; silentMinutes: number; troubled: TroubledDevice[] };

/** How the devices of the principal's sites are, and the first few that somebody should look at. */
export async function devicesOverview(pool: Pool, principal: Principal): Promise<DevicesOverview> {
  return withTenant(pool, principal, async (tx) => ({
    counts: await selectDeviceCounts(tx, silentMinutes),
    silentMinutes,
    troubled: await selectTroubledDevices(tx, { silentMinutes, limit: troubledShown, lettersRead }),
  }));
}
