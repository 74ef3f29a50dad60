import type { z } from "zod";
import { type Principal, withTenant } from "../../audit/index.ts";
import type { Pool } from "../../platform/db.ts";
import { defineRoute, type Route, type RouteContext } from "../../platform/route.ts";
import { changeRole, createRole, deleteRole, listRoles, requireRole } from "./custom-roles.ts";
import { givesDeciding, grantRole, listGrants, revokeGrant } from "./grants.ts";
import {
  grantAnswer,
  grantQuery,
  grantsAnswer,
  newGrant,
  newRole,
  roleAnswer,
  roleChange,
  rolesAnswer,
} from "./schema.ts";

type Deps = { pool: Pool };
type Context<B = undefined, Q = undefined> = RouteContext<Principal, B, Q>;

/** Roles, and who has them. */
export function accessRoutes(deps: Deps): Route<Principal>[] {
  return [...roleRoutes(deps), ...grantRoutes(deps)];
}

const current: Route<Principal>["current"] = (tx, { roleId }) => requireRole(tx, roleId!);

function roleRoutes({ pool }: Deps): Route<Principal>[] {
  return [
    defineRoute<Principal>({
      method: "get",
      path: "/api/v1/roles",
      summary: "The built-in roles and the tenant's own, with what each may do.",
      permission: "access:read",
      rate: "general",
      response: rolesAnswer,
      handler: async ({ principal }) => ({ body: await withTenant(pool, principal, listRoles) }),
    }),
    defineRoute({
      method: "post",
      path: "/api/v1/roles",
      summary: "Makes a role of permissions that you have over all sites.",
      permission: "access:write",
      wholeTenant: true,
      rate: "settings",
      action: "role.created",
      body: newRole,
      response: roleAnswer,
      status: 201,
      problems: [409],
      handler: async ({ principal, access, body }: Context<z.output<typeof newRole>>) => {
        const role = await withTenant(pool, principal, (tx) => createRole(tx, access, body));
        return { body: role, headers: { location: `/api/v1/roles/${role.roleId}` } };
      },
    }),
    defineRoute<Principal>({
      method: "get",
      path: "/api/v1/roles/:roleId",
      summary: "One of the tenant's own roles.",
      permission: "access:read",
      rate: "general",
      current,
      response: roleAnswer,
      handler: async ({ principal, params }) => ({
        body: await withTenant(pool, principal, (tx) => requireRole(tx, params.roleId!)),
      }),
    }),
    defineRoute({
      method: "patch",
      path: "/api/v1/roles/:roleId",
      summary: "Changes a role, for everyone who has it.",
      permission: "access:write",
      wholeTenant: true,
      rate: "settings",
      action: "role.changed",
      body: roleChange,
      response: roleAnswer,
      current,
      problems: [409],
      highStakes: async ({ principal, params, body }: Context<z.output<typeof roleChange>>) => {
        if (!body.permissions) return undefined;
        const { permissions } = await withTenant(pool, principal, (tx) => requireRole(tx, params.roleId!));
        const [before, after] = [permissions, body.permissions].map((each) => each.includes("approvals:decide"));
        return before === after ? undefined : "access.decider";
      },
      handler: async ({ principal, access, params, body }: Context<z.output<typeof roleChange>>) => ({
        body: await withTenant(pool, principal, (tx) => changeRole(tx, access, params.roleId!, body)),
      }),
    }),
    defineRoute<Principal>({
      method: "delete",
      path: "/api/v1/roles/:roleId",
      summary: "Deletes a role that nobody has.",
      permission: "access:write",
      wholeTenant: true,
      rate: "settings",
      action: "role.deleted",
      current,
      status: 204,
      problems: [409],
      handler: async ({ principal, access, params }) => {
        await withTenant(pool, principal, (tx) => deleteRole(tx, access, params.roleId!));
        return {};
      },
    }),
  ];
}

function grantRoutes({ pool }: Deps): Route<Principal>[] {
  return [
    defineRoute({
      method: "get",
      path: "/api/v1/grants",
      summary: "Grants that hold now, of everyone, of a user or of a group.",
      permission: "access:read",
      rate: "general",
      query: grantQuery,
      response: grantsAnswer,
      handler: async ({ principal, query }: Context<undefined, z.output<typeof grantQuery>>) => ({
        body: await withTenant(pool, principal, (tx) => listGrants(tx, query, query)),
      }),
    }),
    defineRoute({
      method: "post",
      path: "/api/v1/grants",
      summary: "Gives a role, over all or some sites, for good or until a time. Nobody gives what he lacks.",
      permission: "access:write",
      rate: "settings",
      action: "access.granted",
      body: newGrant,
      response: grantAnswer,
      status: 201,
      problems: [404, 409],
      highStakes: async ({ principal, body }: Context<z.output<typeof newGrant>>) =>
        (await withTenant(pool, principal, (tx) => givesDeciding(tx, body.role))) ? "access.decider" : undefined,
      handler: async ({ principal, access, body }: Context<z.output<typeof newGrant>>) => ({
        body: await withTenant(pool, principal, (tx) => grantRole(tx, access, body)),
      }),
    }),
    defineRoute<Principal>({
      method: "delete",
      path: "/api/v1/grants/:grantId",
      summary: "Takes a role back, from the next request on. The last local owner stays.",
      permission: "access:write",
      rate: "settings",
      action: "access.revoked",
      status: 204,
      problems: [409],
      handler: async ({ principal, access, params }) => {
        await withTenant(pool, principal, (tx) => revokeGrant(tx, access, params.grantId!));
        return {};
      },
    }),
  ];
}
