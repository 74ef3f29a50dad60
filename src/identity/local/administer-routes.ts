import type { z } from "zod";
import { type Principal, type TenantTx, withTenant } from "../../audit/index.ts";
import { defineRoute, type Route, type RouteContext, type RouteResult } from "../../platform/route.ts";
import { BUILTIN_ROLES } from "../access/roles.ts";
import { stakesOf } from "../access/standing.ts";
import { type Invited, invite, resetFactorsOf, sendResetLink, unlock, withLink } from "./administer.ts";
import type { SignInDeps } from "./deps.ts";
import { invitationSchema, invitedAnswer, waysInAnswer } from "./schema.ts";
import { selectTenantSignIn } from "./store.ts";
import { waysInOf } from "./ways-in.ts";

type Context<B = undefined> = RouteContext<Principal, B>;

/** What administrators do about others' ways in: never for somebody who may do more than they may. */
export function administerRoutes(deps: SignInDeps): Route<Principal>[] {
  const shape = { permission: "access:write", rate: "settings" } as const;
  // Who holds the link, or takes the second factors, of somebody who decides could decide in their place.
  const stakes = async ({ principal, access, params }: Context): Promise<string | undefined> =>
    withTenant(deps.pool, principal, (tx) => stakesOf(tx, access, params.userId!));
  return [
    defineRoute<Principal>({
      method: "get",
      path: "/api/v1/users/:userId/sign-in",
      summary: "How somebody can sign in now: password, second factors, a link that waits, a lock.",
      permission: "access:read",
      wholeTenant: true,
      rate: "general",
      response: waysInAnswer,
      handler: async ({ principal, params }) => ({
        body: await withTenant(deps.pool, principal, (tx) => waysInOf(deps, tx, params.userId!)),
      }),
    }),
    defineRoute({
      ...shape,
      method: "post",
      path: "/api/v1/invitations",
      summary: "Makes a local account with a role, and a one-time link: mailed where possible, else shown this once.",
      action: "user.created",
      highStakes: async ({ body }: Context<z.output<typeof invitationSchema>>) =>
        BUILTIN_ROLES[body.role].has("approvals:decide") ? "access.decider" : undefined,
      body: invitationSchema,
      response: invitedAnswer,
      secret: true,
      status: 201,
      problems: [404, 409],
      handler: async ({ principal, access, body }: Context<z.output<typeof invitationSchema>>) =>
        answer(
          await withLink(deps, principal, async (tx) => ({
            ...(await invite(deps, tx, { giver: access, invitation: body })),
            organisation: await organisation(tx),
          })),
        ),
    }),
    defineRoute({
      ...shape,
      method: "post",
      path: "/api/v1/users/:userId/sign-in-link",
      summary: "A new one-time link for somebody who forgot the password; their second factor is still asked for.",
      action: "sign-in-link.created",
      stepUp: true,
      highStakes: stakes,
      response: invitedAnswer,
      secret: true,
      status: 201,
      problems: [409],
      handler: async ({ principal, access, params }: Context) =>
        answer(
          await withLink(deps, principal, async (tx) => ({
            ...(await sendResetLink(deps, tx, { giver: access, userId: params.userId! })),
            organisation: await organisation(tx),
          })),
        ),
    }),
    defineRoute({
      ...shape,
      method: "delete",
      path: "/api/v1/users/:userId/factors",
      summary: "Removes all second factors of somebody who lost theirs, and ends their sessions. They are told.",
      action: "factors.reset",
      stepUp: true,
      highStakes: stakes,
      status: 204,
      problems: [409],
      handler: async ({ principal, access, params }: Context) => {
        const asked = { giver: access, userId: params.userId! };
        await withTenant(deps.pool, principal, (tx) => resetFactorsOf(deps, tx, asked));
        return {};
      },
    }),
    defineRoute({
      ...shape,
      method: "post",
      path: "/api/v1/users/:userId/unlock",
      summary: "Unlocks an account after too many tries.",
      action: "sign-in.unlocked",
      status: 204,
      handler: async ({ principal, access, params }: Context) => {
        await withTenant(deps.pool, principal, (tx) => unlock(deps, tx, { giver: access, userId: params.userId! }));
        return {};
      },
    }),
  ];
}

const organisation = async (tx: TenantTx): Promise<string> => (await selectTenantSignIn(tx)).name;

const answer = ({ user, link, mailedTo }: Invited): RouteResult => ({ body: { userId: user.userId, link, mailedTo } });
