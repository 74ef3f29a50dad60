import { type Principal, withTenant } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { silentMinutes } from "./store.ts";
import { type DeviceCounts, selectDeviceCounts, selectTroubledDevices, type TroubledDevice } from "./store-overview.ts";

const troubledShown = 5;
const lettersRead = 10_000;

export type DevicesOverview = { counts: DeviceCounts; silentMinutes: number; troubled: TroubledDevice[] };

/** How the devices of the principal's sites are, and the first few that somebody should look at. */
export async function devicesOverview(pool: Pool, principal: Principal): Promise<DevicesOverview> {
  return withTenant(pool, principal, async (tx) => ({
    counts: await selectDeviceCounts(tx),
    silentMinutes,
    troubled: await selectTroubledDevices(tx, { limit: troubledShown, lettersRead }),
  }));
}
