import { type SamlDeps, samlPublicRoutes } from "../identity/saml/routes.ts";
import type { PublicRoute } from "../platform/route.ts";

export type PublicRouteDeps = { saml: SamlDeps };

/** Every route that asks for no credential. */
export function publicRoutes({ saml }: PublicRouteDeps): PublicRoute[] {
  return [...samlPublicRoutes(saml)];
}
