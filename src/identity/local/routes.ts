import type { z } from "zod";
import { type Principal, withTenant } from "../../audit/index.ts";
import { defineRoute, type Route, type RouteContext } from "../../platform/route.ts";
import { deviceToken } from "../anomalies/places.ts";
import { sendCode } from "../mfa/email-code.ts";
import { webauthnOptionsAnswer } from "../mfa/schema.ts";
import { askForEmailCode, askForKey } from "../mfa/verify-factor.ts";
import { OWN_ACCOUNT } from "../permissions.ts";
import { csrfToken, endedCookie, sessionCookie } from "../sessions/cookie.ts";
import { endSession } from "../sessions/sessions.ts";
import { administerRoutes } from "./administer-routes.ts";
import { changePassword } from "./change-password.ts";
import type { SignInDeps } from "./deps.ts";
import { describeSession } from "./own-session.ts";
import { changePasswordSchema, proofSchema, sessionAnswer, steppedUpAnswer } from "./schema.ts";
import { stepUp } from "./step-up.ts";

export { signInRoutes } from "./sign-in-routes.ts";

type Context<B = undefined> = RouteContext<Principal, B>;

const own = { permission: OWN_ACCOUNT, session: true } as const;

/** One's own session and password, and what administrators do for others. */
export function localRoutes(deps: SignInDeps): Route<Principal>[] {
  return [...sessionRoutes(deps), ...stepUpRoutes(deps), ...administerRoutes(deps)];
}

function sessionRoutes(deps: SignInDeps): Route<Principal>[] {
  return [
    defineRoute({
      ...own,
      method: "get",
      path: "/api/v1/session",
      summary: "Who you are here, what you may do, and the token for changes.",
      rate: "general",
      response: sessionAnswer,
      handler: async ({ principal, session, access }: Context) => ({
        body: await withTenant(deps.pool, principal, (tx) => describeSession(tx, session!, access)),
      }),
    }),
    defineRoute({
      ...own,
      method: "delete",
      path: "/api/v1/session",
      summary: "Signs out.",
      rate: "settings",
      action: "session.ended",
      status: 204,
      handler: async ({ principal, session }: Context) => {
        await withTenant(deps.pool, principal, (tx) => endSession(tx, session!.sessionId, "signed-out"));
        return { headers: { "set-cookie": endedCookie, "clear-site-data": '"cache"' } };
      },
    }),
    defineRoute({
      ...own,
      method: "post",
      path: "/api/v1/account/password",
      summary: "Changes your password; your other sessions end.",
      rate: "auth",
      action: "password.changed",
      body: changePasswordSchema,
      status: 204,
      problems: [409],
      handler: async ({ principal, session, body, req }: Context<z.output<typeof changePasswordSchema>>) => {
        const { userId, sessionId } = session!;
        await changePassword(deps, principal, { userId, sessionId, device: deviceToken(req.headers.cookie), ...body });
        return {};
      },
    }),
  ];
}

function stepUpRoutes(deps: SignInDeps): Route<Principal>[] {
  const held = ({ session }: Context<unknown>) => ({ holder: session!.sessionId, userId: session!.userId });
  const path = "/api/v1/session/step-up";
  return [
    defineRoute({
      ...own,
      method: "post",
      path,
      summary:
        "Shows your second factor again; for ten minutes what needs it may be done. The session gets a new token.",
      rate: "auth",
      action: "session.stepped-up",
      body: proofSchema,
      response: steppedUpAnswer,
      secret: true,
      handler: async ({ principal, session, body, req }: Context<z.output<typeof proofSchema>>) => {
        const { sessionId, userId } = session!;
        const device = deviceToken(req.headers.cookie);
        const started = await stepUp(deps, principal, { sessionId, userId, device, proof: body });
        return {
          body: { steppedUpAt: started.session.steppedUpAt, csrfToken: csrfToken(started.token) },
          headers: { "set-cookie": sessionCookie(started.token) },
        };
      },
    }),
    defineRoute({
      ...own,
      method: "post",
      path: `${path}/webauthn`,
      summary: "Options for a security key or passkey, for `navigator.credentials.get`.",
      rate: "auth",
      action: null,
      response: webauthnOptionsAnswer,
      problems: [409],
      handler: async (context: Context) => ({
        body: await withTenant(deps.pool, context.principal, async (tx) => ({
          publicKey: await askForKey(deps, tx, held(context)),
        })),
      }),
    }),
    defineRoute({
      ...own,
      method: "post",
      path: `${path}/email`,
      summary: "Mails a code for this session.",
      rate: "auth",
      action: null,
      status: 204,
      problems: [409, 502],
      handler: async (context: Context) => {
        await sendCode(
          deps,
          await withTenant(deps.pool, context.principal, (tx) => askForEmailCode(deps, tx, held(context))),
        );
        return {};
      },
    }),
  ];
}
