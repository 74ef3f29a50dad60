import { z } from "zod";
import type { Principal } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { defineRoute, type Route } from "../platform/route.ts";
import { sortedQuery } from "../platform/sorted-list.ts";
import { POLICY_ORDER } from "./store-upcoming.ts";
import { getRetentionState, listPolicies, retryFiles, whatGoes, whatGoesOn } from "./upcoming.ts";
import { filesAnswer, policiesAnswer, stateAnswer, upcomingAnswer, upcomingSitesAnswer } from "./upcoming-answers.ts";

const horizon = z.strictObject({
  days: z.coerce.number().int().min(1).max(366).default(30),
  site: z.uuid().optional(),
});
const oneDay = z.strictObject({
  on: z.iso.date().optional().meta({ description: "Today unless told" }),
  site: z.uuid().optional(),
});
const policyQuery = z.strictObject({
  pending: z.enum(["true", "false"]).default("false"),
  ...sortedQuery(POLICY_ORDER),
});
const path = "/api/v1/retention";
const read = { method: "get", permission: "retention:read", rate: "general" } as const;

/** Policies and what comes of them, over all sites at once. */
export function upcomingRoutes({ pool }: { pool: Pool }): Route<Principal>[] {
  return [
    defineRoute<Principal, undefined, typeof policyQuery>({
      ...read,
      path: `${path}/policies`,
      summary: "The policy of every site that you may see, with a change that is in its cooling-off.",
      query: policyQuery,
      response: policiesAnswer,
      handler: async ({ principal, query: { pending, ...page } }) => ({
        body: await listPolicies(pool, principal, { ...page, pendingOnly: pending === "true" }),
      }),
    }),
    defineRoute<Principal, undefined, typeof horizon>({
      ...read,
      path: `${path}/upcoming`,
      summary: "What policies will erase, by the day on which it goes.",
      query: horizon,
      response: upcomingAnswer,
      handler: async ({ principal, query: { days, site } }) => ({
        body: { upcoming: await whatGoes(pool, principal, { days, siteId: site }) },
      }),
    }),
    defineRoute<Principal, undefined, typeof oneDay>({
      ...read,
      path: `${path}/upcoming/sites`,
      summary: "What goes on one day, site by site, the largest first; at most 1000.",
      query: oneDay,
      response: upcomingSitesAnswer,
      handler: async ({ principal, query: { on, site } }) => ({
        body: { upcoming: await whatGoesOn(pool, principal, { on, siteId: site }) },
      }),
    }),
    defineRoute<Principal>({
      ...read,
      path: `${path}/state`,
      summary: "Whether erasing goes on or waits for a person, and what files are still to be removed.",
      wholeTenant: true,
      response: stateAnswer,
      handler: async ({ principal }) => ({ body: await getRetentionState(pool, principal) }),
    }),
    defineRoute<Principal>({
      method: "post",
      path: `${path}/files/retry`,
      summary: "Tries at once again to remove the files of erased images.",
      permission: "retention:write",
      rate: "settings",
      wholeTenant: true,
      action: "erasure.files-retried",
      response: filesAnswer,
      handler: async ({ principal }) => ({ body: await retryFiles(pool, principal) }),
    }),
  ];
}
