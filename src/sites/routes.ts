import { z } from "zod";
import type { Principal, TenantTx } from "../audit/index.ts";
import type { Pool } from "../platform/db.ts";
import { defineRoute, type Route } from "../platform/route.ts";
import { sortedQuery } from "../platform/sorted-list.ts";
import { changeSite, createSite, getSite, listSites, requireSite } from "./index.ts";
import { newSite, siteAnswer, siteChange, sitesAnswer } from "./schema.ts";
import { SITE_ORDER } from "./store.ts";

const page = z.strictObject(sortedQuery(SITE_ORDER));

export interface SiteRouteDeps {
  pool: Pool;
  /** Sets a new site's first retention policy in the transaction that makes the site. */
  firstPolicy(tx: TenantTx, siteId: string, policy: { imageDays: number; eventDays: number }): Promise<unknown>;
}

const current: Route<Principal>["current"] = (tx, { siteId }) => requireSite(tx, siteId!);

export function siteRoutes({ pool, firstPolicy }: SiteRouteDeps): Route<Principal>[] {
  return [
    defineRoute({
      method: "get",
      path: "/api/v1/sites",
      summary: "The sites you may see.",
      permission: "sites:read",
      rate: "general",
      query: page,
      response: sitesAnswer,
      handler: async ({ principal, query }: { principal: Principal; query: z.output<typeof page> }) => ({
        body: await listSites(pool, principal, query),
      }),
    }),
    defineRoute({
      method: "post",
      path: "/api/v1/sites",
      summary: "Makes a site with its first retention policy.",
      permission: "sites:write",
      rate: "settings",
      action: "site.created",
      body: newSite,
      response: siteAnswer,
      status: 201,
      handler: async ({ principal, body }: { principal: Principal; body: z.output<typeof newSite> }) => {
        const { imageDays, eventDays, ...site } = body;
        const created = await createSite(pool, principal, site, (tx, siteId) =>
          firstPolicy(tx, siteId, { imageDays, eventDays }),
        );
        return { body: created, headers: { location: `/api/v1/sites/${created.siteId}` } };
      },
    }),
    defineRoute<Principal>({
      method: "get",
      path: "/api/v1/sites/:siteId",
      summary: "One site.",
      permission: "sites:read",
      rate: "general",
      response: siteAnswer,
      current,
      handler: async ({ principal, params }) => ({ body: await getSite(pool, principal, params.siteId!) }),
    }),
    defineRoute({
      method: "patch",
      path: "/api/v1/sites/:siteId",
      summary: "Changes a site's name, time zone or offline window.",
      permission: "sites:write",
      rate: "settings",
      action: "site.changed",
      body: siteChange,
      response: siteAnswer,
      current,
      handler: async ({
        principal,
        params,
        body,
      }: {
        principal: Principal;
        params: Record<string, string>;
        body: z.output<typeof siteChange>;
      }) => ({
        body: await changeSite(pool, principal, params.siteId!, body),
      }),
    }),
  ];
}
