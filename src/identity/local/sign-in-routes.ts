import { withTenant } from "../../audit/index.ts";
import { notFound } from "../../platform/errors.ts";
import { definePublicRoute, type PublicRoute, type RequestContext, type RouteResult } from "../../platform/route.ts";
import { deviceCookie, deviceToken } from "../anomalies/places.ts";
import { sendCode } from "../mfa/email-code.ts";
import { type Entered, endedPendingCookie, PENDING_COOKIE, pendingCookie } from "../mfa/pending.ts";
import { proofSchema, webauthnOptionsAnswer } from "../mfa/schema.ts";
import { askForEmailCode, askForKey } from "../mfa/verify-factor.ts";
import { csrfToken, readCookies, sessionCookie } from "../sessions/cookie.ts";
import { selectTenantBySlug } from "../sessions/store.ts";
import { type Knock, knocking, type SignInDeps } from "./deps.ts";
import { setPasswordByLink } from "./links.ts";
import { credentialsSchema, enteredAnswer, newPasswordSchema } from "./schema.ts";
import { requirePending, signInByPassword, signInBySecondFactor } from "./sign-in.ts";

export const slugParam = { slug: /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/ } as const;

/** Signing in, for programs and for the scripts of our own pages. */
export function signInRoutes(deps: SignInDeps): PublicRoute[] {
  const shape = { method: "post", rate: "auth", params: slugParam } as const;
  const path = "/api/v1/sign-in/:slug";
  return [
    definePublicRoute({
      ...shape,
      path: `${path}/password`,
      summary: "Signs in by user name and password; says which second factors are awaited.",
      action: "session.started",
      body: credentialsSchema,
      response: enteredAnswer,
      problems: [401],
      handler: async (context) => {
        const from = await knock(deps, context);
        return answerEntered(from, await signInByPassword(deps, from, context.body));
      },
    }),
    definePublicRoute({
      ...shape,
      path: `${path}/link`,
      summary: "Sets a password by a one-time link, and signs in.",
      action: "password.set",
      body: newPasswordSchema,
      response: enteredAnswer,
      problems: [401],
      handler: async (context) => {
        const from = await knock(deps, context);
        return answerEntered(from, await setPasswordByLink(deps, from, context.body));
      },
    }),
    definePublicRoute({
      ...shape,
      path: `${path}/second-factor`,
      summary: "Shows the second factor that was awaited.",
      action: "session.started",
      body: proofSchema,
      response: enteredAnswer,
      problems: [401],
      handler: async (context) => {
        const from = await knock(deps, context);
        const given = { token: pendingToken(context), proof: context.body };
        const started = await signInBySecondFactor(deps, from, given);
        return answerEntered(from, { state: "signed-in", ...started });
      },
    }),
    definePublicRoute({
      ...shape,
      path: `${path}/second-factor/webauthn`,
      summary: "Options for a security key or passkey, for `navigator.credentials.get`.",
      action: null,
      response: webauthnOptionsAnswer,
      problems: [401, 409],
      handler: async (context) => ({
        body: await withTenant(deps.pool, knocking(await knock(deps, context)), async (tx) => {
          const { pendingId, userId } = await requirePending(tx, pendingToken(context));
          return { publicKey: await askForKey(deps, tx, { holder: pendingId, userId }) };
        }),
      }),
    }),
    definePublicRoute({
      ...shape,
      path: `${path}/second-factor/email`,
      summary: "Mails a code for this sign-in.",
      action: null,
      status: 204,
      problems: [401, 409, 502],
      handler: async (context) => {
        await mailSignInCode(deps, await knock(deps, context), pendingToken(context));
        return {};
      },
    }),
  ];
}

/** A code for the sign-in that this browser began. */
export async function mailSignInCode(deps: SignInDeps, from: Knock, token: string | undefined): Promise<void> {
  const mail = await withTenant(deps.pool, knocking(from), async (tx) => {
    const { pendingId, userId } = await requirePending(tx, token);
    return askForEmailCode(deps, tx, { holder: pendingId, userId });
  });
  await sendCode(deps, mail);
}

/** @throws AppError `not-found` for a name that no open tenant has. */
export async function knock({ pool }: Pick<SignInDeps, "pool">, context: RequestContext): Promise<Knock> {
  const tenantId = await selectTenantBySlug(pool, context.params.slug!);
  if (!tenantId) throw notFound("organisation");
  const { address, correlation, req } = context;
  const device = deviceToken(req.headers.cookie);
  return { tenantId, address, correlation, device, userAgent: req.headers["user-agent"] ?? "" };
}

export const pendingToken = ({ req }: Pick<RequestContext, "req">): string | undefined =>
  readCookies(req.headers.cookie)[PENDING_COOKIE];

/** The body and cookies of somebody who has shown a password. */
export function answerEntered(from: Knock, entered: Entered): RouteResult {
  const headers = { "set-cookie": enteredCookies(from, entered) };
  if (entered.state === "second-factor") {
    return { body: { state: entered.state, methods: entered.methods }, headers };
  }
  const { token, session, state } = entered;
  return { body: { state, userId: session.userId, csrfToken: csrfToken(token) }, headers };
}

/** The session's cookie is always a new one, whatever the browser brought: nobody can plant one beforehand. */
export const enteredCookies = ({ device }: Knock, entered: Entered): string[] =>
  entered.state === "signed-in"
    ? [sessionCookie(entered.token), endedPendingCookie, ...(device ? [deviceCookie(device)] : [])]
    : [pendingCookie(entered.token)];
