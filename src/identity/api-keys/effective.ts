import { type Access, accessFrom } from "../access/access.ts";
import type { HeldGrant } from "../access/store.ts";

/** Who sets up how people sign in sets up directories, too: no person has a directory's own permission. */
export const heldFor = (permission: string): string => (permission === "scim:provision" ? "sign-in:write" : permission);

/**
 * What a key may do now: of its permissions, over its sites, what the person behind it holds. `held` null: nobody stands behind it, it
 * is the tenant's own.
 */
export function effectiveAccess(
  { permissions, siteIds }: { permissions: readonly string[]; siteIds: readonly string[] | null },
  held: readonly HeldGrant[] | null,
): Access {
  const own = siteIds ?? "all";
  if (held === null) return new Map(permissions.map((permission) => [permission, own]));
  const theirs = accessFrom(held);
  return new Map(
    permissions.flatMap((permission) => {
      const sites = both(own, theirs.get(heldFor(permission)) ?? []);
      const needsAll = permission === "scim:provision";
      return sites.length === 0 || (needsAll && sites !== "all") ? [] : [[permission, sites] as const];
    }),
  );
}

type Sites = "all" | readonly string[];

function both(a: Sites, b: Sites): Sites {
  if (a === "all") return b;
  return b === "all" ? a : a.filter((site) => b.includes(site));
}
