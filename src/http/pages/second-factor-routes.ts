import { z } from "zod";
import type { TenantTx } from "../../audit/index.ts";
import {
  type FactorMethod,
  factorMethods,
  mailSignInCode,
  pendingToken,
  proofSchema,
  requirePending,
  signInBySecondFactor,
  slugParam,
} from "../../identity/index.ts";
import { AppError } from "../../platform/errors.ts";
import { definePublicRoute, type PublicRoute, type RequestContext } from "../../platform/route.ts";
import { alertOf, goOn, goTo, nextQuery, openPage, type PageDeps, safeNext } from "./common.ts";
import { secondFactorPage } from "./sign-in-pages.ts";

const code = z.string().max(40).optional();
const factorForm = z.object({
  kind: z.enum(["totp", "email", "send-email", "recovery"]),
  ...{ code, "email-code": code, "recovery-code": code },
  next: z.string().max(2000).default(""),
});

/** What stands between a right password and the session. */
export function secondFactorRoutes(deps: PageDeps): PublicRoute[] {
  return [showRoute(deps), postRoute(deps)];
}

/** Undefined when this browser awaits no second factor here. */
const openPending = (deps: PageDeps, context: RequestContext) =>
  openPage(deps, context, async (tx: TenantTx): Promise<FactorMethod[] | undefined> => {
    try {
      return await factorMethods(tx, (await requirePending(tx, pendingToken(context))).userId);
    } catch (error) {
      if (error instanceof AppError && error.code === "sign-in-refused") return undefined;
      throw error;
    }
  });

function showRoute(deps: PageDeps): PublicRoute {
  return definePublicRoute({
    method: "get",
    path: "/login/:slug/second-factor",
    summary: "Asks for the second factor.",
    rate: "general",
    params: slugParam,
    query: nextQuery,
    handler: async (context) => {
      const { organisation, found: methods } = await openPending(deps, context);
      if (!methods) return goTo(`/login/${organisation.slug}`);
      return { page: secondFactorPage({ organisation, methods, next: safeNext(context.query.next) }) };
    },
  });
}

function postRoute(deps: PageDeps): PublicRoute {
  return definePublicRoute({
    method: "post",
    path: "/login/:slug/second-factor",
    summary: "Takes the second factor.",
    rate: "auth",
    params: slugParam,
    form: true,
    action: "session.started",
    body: factorForm,
    handler: async (context) => {
      const { kind } = context.body;
      const next = safeNext(context.body.next);
      const { from, organisation, found: methods } = await openPending(deps, context);
      if (!methods) return goTo(`/login/${organisation.slug}`);
      const mailed = kind === "email" || kind === "send-email";
      const show = { organisation, methods, next, mailed };
      try {
        if (kind === "send-email") {
          await mailSignInCode(deps.signIn, from, pendingToken(context));
          return { page: secondFactorPage(show) };
        }
        const given = { kind, code: typed(context.body) };
        const proof = proofSchema.safeParse(given);
        if (!proof.success) {
          const what = kind === "recovery" ? "16 letters and digits" : "six digits";
          return { status: 400, page: secondFactorPage({ ...show, alert: { text: `The code has ${what}.` } }) };
        }
        const token = pendingToken(context);
        const started = await signInBySecondFactor(deps.signIn, from, { token, proof: proof.data });
        return goOn(from, organisation, { entered: { state: "signed-in", ...started }, next });
      } catch (error) {
        const { alert, status } = alertOf(error, context.correlation);
        const left = (await openPending(deps, context)).found;
        if (!left) return goTo(`/login/${organisation.slug}`);
        return { status, page: secondFactorPage({ ...show, alert }) };
      }
    },
  });
}

const typed = (body: z.output<typeof factorForm>): string =>
  (body.kind === "email" ? body["email-code"] : body.kind === "recovery" ? body["recovery-code"] : body.code) ?? "";
