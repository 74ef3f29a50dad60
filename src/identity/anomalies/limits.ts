/** Permissions that reach past everyday work: a key that has one over all sites can do lasting harm. */
const WIDE: ReadonlySet<string> = new Set([
  "access:write",
  "api-keys:write",
  "approvals:decide",
  "erasures:write",
  "evidence:export",
  "holds:release",
  "keys:rotate",
  "retention:write",
  "scim:provision",
  "sign-in:write",
  "tenant:write",
]);

/** The permissions that make a key wide; none when it is not. */
export function wideRights(permissions: readonly string[], siteIds: readonly string[] | null): string[] {
  return siteIds === null ? permissions.filter((permission) => WIDE.has(permission)) : [];
}

export type ExportSize = { events: number; bytes: number };

/** Whatever a tenant is used to, this much at once is worth a look. */
const always: ExportSize = { events: 1_000_000, bytes: 10 * 1024 ** 3 };
/** Below this no history makes it unusual. */
const never: ExportSize = { events: 1_000, bytes: 10 * 1024 ** 2 };
const factor = 3;
const fewest = 3;

/** Against a fixed size, and, once there is a history, three times the largest export of it. */
export function isUnusuallyLarge(size: ExportSize, earlier: readonly ExportSize[]): boolean {
  if (size.events >= always.events || size.bytes >= always.bytes) return true;
  if (earlier.length < fewest) return false;
  return (["events", "bytes"] as const).some(
    (key) => size[key] > never[key] && size[key] > factor * Math.max(...earlier.map((each) => each[key])),
  );
}
