import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { newConditions, type Principal, systemPrincipal } from "../audit/index.ts";
import { type CliContext, requireTenant, withContext } from "../cli/context.ts";
import { type ApiOnTheBox, OPERATOR, type RouteCall } from "../cli/route-commands.ts";
import { openCertificates } from "../devices/index.ts";
import type { HealthSource } from "../health/index.ts";
import { apiRoutes, routeTable } from "../http/api-routes.ts";
import { runRoute } from "../http/high-stakes.ts";
import { checkParams, parse } from "../http/read-request.ts";
import {
  APPLIANCE_PERMISSIONS,
  createValidator,
  PERMISSIONS,
  type SignInDeps,
  tellOfApprovals,
} from "../identity/index.ts";
import { createTenantKeys } from "../keys/index.ts";
import { readSecret } from "../platform/config.ts";
import { notFound } from "../platform/errors.ts";
import { createOutbound } from "../platform/outbound.ts";
import type { Route, RouteContext } from "../platform/route.ts";
import { ensureApplianceTenant } from "../tenants/index.ts";
import { openHealth } from "./open-health.ts";
import { openDevicePlane, openLdap, openNotices, openSignIn } from "./parts.ts";

/** The API's handlers, run by the CLI itself with the rights of whoever is on the box: `system appliance`, via cli. */
export function apiOnTheBox(): ApiOnTheBox {
  const shapes = routeTable();
  return {
    shapes,
    call: (configPath, tenant, call) =>
      withContext(configPath, async (context) => {
        const validator = createValidator();
        const stopping = new AbortController();
        const plane = await openDevicePlane(context.config, context.pool);
        const health = openHealth(context.config, context, plane.broker);
        try {
          const tenantId = await tenantOf(context, tenant);
          const parts = { validator, plane, health, signal: stopping.signal };
          return await run(context, await openRoutes(context, parts), tenantId, call);
        } finally {
          stopping.abort();
          await health.stop();
          await validator.stop();
        }
      }),
  };
}

/** People's own routes alone look at passwords, and no command is made of those; a real one costs each command a hash. */
const noPasswords: SignInDeps["passwords"] = {
  hash: () => Promise.reject(new Error("no command sets a password")),
  verify: () => Promise.reject(new Error("no command looks at a password")),
};

async function tenantOf({ pool, master }: CliContext, tenant: string | typeof OPERATOR): Promise<string> {
  if (tenant !== OPERATOR) return requireTenant(pool, tenant);
  return ensureApplianceTenant(pool, (tx) => createTenantKeys(tx, master));
}

type Parts = {
  validator: ReturnType<typeof createValidator>;
  plane: Awaited<ReturnType<typeof openDevicePlane>>;
  health: HealthSource;
  signal: AbortSignal;
};

async function openRoutes(
  context: CliContext,
  { validator, plane, health, signal }: Parts,
): Promise<{ routes: Route<Principal>[]; tell: ReturnType<typeof tellOfApprovals> }> {
  const { config, pool, keyring, seal } = context;
  const base = { ...context, outbound: await createOutbound(config.outbound) };
  const notices = await openNotices(config, seal.log, keyring);
  const signIn = openSignIn(config, base, notices, noPasswords);
  const fetchText = (url: string) => base.outbound.fetchText(url, { maxBytes: 1_000_000, timeoutMs: 10_000 });
  const routes = apiRoutes({
    ...{ ...base, log: seal.log, notices, signIn, signal, stopping: signal },
    images: { ...base, minFreeBytes: config.ingest.minFreeBytes },
    devices: plane,
    health,
    certificates: await openCertificates(config),
    pepper: await readSecret(config.apiKeys.pepperFile, "apiKeys.pepperFile"),
    saml: { ...notices, pool, keyring, validator, fetchText },
    ldap: openLdap(base, signIn),
    publicUrl: config.http.publicUrl,
  });
  return { routes, tell: tellOfApprovals(notices) };
}

async function run(
  { pool, keyring }: CliContext,
  { routes, tell }: Awaited<ReturnType<typeof openRoutes>>,
  tenantId: string,
  call: RouteCall,
): Promise<{ status: number; body: unknown }> {
  const route = routes.find(({ method, path }) => method === call.method && path === call.path);
  if (!route) throw notFound("route");
  const principal = { ...systemPrincipal(tenantId, "appliance", "cli"), conditions: newConditions([]) };
  const req = new IncomingMessage(new Socket());
  const res = call.response ?? new ServerResponse(req);
  const context: RouteContext<Principal> = {
    principal,
    access: new Map([...PERMISSIONS, ...APPLIANCE_PERMISSIONS].map((permission) => [permission, "all" as const])),
    session: undefined,
    params: checkParams(call.params, route.params),
    query: route.query && parse(route.query, call.query, "query"),
    body: route.body && parse(route.body, call.body, "body"),
    ...{ req, res, signal: new AbortController().signal },
    renewed: async () => context,
    ...{ address: "127.0.0.1", correlation: principal.correlation },
  };
  const result = await runRoute({ pool, keyring, tell }, route, context, call);
  return { status: result?.status ?? route.status ?? 200, body: result?.body };
}
