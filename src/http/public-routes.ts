import type { PublicRoute } from "../platform/route.ts";

/** Every route that asks for no credential. */
export function publicRoutes(): PublicRoute[] {
  return [];
}
