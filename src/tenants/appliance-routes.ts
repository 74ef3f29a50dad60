import { z } from "zod";
import type { Principal, TenantTx } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { count, timestamp, uuid } from "../platform/formats.ts";
import { defineRoute, type Route, type RouteContext } from "../platform/route.ts";
import { getTenantOverview, listTenants, makeTenant, operateTenant } from "./appliance.ts";
import type { TenantOverview } from "./store-appliance.ts";

export type ApplianceRouteDeps = {
  pool: Pool;
  /** Gives a new tenant its keys, in the transaction that makes it. */
  prepareTenant(tx: TenantTx): Promise<void>;
};

const name = z.string().trim().min(1).max(200);
const slug = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, "expected a to z, 0 to 9 and hyphens between")
  .meta({ description: "Its name in the addresses of sign-in pages" });
const newTenant = z.strictObject({ name }).meta({ examples: [{ name: "Alder Ltd" }] });
const tenantChange = z
  .strictObject({ name: name.optional(), slug: slug.optional() })
  .meta({ examples: [{ name: "Alder plc", slug: "alder" }] });

export const tenantOverviewAnswer = z
  .object({
    tenantId: uuid,
    name: z.string(),
    slug: z.string(),
    createdAt: timestamp,
    closedAt: timestamp.nullable(),
    sites: count,
    devices: count,
    people: count,
    events: count.meta({ description: "Taken in during the last 30 days" }),
    bytes: count,
    exports: count,
  })
  .meta({ id: "TenantOverview", description: "Names and counts; no content" }) satisfies z.ZodType<TenantOverview>;
const tenants = z.object({ tenants: z.array(tenantOverviewAnswer) });

type Context<B = undefined> = RouteContext<Principal, B>;

/** The operator's: whoever has no account in the operator's tenant finds nothing here. */
export function applianceRoutes({ pool, prepareTenant }: ApplianceRouteDeps): Route<Principal>[] {
  const path = "/api/v1/appliance/tenants";
  const read = { permission: "appliance:read", rate: "general" } as const;
  const write = {
    permission: "appliance:write",
    rate: "settings",
    stepUp: true,
    response: tenantOverviewAnswer,
  } as const;
  const closing = (verb: "close" | "open", summary: string): Route<Principal> =>
    defineRoute<Principal>({
      method: "post",
      path: `${path}/:tenantId/${verb}`,
      summary,
      ...write,
      action: verb === "close" ? "operator.tenant-closed" : "operator.tenant-opened",
      handler: async ({ principal, params }) => ({
        body: await operateTenant(pool, principal, { tenantId: params.tenantId!, closed: verb === "close" }),
      }),
    });
  return [
    defineRoute<Principal>({
      method: "get",
      path,
      summary: "The appliance's tenants, with counts and without content.",
      ...read,
      response: tenants,
      handler: async ({ principal }) => ({ body: { tenants: await listTenants(pool, principal) } }),
    }),
    defineRoute({
      method: "post",
      path,
      summary: "Makes a tenant, opens its ledger and gives it its keys.",
      ...write,
      action: "operator.tenant-created",
      body: newTenant,
      status: 201,
      handler: async ({ principal, body }: Context<z.output<typeof newTenant>>) => ({
        body: await makeTenant(pool, principal, body.name, prepareTenant),
      }),
    }),
    defineRoute<Principal>({
      method: "get",
      path: `${path}/:tenantId`,
      summary: "One tenant, with counts and without content.",
      ...read,
      response: tenantOverviewAnswer,
      handler: async ({ principal, params }) => ({
        body: await getTenantOverview(pool, principal, params.tenantId!),
      }),
    }),
    defineRoute({
      method: "patch",
      path: `${path}/:tenantId`,
      summary: "Renames a tenant.",
      ...write,
      action: "operator.tenant-changed",
      body: tenantChange,
      problems: [409],
      handler: async ({ principal, params, body }: Context<z.output<typeof tenantChange>>) => ({
        body: await operateTenant(pool, principal, { tenantId: params.tenantId!, ...body }),
      }),
    }),
    closing(
      "close",
      "Closes a tenant: its people and keys are out with their next request; what is due is still erased.",
    ),
    closing("open", "Opens a closed tenant again."),
  ];
}
