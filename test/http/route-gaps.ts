import type { z } from "zod";
import { APPLIANCE_PERMISSIONS, OWN_ACCOUNT, PERMISSIONS } from "../../src/identity/index.ts";
import { type AnyTableRoute, isMutation, nameIt, type TableRoute } from "./route-callers.ts";

const rates = ["general", "write", "settings", "auth", "ingest", "images", "scim", "downloads"];
const permissions: readonly string[] = [...PERMISSIONS, ...APPLIANCE_PERMISSIONS, OWN_ACCOUNT];

/** Lists that end by themselves, each with its reason. */
const boundedLists: Record<string, string> = {
  "/api/v1/tenant/usage": "days, at most 366",
  "/api/v1/sites/:siteId/days": "a site's days, at most its retention",
  "/api/v1/account/factors": "one person's",
  "/api/v1/sessions": "one person's, open",
  "/api/v1/users/:userId/sessions": "one person's, open",
  "/api/v1/users/:userId/links": "one person's, one for each directory",
  "/api/v1/users/:userId/access": "one person's grants",
  "/api/v1/ldap/directories": "a handful, configured one by one",
  "/api/v1/keys": "a tenant's keys, one for each rotation",
  "/api/v1/retention/upcoming": "days, as many as are asked for",
  "/api/v1/retention/upcoming/sites": "one day's sites, the largest thousand",
  "/api/v1/ledger/actions": "kinds of acts, some hundred",
  "/api/v1/overview/certificates": "the appliance's own, a handful",
  "/api/v1/roles": "a tenant's own and five",
  "/api/v1/approval-rules": "one for each act",
  "/api/v1/anomalies": "the newest 500 of 90 days",
  "/api/v1/appliance/tenants": "the operator's tenants, each made by hand",
  "/api/v1/appliance/health": "the appliance's own",
  "/api/v1/health": "the appliance's own",
  "/api/v1/provisioning": "directories' tokens, at most 100",
};

/** What is missing in a table of routes: one line each. Empty: it is whole. */
export function gapsOf(table: { routes: readonly TableRoute[]; publicRoutes: readonly AnyTableRoute[] }): string[] {
  const open = table.publicRoutes.flatMap((route) => gapsOfAny(route));
  return [...open, ...table.routes.flatMap((route) => [...gapsOfAny(route), ...gapsOfTenant(route)])];
}

function gapsOfAny(route: AnyTableRoute): string[] {
  const gaps: string[] = [];
  const gap = (isWhole: unknown, what: string) => isWhole || gaps.push(`${nameIt(route)}: ${what}`);
  gap(route.summary?.endsWith("."), "no summary that is a sentence");
  gap(rates.includes(route.rate), `rate class ${route.rate} is not configured`);
  gap(route.response || route.sends || route.status === 204 || route.status === 302, "does not say what it answers");
  if (isMutation(route)) {
    gap(route.action === null || /^[a-z-]+(\.[a-z-]+)+$/.test(route.action ?? ""), "no ledger action");
  } else gap(route.action === undefined, "a read with a ledger action");
  for (const schema of Object.values(route.takes ?? (route.body ? { json: route.body } : {})) as z.ZodType[]) {
    // A form of another system's is shown by that system's documents.
    if (!route.form) gap((schema.meta()?.examples as unknown[] | undefined)?.length, "no example of its body");
  }
  if (route.query) gap(isStrict(route.query), "takes queries that it does not know");
  return gaps;
}

function gapsOfTenant(route: TableRoute): string[] {
  const gaps: string[] = [];
  const gap = (isWhole: unknown, what: string) => isWhole || gaps.push(`${nameIt(route)}: ${what}`);
  gap(permissions.includes(route.permission), `no permission that exists: ${route.permission}`);
  gap(!/shown (this )?once/i.test(route.summary) || route.secret, "shows a secret once and does not say so (`secret`)");
  if (/^(put|patch)$/.test(route.method) && route.current === undefined && route.path.startsWith("/api/v1/")) {
    gap(unconditional.includes(nameIt(route)), "changes what can be read, and knows no If-Match (`current`)");
  }
  if (route.method === "get" && isList(route) && !(route.path in boundedLists) && !route.path.startsWith("/scim/")) {
    const query = Object.keys(shapeOf(route.query) ?? {});
    gap(query.includes("limit") && query.includes("after"), "a list without limit and after");
    gap("next" in (shapeOf(route.response) ?? {}), "a list without next");
  }
  return gaps;
}

/** Changes of one's own things, or of a thing's whole, where nobody else's change can be lost. */
const unconditional = [
  "PATCH /api/v1/account/factors/:factorId",
  "PUT /api/v1/notices/settings",
  "PATCH /api/v1/approval-rules",
  "PATCH /api/v1/appliance/tenants/:tenantId",
];

type Def = { type: string; shape?: Record<string, z.ZodType>; catchall?: z.ZodType; innerType?: z.ZodType };
const defOf = (schema: z.ZodType): Def => schema.def as unknown as Def;
const shapeOf = (schema: z.ZodType | undefined): Record<string, z.ZodType> | undefined => schema && defOf(schema).shape;
const isStrict = (schema: z.ZodType): boolean =>
  (defOf(schema).catchall as { def?: Def } | undefined)?.def?.type === "never";

/** An answer that is an array and what says where it goes on. */
function isList({ response }: TableRoute): boolean {
  const shape = shapeOf(response);
  if (!shape) return false;
  const others = Object.keys(shape).filter((name) => !["next", "searchedTo", "unread"].includes(name));
  return others.length === 1 && defOf(shape[others[0]!]!).type === "array";
}
