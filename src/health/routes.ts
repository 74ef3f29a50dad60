import { type Principal, withTenant } from "../audit/index.ts";
import type { CertificateSource } from "../devices/index.ts";
import type { Pool } from "../platform/db.ts";
import { defineRoute, type Route } from "../platform/route.ts";
import { taskCounts } from "../tasks/index.ts";
import { applianceCounts } from "../tenants/index.ts";
import { applianceHealthAnswer, healthAnswer, type ROOM } from "./schema.ts";
import type { HealthSource } from "./source.ts";

export type HealthRouteDeps = {
  pool: Pool;
  health: HealthSource;
  certificates: CertificateSource;
  minFreeBytes: number;
};

/**
 * Two views of one appliance. A tenant's people see whether its parts answer and their own work; versions, sizes and queues, which
 * all tenants share, are the operator's.
 */
export function healthRoutes({ pool, health, certificates, minFreeBytes }: HealthRouteDeps): Route<Principal>[] {
  return [
    defineRoute<Principal>({
      method: "get",
      path: "/api/v1/health",
      summary: "Whether the appliance's parts answer, whether there is room, and how your work goes.",
      permission: "tasks:read",
      rate: "general",
      wholeTenant: true,
      response: healthAnswer,
      handler: async ({ principal }) => {
        const work = await withTenant(pool, principal, taskCounts);
        const { version, parts, brokerCertificate, freeBytes } = await health.read();
        return {
          body: {
            version,
            parts: parts.map(({ part, up }) => ({ part, up })),
            brokerCertificate,
            room: roomOf(freeBytes, minFreeBytes),
            work,
          },
        };
      },
    }),
    defineRoute<Principal>({
      method: "get",
      path: "/api/v1/appliance/health",
      summary: "How the appliance is: its parts, work that waits, room that is left. No tenant's content.",
      permission: "appliance:read",
      rate: "general",
      response: applianceHealthAnswer,
      handler: async ({ principal }) => {
        const counts = await applianceCounts(pool, principal);
        return {
          body: { ...counts, ...(await health.read()), minFreeBytes, certificates: await certificates.read() },
        };
      },
    }),
  ];
}

/** Short: four times what stops intake; nobody but the operator sees how much it is. */
function roomOf(freeBytes: number, minFreeBytes: number): (typeof ROOM)[number] {
  if (freeBytes < minFreeBytes) return "none";
  return freeBytes < 4 * minFreeBytes ? "short" : "enough";
}
