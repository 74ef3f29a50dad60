import type { Principal } from "../../audit/index.ts";
import type { Route } from "../../platform/route.ts";
import { discoveryRoutes } from "./discovery-routes.ts";
import { groupRoutes } from "./group-routes.ts";
import type { ScimRouteDeps } from "./route-parts.ts";
import { statusRoute } from "./status-routes.ts";
import { userRoutes } from "./user-routes.ts";

/** SCIM 2.0 (RFC 7643, 7644) for the tenant of the token, and what an administrator sees of it. */
export function scimRoutes(deps: ScimRouteDeps): Route<Principal>[] {
  const base = `${deps.publicUrl?.replace(/\/+$/, "") ?? ""}/scim/v2`;
  return [
    statusRoute(deps.pool, base),
    ...discoveryRoutes(base),
    ...userRoutes(deps, base),
    ...groupRoutes(deps, base),
  ];
}
