import { APPLIANCE_PERMISSIONS, type AppliancePermission, PERMISSIONS, type Permission } from "../permissions.ts";

/** The roles that every tenant has. */
export const BUILTIN_ROLE_NAMES = ["owner", "admin", "member", "viewer", "auditor"] as const;
export type BuiltinRole = (typeof BUILTIN_ROLE_NAMES)[number];
/** The operator's: makes tenants, sees health and no tenant's content. It exists in the operator's tenant alone, and nothing else does. */
export const OPERATOR_ROLE = "superadmin";
export type AnyBuiltinRole = BuiltinRole | typeof OPERATOR_ROLE;

const everyday: Permission[] = [
  "tenant:read",
  "sites:read",
  "devices:read",
  "events:read",
  "images:read",
  "retention:read",
  "holds:read",
];

/**
 * What each may do. An admin runs the place and may ask for what is high-stakes; releasing holds, exporting
 * evidence, sign-in by SAML or LDAP, rotating keys and deciding on requests are the owner's.
 */
export const BUILTIN_ROLES: Readonly<Record<AnyBuiltinRole, ReadonlySet<Permission | AppliancePermission>>> = {
  // A SCIM token is a directory's, never a person's.
  owner: new Set(PERMISSIONS.filter((permission) => permission !== "scim:provision")),
  admin: new Set<Permission>([
    ...everyday,
    "tenant:write",
    "sites:write",
    "devices:write",
    "events:write",
    "retention:write",
    "holds:write",
    "erasures:read",
    "erasures:write",
    "evidence:read",
    "ledger:read",
    "tasks:read",
    "tasks:write",
    "api-keys:read",
    "api-keys:write",
    "access:read",
    "access:write",
    "approvals:read",
    "sign-in:read",
  ]),
  member: new Set<Permission>([...everyday, "devices:write", "holds:write", "erasures:read", "tasks:read"]),
  viewer: new Set<Permission>(everyday),
  auditor: new Set<Permission>([
    "tenant:read",
    "sites:read",
    "devices:read",
    "events:read",
    "retention:read",
    "holds:read",
    "erasures:read",
    "evidence:read",
    "evidence:export",
    "ledger:read",
    "tasks:read",
    "api-keys:read",
    "access:read",
    "approvals:read",
    "sign-in:read",
  ]),
  [OPERATOR_ROLE]: new Set(APPLIANCE_PERMISSIONS),
};
