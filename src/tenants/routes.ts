import { z } from "zod";
import type { Principal } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { defineRoute, type Route } from "../platform/route.ts";
import { changeTenant, getTenant, requireTenant, tenantUsage } from "./index.ts";
import { setupAnswer, tenantAnswer, tenantChange, usageAnswer } from "./schema.ts";
import { readSetup, type SetupSources } from "./setup.ts";
import type { Tenant } from "./store.ts";

export { applianceRoutes } from "./appliance-routes.ts";

export type TenantRouteDeps = {
  pool: Pool;
  /** After the commit of a change: whether the tenant's plain devices may come in. */
  plainMqttChanged(): Promise<unknown>;
  setup: SetupSources;
};

export function tenantRoutes({ pool, plainMqttChanged, setup }: TenantRouteDeps): Route<Principal>[] {
  return [
    defineRoute<Principal>({
      method: "get",
      path: "/api/v1/tenant",
      summary: "The tenant's settings and quotas.",
      permission: "tenant:read",
      rate: "general",
      response: tenantAnswer,
      current: requireTenant,
      handler: async ({ principal }) => ({ body: await getTenant(pool, principal) }),
    }),
    defineRoute({
      method: "patch",
      path: "/api/v1/tenant",
      summary: "Changes the tenant's settings and quotas.",
      permission: "tenant:write",
      rate: "settings",
      action: "tenant.changed",
      highStakes: async ({ principal, body }: { principal: Principal; body: z.output<typeof tenantChange> }) =>
        weakens(await getTenant(pool, principal), body) ? "approvals.weaken" : undefined,
      body: tenantChange,
      response: tenantAnswer,
      current: requireTenant,
      handler: async ({ principal, body }: { principal: Principal; body: z.output<typeof tenantChange> }) => {
        const tenant = await changeTenant(pool, principal, body);
        if (body.plainMqtt !== undefined) await plainMqttChanged();
        return { body: tenant };
      },
    }),
    defineRoute<Principal>({
      method: "get",
      path: "/api/v1/setup",
      summary: "The tenant's first steps: which are done, which were skipped (PATCH of the tenant's settings skips).",
      permission: "tenant:write",
      rate: "general",
      wholeTenant: true,
      response: setupAnswer,
      handler: async ({ principal }) => ({ body: await readSetup(pool, principal, setup) }),
    }),
    defineRoute({
      method: "get",
      path: "/api/v1/tenant/usage",
      summary: "Events, bytes and exports per UTC day, newest first.",
      permission: "tenant:read",
      rate: "general",
      query: z.strictObject({ days: z.coerce.number().int().min(1).max(366).default(30) }),
      response: usageAnswer,
      handler: async ({ principal, query }: { principal: Principal; query: { days: number } }) => ({
        body: { days: await tenantUsage(pool, principal, query.days) },
      }),
    }),
  ];
}

/** The cooling-off stands between a shortened retention and the erasure; factors and short sessions before all else. */
function weakens(now: Tenant, wanted: z.output<typeof tenantChange>): boolean {
  const { coolingOffHours, mfaRequired, sessionHours, sessionIdleMinutes } = { ...now, ...wanted };
  return (
    coolingOffHours < now.coolingOffHours ||
    (now.mfaRequired && !mfaRequired) ||
    sessionHours > now.sessionHours ||
    sessionIdleMinutes > now.sessionIdleMinutes
  );
}
