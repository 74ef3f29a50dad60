import type { z } from "zod";
import { type Principal, type TenantTx, withTenant } from "../../audit/index.ts";
import type { Pool } from "../../platform/db.ts";
import { invalid } from "../../platform/errors.ts";
import {
  type CallerSession,
  defineRoute,
  type Route,
  type RouteContext,
  type RouteResult,
} from "../../platform/route.ts";
import { selectTenantSignIn } from "../local/store.ts";
import { requireUser } from "../people/users.ts";
import { OWN_ACCOUNT } from "../permissions.ts";
import { csrfToken, sessionCookie } from "../sessions/cookie.ts";
import { stepUpSession } from "../sessions/sessions.ts";
import type { MfaDeps, Named } from "./deps.ts";
import { sendCode } from "./email-code.ts";
import {
  type AddedFactor,
  beginEmail,
  beginKey,
  beginTotp,
  confirmEmail,
  confirmKey,
  confirmTotp,
  listFactors,
  removeFactor,
  renameFactor,
} from "./factors.ts";
import { requireFresh } from "./fresh.ts";
import { newRecoveryCodes } from "./recovery-codes.ts";
import {
  addedAnswer,
  confirmCodeSchema,
  confirmKeySchema,
  factorAnswer,
  factorsAnswer,
  recoveryCodesAnswer,
  renameSchema,
  totpAnswer,
  webauthnOptionsAnswer,
} from "./schema.ts";
import { selectFactors } from "./store.ts";

export type MfaRouteDeps = MfaDeps & { pool: Pool };
type Context<B = undefined> = RouteContext<Principal, B>;
type Own = { session: CallerSession; user: Named };

const own = { permission: OWN_ACCOUNT, session: true, rate: "settings" } as const;
const base = "/api/v1/account/factors";

/** A person's own second factors. Each is begun, and added when the person has shown that it works. */
export function mfaRoutes(deps: MfaRouteDeps): Route<Principal>[] {
  return [...manageRoutes(deps), ...beginRoutes(deps), ...confirmRoutes(deps)];
}

async function withOwn<T>(
  { pool }: MfaRouteDeps,
  context: Context<unknown>,
  work: (tx: TenantTx, own: Own) => Promise<T>,
) {
  const session = context.session!;
  return withTenant(pool, context.principal, async (tx) =>
    work(tx, { session, user: await requireUser(tx, session.userId) }),
  );
}

function manageRoutes(deps: MfaRouteDeps): Route<Principal>[] {
  return [
    defineRoute({
      ...own,
      method: "get",
      path: base,
      summary: "Your second factors, and which kinds can be added.",
      rate: "general",
      response: factorsAnswer,
      handler: async (context: Context) => ({
        body: await withOwn(deps, context, (tx, { user }) => listFactors(deps, tx, user)),
      }),
    }),
    defineRoute({
      ...own,
      method: "patch",
      path: `${base}/:factorId`,
      summary: "Renames one of your second factors.",
      action: "factor.renamed",
      body: renameSchema,
      response: factorAnswer,
      handler: async (context: Context<z.output<typeof renameSchema>>) => ({
        body: await withOwn(deps, context, (tx, { user }) =>
          renameFactor(deps, tx, user.userId, { factorId: context.params.factorId!, ...context.body }),
        ),
      }),
    }),
    defineRoute({
      ...own,
      method: "delete",
      path: `${base}/:factorId`,
      summary: "Removes one of your second factors; not the last one where your organisation asks for one.",
      action: "factor.removed",
      stepUp: true,
      status: 204,
      problems: [409],
      handler: async (context: Context) => {
        await withOwn(deps, context, async (tx, { user }) => {
          const { mfaRequired: required } = await selectTenantSignIn(tx);
          await removeFactor(deps, tx, { userId: user.userId, factorId: context.params.factorId!, required });
        });
        return {};
      },
    }),
    defineRoute({
      ...own,
      method: "post",
      path: "/api/v1/account/recovery-codes",
      summary: "Ten new recovery codes, shown once; the earlier ones end.",
      action: "recovery-codes.created",
      stepUp: true,
      response: recoveryCodesAnswer,
      secret: true,
      status: 201,
      problems: [409],
      handler: async (context: Context) => ({
        body: await withOwn(deps, context, async (tx, { user }) => {
          if ((await selectFactors(tx, user.userId)).length === 0) throw noFactor();
          return { recoveryCodes: await newRecoveryCodes(deps, tx, user.userId) };
        }),
      }),
    }),
  ];
}

function beginRoutes(deps: MfaRouteDeps): Route<Principal>[] {
  const begin = <T>(context: Context, work: (tx: TenantTx, own: Own) => Promise<T>): Promise<T> =>
    withOwn(deps, context, async (tx, held) => {
      await requireFresh(tx, held.session);
      return work(tx, held);
    });
  return [
    defineRoute({
      ...own,
      method: "post",
      path: `${base}/totp/begin`,
      summary: "A seed for an authenticator app, to scan or type; kept once a code of it was shown.",
      action: null,
      response: totpAnswer,
      secret: true,
      handler: async (context: Context) => ({
        body: await begin(context, (tx, { session, user }) => beginTotp(deps, tx, session.sessionId, user)),
      }),
    }),
    defineRoute({
      ...own,
      method: "post",
      path: `${base}/webauthn/begin`,
      summary: "Options for a new security key or passkey, for `navigator.credentials.create`.",
      action: null,
      response: webauthnOptionsAnswer,
      handler: async (context: Context) => ({
        body: await begin(context, async (tx, { session, user }) => ({
          publicKey: await beginKey(deps, tx, session.sessionId, user),
        })),
      }),
    }),
    defineRoute({
      ...own,
      method: "post",
      path: `${base}/email/begin`,
      summary: "Mails a code to your account's address.",
      rate: "auth",
      action: null,
      status: 204,
      problems: [409, 502],
      handler: async (context: Context) => {
        const mail = await begin(context, (tx, { session, user }) => beginEmail(deps, tx, session.sessionId, user));
        await sendCode(deps, mail);
        return {};
      },
    }),
  ];
}

function confirmRoutes(deps: MfaRouteDeps): Route<Principal>[] {
  const confirm = (context: Context<unknown>, add: (tx: TenantTx, held: Own) => Promise<AddedFactor | null>) =>
    confirmFactor(deps, context, add);
  const held = ({ session, user }: Own) => ({ holder: session.sessionId, userId: user.userId });
  const shape = {
    ...own,
    action: "factor.added",
    response: addedAnswer,
    secret: true,
    status: 201,
    problems: [409],
  } as const;
  return [
    defineRoute({
      ...shape,
      method: "post",
      path: `${base}/totp`,
      summary: "Adds the authenticator app whose code this is.",
      body: confirmCodeSchema,
      handler: async (context: Context<z.output<typeof confirmCodeSchema>>) =>
        confirm(context, (tx, own) => confirmTotp(deps, tx, held(own), context.body)),
    }),
    defineRoute({
      ...shape,
      method: "post",
      path: `${base}/webauthn`,
      summary: "Adds the security key or passkey that answered.",
      body: confirmKeySchema,
      handler: async (context: Context<z.output<typeof confirmKeySchema>>) =>
        confirm(context, (tx, own) => confirmKey(deps, tx, held(own), context.body)),
    }),
    defineRoute({
      ...shape,
      method: "post",
      path: `${base}/email`,
      summary: "Adds codes by e-mail, with the code that was mailed.",
      body: confirmCodeSchema,
      handler: async (context: Context<z.output<typeof confirmCodeSchema>>) =>
        confirm(context, (tx, own) => confirmEmail(deps, tx, held(own), context.body)),
    }),
  ];
}

/** A factor that was just shown is a step-up too: the session goes on under a new token. */
async function confirmFactor(
  deps: MfaRouteDeps,
  context: Context<unknown>,
  add: (tx: TenantTx, own: Own) => Promise<AddedFactor | null>,
): Promise<RouteResult> {
  const done = await withOwn(deps, context, async (tx, held) => {
    await requireFresh(tx, held.session);
    const added = await add(tx, held);
    return added && { added, started: await stepUpSession(tx, held.session.sessionId) };
  });
  if (!done) throw invalid("this is not right", { remedy: "try again with a new code, or begin again" });
  const { added, started } = done;
  return {
    body: { ...added, csrfToken: csrfToken(started.token) },
    headers: { "set-cookie": sessionCookie(started.token) },
  };
}

const noFactor = () =>
  invalid("recovery codes stand in for a second factor", { found: "none", remedy: "add a second factor first" });
