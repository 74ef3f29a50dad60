import { z } from "zod";
import { type Principal, withTenant } from "../audit/index.ts";
import type { Keyring } from "../keys/index.ts";
import type { Pool } from "../platform/db.ts";
import { defineRoute, type Route } from "../platform/route.ts";
import { sortedQuery } from "../platform/sorted-list.ts";
import {
  confirmedAnswer,
  coverageAnswer,
  holdAnswer,
  holdsAnswer,
  keptDaysAnswer,
  placedHoldAnswer,
  policySetAnswer,
  previewAnswer,
  retentionAnswer,
} from "./answers.ts";
import { erasureRoutes } from "./erasure-routes.ts";
import {
  cancelPendingPolicy,
  confirmErasing,
  countHeld,
  getRetention,
  holdSchema,
  listHolds,
  placeHold,
  policySchema,
  previewPolicy,
  readRetention,
  releaseHold,
  setPolicy,
  shortens,
} from "./index.ts";
import { listKeptDays } from "./lists.ts";
import { retentionOverviewRoutes } from "./overview-routes.ts";
import { HOLD_ORDER } from "./store-holds.ts";
import { upcomingRoutes } from "./upcoming-routes.ts";

export type RetentionRouteDeps = { pool: Pool; keyring: Keyring };

const reason = z
  .strictObject({ reason: z.string().trim().min(1).max(2000) })
  .meta({ examples: [{ reason: "checked with the data protection officer" }] });
const holdQuery = z.strictObject({
  open: z.enum(["true", "false"]).default("true"),
  ...sortedQuery(HOLD_ORDER),
});

type Context<B = undefined, Q = undefined> = {
  principal: Principal;
  params: Record<string, string>;
  body: B;
  query: Q;
};

export function retentionRoutes(deps: RetentionRouteDeps): Route<Principal>[] {
  const shown = [...upcomingRoutes(deps), ...retentionOverviewRoutes(deps)];
  return [...policyRoutes(deps), ...holdRoutes(deps), ...erasureRoutes(deps), ...shown];
}

function policyRoutes({ pool }: RetentionRouteDeps): Route<Principal>[] {
  const path = "/api/v1/sites/:siteId/retention";
  const current: Route<Principal>["current"] = (tx, { siteId }) => readRetention(tx, siteId!);
  return [
    defineRoute<Principal>({
      method: "get",
      path,
      summary: "The policy in force, a pending one, and all versions.",
      permission: "retention:read",
      rate: "general",
      response: retentionAnswer,
      current,
      handler: async ({ principal, params }) => ({ body: await getRetention(pool, principal, params.siteId!) }),
    }),
    defineRoute({
      method: "post",
      path: `${path}/preview`,
      summary: "What a change would erase, by day, and what holds keep of it. Changes nothing.",
      permission: "retention:read",
      rate: "general",
      action: null,
      body: policySchema,
      response: previewAnswer,
      handler: async ({ principal, params, body }: Context<z.output<typeof policySchema>>) => ({
        body: await previewPolicy(pool, principal, params.siteId!, body),
      }),
    }),
    defineRoute({
      method: "put",
      path,
      summary: "Sets a site's retention. Shortening takes effect after the cooling-off, lengthening at once.",
      permission: "retention:write",
      rate: "settings",
      action: "ledger.policy",
      highStakes: async ({ principal, params, body }: Context<z.output<typeof policySchema>>) =>
        (await shortens(pool, principal, params.siteId!, body)) ? "retention.shorten" : undefined,
      body: policySchema,
      response: policySetAnswer,
      current,
      handler: async ({ principal, params, body }: Context<z.output<typeof policySchema>>) => ({
        body: await withTenant(pool, principal, (tx) => setPolicy(tx, params.siteId!, body)),
      }),
    }),
    defineRoute<Principal>({
      method: "delete",
      path: `${path}/pending`,
      summary: "Cancels a change that is in its cooling-off.",
      permission: "retention:write",
      rate: "settings",
      action: "ledger.policy",
      response: policySetAnswer,
      current,
      problems: [409],
      handler: async ({ principal, params }) => ({ body: await cancelPendingPolicy(pool, principal, params.siteId!) }),
    }),
    defineRoute<Principal>({
      method: "get",
      path: "/api/v1/sites/:siteId/days",
      summary: "What the site holds of each UTC day, newest first.",
      permission: "retention:read",
      rate: "general",
      response: keptDaysAnswer,
      handler: async ({ principal, params }) => ({
        body: { days: await listKeptDays(pool, principal, params.siteId!) },
      }),
    }),
    defineRoute({
      method: "post",
      path: "/api/v1/retention/confirm",
      summary: "A person has checked clock and policies: erasing goes on after a safety stop.",
      permission: "retention:write",
      rate: "settings",
      wholeTenant: true,
      action: "retention.confirmed",
      body: reason,
      response: confirmedAnswer,
      handler: async ({ principal, body }: Context<z.output<typeof reason>>) => ({
        body: await confirmErasing(pool, principal, body.reason),
      }),
    }),
  ];
}

function holdRoutes(deps: RetentionRouteDeps): Route<Principal>[] {
  return [
    defineRoute({
      method: "get",
      path: "/api/v1/holds",
      summary: "Legal holds, open ones unless asked otherwise.",
      permission: "holds:read",
      rate: "general",
      query: holdQuery,
      response: holdsAnswer,
      handler: async ({ principal, query }: Context<undefined, z.output<typeof holdQuery>>) => ({
        body: await listHolds(deps.pool, principal, { ...query, openOnly: query.open === "true" }),
      }),
    }),
    defineRoute({
      method: "post",
      path: "/api/v1/holds",
      summary: "Places a legal hold: nothing that it takes in is erased until it is released.",
      permission: "holds:write",
      rate: "settings",
      action: "ledger.hold.placed",
      body: holdSchema,
      response: placedHoldAnswer,
      status: 201,
      problems: [404],
      handler: async ({ principal, body }: Context<z.output<typeof holdSchema>>) => ({
        body: await placeHold(deps, principal, body),
      }),
    }),
    defineRoute<Principal>({
      method: "get",
      path: "/api/v1/holds/:holdId/coverage",
      summary: "How many events on how many site-days a hold takes in now.",
      permission: "holds:read",
      rate: "general",
      response: coverageAnswer,
      handler: async ({ principal, params }) => ({ body: await countHeld(deps.pool, principal, params.holdId!) }),
    }),
    defineRoute({
      method: "post",
      path: "/api/v1/holds/:holdId/release",
      summary: "Releases a hold; erasures that stopped at it go on by themselves.",
      permission: "holds:release",
      rate: "settings",
      action: "ledger.hold.released",
      highStakes: "hold.release",
      body: reason,
      response: holdAnswer,
      handler: async ({ principal, params, body }: Context<z.output<typeof reason>>) => ({
        body: await releaseHold(deps.pool, principal, params.holdId!, body.reason),
      }),
    }),
  ];
}
