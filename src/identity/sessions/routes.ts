import { type Principal, withTenant } from "../../audit/index.ts";
import type { Pool } from "../../platform/db.ts";
import { defineRoute, type Route } from "../../platform/route.ts";
import { requireUser } from "../people/users.ts";
import { OWN_ACCOUNT } from "../permissions.ts";
import { endSessionOf, listAllSessions, listSessions } from "./list.ts";
import { allSessionsAnswer, allSessionsQuery, endedAnswer, sessionsAnswer } from "./schema.ts";
import { endSessionsOf } from "./sessions.ts";

type Deps = { pool: Pool };
const own = { permission: OWN_ACCOUNT, session: true } as const;

/** Where people are signed in, and how that ends. Sign-in itself is elsewhere. */
export function sessionRoutes(deps: Deps): Route<Principal>[] {
  return [...ownRoutes(deps), ...adminRoutes(deps)];
}

function ownRoutes({ pool }: Deps): Route<Principal>[] {
  return [
    defineRoute<Principal>({
      method: "get",
      path: "/api/v1/sessions",
      summary: "Your open sessions with device and address, newest first.",
      ...own,
      rate: "general",
      response: sessionsAnswer,
      handler: async ({ principal, session }) => ({
        body: await withTenant(pool, principal, (tx) => listSessions(tx, session!.userId, session!.sessionId)),
      }),
    }),
    defineRoute<Principal>({
      method: "delete",
      path: "/api/v1/sessions/:sessionId",
      summary: "Ends one of your sessions.",
      ...own,
      rate: "settings",
      action: "session.ended",
      status: 204,
      handler: async ({ principal, session, params }) => {
        await withTenant(pool, principal, (tx) => endSessionOf(tx, session!.userId, params.sessionId!, "signed-out"));
        return {};
      },
    }),
    defineRoute<Principal>({
      method: "post",
      path: "/api/v1/sessions/log-out-everywhere",
      summary: "Ends all your sessions but the one that asks.",
      ...own,
      rate: "settings",
      action: "session.ended",
      response: endedAnswer,
      handler: async ({ principal, session }) => ({
        body: {
          ended: await withTenant(pool, principal, (tx) =>
            endSessionsOf(tx, session!.userId, "signed-out-everywhere", session!.sessionId),
          ),
        },
      }),
    }),
  ];
}

function adminRoutes({ pool }: Deps): Route<Principal>[] {
  return [
    defineRoute<Principal, undefined, typeof allSessionsQuery>({
      method: "get",
      path: "/api/v1/tenant/sessions",
      summary: "Everybody's open sessions, the one used last first.",
      permission: "access:read",
      wholeTenant: true,
      rate: "general",
      query: allSessionsQuery,
      response: allSessionsAnswer,
      handler: async ({ principal, session, query }) => ({
        body: await withTenant(pool, principal, (tx) => listAllSessions(tx, query, session?.sessionId)),
      }),
    }),
    defineRoute<Principal>({
      method: "get",
      path: "/api/v1/users/:userId/sessions",
      summary: "A person's open sessions, newest first.",
      permission: "access:read",
      wholeTenant: true,
      rate: "general",
      response: sessionsAnswer,
      handler: async ({ principal, session, params }) => ({
        body: await withTenant(pool, principal, async (tx) => {
          const { userId } = await requireUser(tx, params.userId!);
          return listSessions(tx, userId, session?.sessionId);
        }),
      }),
    }),
    defineRoute<Principal>({
      method: "delete",
      path: "/api/v1/users/:userId/sessions/:sessionId",
      summary: "Ends one session of a person.",
      permission: "access:write",
      wholeTenant: true,
      rate: "settings",
      action: "session.ended",
      status: 204,
      handler: async ({ principal, params }) => {
        await withTenant(pool, principal, async (tx) => {
          const { userId } = await requireUser(tx, params.userId!);
          await endSessionOf(tx, userId, params.sessionId!, "admin");
        });
        return {};
      },
    }),
    defineRoute<Principal>({
      method: "post",
      path: "/api/v1/users/:userId/log-out-everywhere",
      summary: "Ends all sessions of a person.",
      permission: "access:write",
      wholeTenant: true,
      rate: "settings",
      action: "session.ended",
      response: endedAnswer,
      handler: async ({ principal, params }) => ({
        body: await withTenant(pool, principal, async (tx) => {
          const { userId } = await requireUser(tx, params.userId!);
          return { ended: await endSessionsOf(tx, userId, "admin") };
        }),
      }),
    }),
  ];
}
