import type { Principal } from "../audit/index.ts";
import { type ApprovalDeps, approvalView, askSecondPerson, isAct, type RunAct } from "../identity/index.ts";
import { conflict, forbidden } from "../platform/errors.ts";
import type { Route, RouteContext, RouteResult } from "../platform/route.ts";
import { requireStepUp } from "./guard-session.ts";
import { checkParams, parse } from "./read-request.ts";

/** Query and body as they were sent, before the route's schemas made something of them. */
export type Sent = { query: unknown; body: unknown };

/**
 * Runs a route, unless this request of it is an act for which the tenant asks for a second person: then the request is stored, and
 * 202 says where it waits. A person shows a second factor for such an act in either case.
 */
export async function runRoute(
  deps: ApprovalDeps,
  route: Route<Principal>,
  context: RouteContext<Principal>,
  sent: Sent,
): Promise<RouteResult | undefined> {
  if (route.wholeTenant && context.principal.sites !== "all") {
    throw forbidden("this concerns the whole tenant", {
      found: `${route.permission} over some sites`,
      expected: `${route.permission} over all sites`,
    });
  }
  const act = await actOf(route, context);
  if (act) {
    if (context.session) requireStepUp(context.session);
    const input = { params: context.params, query: sent.query ?? null, body: sent.body ?? null };
    const asked = await askSecondPerson(deps, context.principal, { act, route, input });
    if (asked) {
      const location = `/api/v1/approvals/${asked.approvalId}`;
      return { status: 202, body: { approval: approvalView(asked) }, headers: { location } };
    }
  }
  return route.handler(context);
}

/** Which act of high stakes a request is; undefined for none. */
async function actOf({ highStakes, method, path }: Route<Principal>, context: RouteContext<Principal>) {
  const name = typeof highStakes === "function" ? await highStakes(context) : highStakes;
  if (name === undefined || isAct(name)) return name;
  throw new Error(`route ${method} ${path} names an act that is not known: ${name}`);
}

/** Runs the handler that a request asked for, as who asked it; by schemas and permission as they are now. */
export function runStored(routes: () => readonly Route<Principal>[], context: RouteContext<Principal>): RunAct {
  return async ({ row, principal, access, input }) => {
    const route = routes().find(({ method, path }) => method === row.method && path === row.route);
    if (!route || route.permission !== row.permission) {
      throw conflict("this request can no longer be done", {
        found: `${row.method} ${row.route} with ${row.permission}`,
        expected: "a route of this release",
        remedy: "refuse it and ask again",
      });
    }
    const result = await route.handler({
      ...context,
      ...{ principal, access, session: undefined },
      params: checkParams(input.params, route.params),
      query: route.query && parse(route.query, input.query, "query"),
      body: route.body && parse(route.body, input.body, "body"),
    });
    const status = result?.status ?? route.status ?? (result?.body === undefined ? 204 : 200);
    // What is shown once is for who asked, and they are not here: nobody gets it (docs/access.md).
    return { status, body: route.secret ? undefined : result?.body };
  };
}
