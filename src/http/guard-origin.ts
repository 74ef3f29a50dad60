import type { Request } from "express";
import { forbidden } from "../platform/errors.ts";
import type { PublicRoute } from "../platform/route.ts";

/**
 * Where no session's token guards a change, another site's page could sign a visitor in as somebody else (login CSRF), or spend a
 * link. Browsers say where a request comes from; programs, which say nothing, carry no visitor's cookies.
 */
export function guardOrigin(route: Pick<PublicRoute, "method" | "crossSite">, req: Request): void {
  if (route.method === "get" || route.method === "head" || route.crossSite) return;
  const site = req.get("sec-fetch-site");
  const origin = req.get("origin");
  const isOwn = site === undefined ? origin === undefined || isHost(origin, req.get("host")) : site === "same-origin";
  if (isOwn) return;
  throw forbidden("this came from another site's page", {
    found: site === undefined ? "another Origin" : `Sec-Fetch-Site: ${site}`,
    expected: "same-origin",
  });
}

// A browser sends Host by itself: no page can choose it.
function isHost(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host;
}
