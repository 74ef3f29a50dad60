import type { Route } from "../platform/route.ts";

/**
 * Refuses a route table with a gap: each route a permission and a rate class, each mutation its ledger action, no path twice.
 */
export function checkRoutes(
  routes: readonly Pick<Route<unknown>, "method" | "path" | "permission" | "rate" | "action">[],
): void {
  const seen = new Set<string>();
  for (const route of routes) {
    const name = `${route.method.toUpperCase()} ${route.path}`;
    if (seen.has(name)) throw new Error(`route ${name} is declared twice`);
    seen.add(name);
    if (!/^[a-z-]+:[a-z-]+$/.test(route.permission)) throw new Error(`route ${name} declares no permission`);
    if (!route.rate) throw new Error(`route ${name} declares no rate class`);
    if (["post", "put", "patch", "delete"].includes(route.method) && route.action === undefined) {
      throw new Error(`route ${name} changes something and declares no ledger action`);
    }
  }
}
