import { z } from "zod";
import type { Principal } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { count, timestamp, uuid } from "../platform/formats.ts";
import { defineRoute, type Route } from "../platform/route.ts";
import type { CertificateSource } from "./certificate-dates.ts";
import { type DevicesOverview, devicesOverview } from "./overview.ts";
import { certificateDatesAnswer } from "./schema.ts";

const counts = z.object({
  total: count.meta({ description: "Without revoked ones" }),
  heard: count,
  silent: count.meta({ description: "Not heard for `silentMinutes`" }),
  neverHeard: count,
  notEnrolled: count.meta({ description: "Their code waits to be used" }),
  revoked: count,
});
export const devicesOverviewAnswer = z
  .object({
    counts,
    silentMinutes: count,
    troubled: z
      .array(
        z.object({
          deviceId: uuid,
          siteId: uuid,
          name: z.string(),
          lastSeenAt: timestamp.nullable(),
          silent: z.boolean(),
          rejected: count.meta({
            description: "Events refused within 24 hours, among the newest 10,000 that were refused",
          }),
        }),
      )
      .meta({ description: "At most five: most refused first, then longest silent" }),
  })
  .meta({ id: "DevicesOverview" }) satisfies z.ZodType<DevicesOverview>;

export const certificatesAnswer = z.object({ certificates: z.array(certificateDatesAnswer) });

export function deviceOverviewRoutes(deps: { pool: Pool; certificates: CertificateSource }): Route<Principal>[] {
  return [
    defineRoute<Principal>({
      method: "get",
      path: "/api/v1/overview/devices",
      summary: "How many devices are heard and how many are silent, and which need somebody's eye.",
      permission: "devices:read",
      rate: "general",
      response: devicesOverviewAnswer,
      handler: async ({ principal }) => ({ body: await devicesOverview(deps.pool, principal) }),
    }),
    defineRoute<Principal>({
      method: "get",
      path: "/api/v1/overview/certificates",
      summary: "The appliance's certificates in use, and when they end.",
      permission: "tenant:read",
      rate: "general",
      response: certificatesAnswer,
      handler: async () => ({ body: { certificates: await deps.certificates.read() } }),
    }),
  ];
}
