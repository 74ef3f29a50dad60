import type { z } from "zod";
import { type Principal, type TenantTx, withTenant } from "../../audit/index.ts";
import type { Pool } from "../../platform/db.ts";
import { conflict } from "../../platform/errors.ts";
import { defineRoute, type Route, type RouteContext } from "../../platform/route.ts";
import { explainAccess } from "../access/explain.ts";
import { accessAnswer } from "../access/schema.ts";
import { requireNotAbove, stakesOf } from "../access/standing.ts";
import type { IdentityDeps } from "../deps.ts";
import { groupRoutes } from "./group-routes.ts";
import { newUser, userAnswer, userChange, userQuery, usersAnswer } from "./schema.ts";
import { selectUsers } from "./store-users.ts";
import { createUser, deactivateUser, reactivateUser, requireSeenUser, requireUser, updateUser } from "./users.ts";

export type PeopleRouteDeps = IdentityDeps & { pool: Pool };
type Context<B = undefined, Q = undefined> = RouteContext<Principal, B, Q>;

/** Accounts and groups. How a person gets in (links, second factors, sessions) is beside: local/, mfa/, sessions/. */
export function peopleRoutes(deps: PeopleRouteDeps): Route<Principal>[] {
  return [...readingRoutes(deps), ...changingRoutes(deps), ...groupRoutes(deps)];
}

function readingRoutes({ pool }: PeopleRouteDeps): Route<Principal>[] {
  return [
    defineRoute({
      method: "get",
      path: "/api/v1/users",
      summary: "Accounts, all or of a group; for who has some sites, of people who hold something over one of them.",
      permission: "access:read",
      rate: "general",
      query: userQuery,
      response: usersAnswer,
      handler: async ({ principal, query }: Context<undefined, z.output<typeof userQuery>>) => {
        const { group: groupId, ...wanted } = query;
        return { body: await withTenant(pool, principal, (tx) => selectUsers(tx, { ...wanted, groupId })) };
      },
    }),
    defineRoute<Principal>({
      method: "get",
      path: "/api/v1/users/:userId",
      summary: "One account.",
      permission: "access:read",
      rate: "general",
      response: userAnswer,
      current: (tx, params) => requireSeenUser(tx as TenantTx, params.userId!),
      handler: async ({ principal, params }) => ({
        body: await withTenant(pool, principal, (tx) => requireSeenUser(tx, params.userId!)),
      }),
    }),
    defineRoute<Principal>({
      method: "get",
      path: "/api/v1/users/:userId/access",
      summary: "What somebody may do now, and which grants give it.",
      permission: "access:read",
      rate: "general",
      response: accessAnswer,
      handler: async ({ principal, params }) => ({
        body: await withTenant(pool, principal, (tx) => explainAccess(tx, params.userId!)),
      }),
    }),
  ];
}

function changingRoutes(deps: PeopleRouteDeps): Route<Principal>[] {
  const { pool } = deps;
  // An account is the tenant's, whatever it may do so far: who has some sites gives roles over them, and invites.
  const shape = { permission: "access:write", rate: "settings", wholeTenant: true } as const;
  const change = { ...shape, response: userAnswer, problems: [409] } as const;
  const stakes = ({ principal, access, params }: Pick<Context, "principal" | "access" | "params">) =>
    withTenant(pool, principal, (tx) => stakesOf(tx, access, params.userId!));
  return [
    defineRoute({
      method: "post",
      path: "/api/v1/users",
      summary: "Makes a local account, without roles and without a way in: give it both.",
      ...change,
      action: "user.created",
      body: newUser,
      status: 201,
      handler: async ({ principal, body }: Context<z.output<typeof newUser>>) => {
        const wanted = { ...body, source: "local", externalId: null } as const;
        const user = await withTenant(pool, principal, (tx) => createUser(deps, tx, wanted));
        return { body: user, headers: { location: `/api/v1/users/${user.userId}` } };
      },
    }),
    defineRoute({
      method: "patch",
      path: "/api/v1/users/:userId",
      summary: "Changes a local account. What a directory keeps is changed there.",
      ...change,
      action: "user.changed",
      body: userChange,
      // Links and codes go to the address: who turns a decider's to himself is on the way to their place.
      highStakes: async (context: Context<z.output<typeof userChange>>) =>
        context.body.email === undefined ? undefined : stakes(context),
      current: (tx, params) => requireUser(tx as TenantTx, params.userId!),
      handler: async ({ principal, access, params, body }: Context<z.output<typeof userChange>>) => ({
        body: await withTenant(pool, principal, async (tx) => {
          await requireLocal(tx, params.userId!);
          await requireNotAbove(tx, access, params.userId!);
          return updateUser(deps, tx, params.userId!, body);
        }),
      }),
    }),
    defineRoute<Principal>({
      method: "post",
      path: "/api/v1/users/:userId/deactivate",
      summary: "Ends an account with its sessions and the API keys it made. A directory may activate its own again.",
      ...change,
      action: "user.deactivated",
      handler: async ({ principal, access, params }) => ({
        body: await withTenant(pool, principal, async (tx) => {
          await requireNotAbove(tx, access, params.userId!);
          return deactivateUser(deps, tx, params.userId!, "admin");
        }),
      }),
    }),
    defineRoute<Principal>({
      method: "post",
      path: "/api/v1/users/:userId/reactivate",
      summary: "Lets an account in again, with the grants it had.",
      ...change,
      action: "user.reactivated",
      highStakes: stakes,
      handler: async ({ principal, access, params }) => ({
        body: await withTenant(pool, principal, async (tx) => {
          await requireLocal(tx, params.userId!);
          const user = await reactivateUser(deps, tx, params.userId!);
          // Only now does it count as having what it has.
          await requireNotAbove(tx, access, params.userId!);
          return user;
        }),
      }),
    }),
  ];
}

async function requireLocal(tx: TenantTx, userId: string): Promise<void> {
  const { source } = await requireUser(tx, userId);
  if (source === "local") return;
  throw conflict("this account is kept by a directory", {
    found: `an account that ${source.toUpperCase()} keeps`,
    expected: "a local one",
    remedy: "change it in the directory: what it says next would undo this",
  });
}
