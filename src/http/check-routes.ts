import { isAct } from "../identity/index.ts";
import type { PublicRoute, Route } from "../platform/route.ts";

type Table = {
  routes: readonly Omit<Route<never>, "handler">[];
  publicRoutes: readonly Omit<PublicRoute, "handler">[];
};

/**
 * Refuses a route table with a gap: each route a permission and a rate class, each mutation its ledger action, no path twice.
 * What asks for no credential stands in a table of its own and is limited as sign-in is.
 */
export function checkRoutes({ routes, publicRoutes }: Table): void {
  const seen = new Set<string>();
  for (const route of [...routes, ...publicRoutes]) {
    const name = `${route.method.toUpperCase()} ${route.path}`;
    if (seen.has(name)) throw new Error(`route ${name} is declared twice`);
    seen.add(name);
    if (!route.rate) throw new Error(`route ${name} declares no rate class`);
    if (["post", "put", "patch", "delete"].includes(route.method) && route.action === undefined) {
      throw new Error(`route ${name} changes something and declares no ledger action`);
    }
  }
  for (const { method, path, permission, highStakes, takes, action } of routes) {
    const name = `${method.toUpperCase()} ${path}`;
    if (!/^[a-z-]+:[a-z-]+$/.test(permission)) throw new Error(`route ${name} declares no permission`);
    if (typeof highStakes === "string" && !isAct(highStakes)) throw new Error(`route ${name} is an unknown act`);
    if (highStakes && (!action || takes)) {
      throw new Error(`route ${name} cannot wait for a second person: it changes nothing, or reads its own body`);
    }
  }
}
