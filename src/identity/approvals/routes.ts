import type { z } from "zod";
import { type Principal, withTenant } from "../../audit/index.ts";
import { defineRoute, type Route, type RouteContext } from "../../platform/route.ts";
import { approve, type Decider, type RunAct, refuse, withdraw } from "./decide.ts";
import type { ApprovalDeps } from "./deps.ts";
import { changeRules, getRules, weakens } from "./rules.ts";
import {
  approvalAnswer,
  approvalDetailAnswer,
  approvalQuery,
  approvalsAnswer,
  approvedAnswer,
  refusal,
  rulesAnswer,
  rulesChange,
} from "./schema.ts";
import { approvalView, getApproval, listApprovals, type Reader } from "./view.ts";

export type ApprovalRouteDeps = ApprovalDeps & {
  /** Runs the handler of the route that a request asked for, as who asked. */
  run(context: RouteContext<Principal>): RunAct;
};

type Context<B = undefined, Q = undefined> = RouteContext<Principal, B, Q>;

/** Requests that wait for a second person, and what needs one. API keys may ask; people alone decide. */
export function approvalRoutes(deps: ApprovalRouteDeps): Route<Principal>[] {
  return [...readingRoutes(deps), ...decidingRoutes(deps), ...ruleRoutes(deps)];
}

function readingRoutes(deps: ApprovalRouteDeps): Route<Principal>[] {
  const { pool } = deps;
  return [
    defineRoute({
      method: "get",
      path: "/api/v1/approvals",
      summary: "Requests for a second person, newest first.",
      permission: "approvals:read",
      rate: "general",
      query: approvalQuery,
      response: approvalsAnswer,
      handler: async (context: Context<undefined, z.output<typeof approvalQuery>>) => ({
        body: await withTenant(pool, context.principal, (tx) => listApprovals(tx, readerOf(context), context.query)),
      }),
    }),
    defineRoute<Principal>({
      method: "get",
      path: "/api/v1/approvals/:approvalId",
      summary: "One request: what would happen, and what was sent.",
      permission: "approvals:read",
      rate: "general",
      response: approvalDetailAnswer,
      handler: async (context) => ({
        body: await withTenant(pool, context.principal, (tx) =>
          getApproval(deps, tx, readerOf(context), context.params.approvalId!),
        ),
      }),
    }),
  ];
}

function decidingRoutes(deps: ApprovalRouteDeps): Route<Principal>[] {
  return [
    defineRoute<Principal>({
      method: "post",
      path: "/api/v1/approvals/:approvalId/approve",
      summary: "Approves another person's request: the act is done at once, once, as they asked for it.",
      permission: "approvals:decide",
      rate: "settings",
      session: true,
      stepUp: true,
      action: "approval.approved",
      response: approvedAnswer,
      problems: [409],
      handler: async (context) => {
        const { row, answer } = await approve(deps, deciderOf(context), context.params.approvalId!, deps.run(context));
        return { body: { approval: approvalView(row), answer } };
      },
    }),
    defineRoute({
      method: "post",
      path: "/api/v1/approvals/:approvalId/refuse",
      summary: "Refuses a request.",
      permission: "approvals:decide",
      rate: "settings",
      session: true,
      action: "approval.refused",
      body: refusal,
      response: approvalAnswer,
      problems: [409],
      handler: async (context: Context<z.output<typeof refusal>>) => ({
        body: approvalView(await refuse(deps, deciderOf(context), context.params.approvalId!, context.body.reason)),
      }),
    }),
    defineRoute<Principal>({
      method: "delete",
      path: "/api/v1/approvals/:approvalId",
      summary: "Takes one's own request back.",
      permission: "approvals:read",
      rate: "settings",
      action: "approval.withdrawn",
      response: approvalAnswer,
      problems: [409],
      handler: async ({ principal, params }) => ({
        body: approvalView(await withdraw(deps, principal, params.approvalId!)),
      }),
    }),
  ];
}

function ruleRoutes({ pool }: ApprovalRouteDeps): Route<Principal>[] {
  return [
    defineRoute<Principal>({
      method: "get",
      path: "/api/v1/approval-rules",
      summary: "Which acts need a second person or a named role.",
      permission: "approvals:read",
      rate: "general",
      response: rulesAnswer,
      handler: async ({ principal }) => ({ body: await withTenant(pool, principal, getRules) }),
    }),
    defineRoute({
      method: "patch",
      path: "/api/v1/approval-rules",
      summary: "Changes what acts of high stakes need. Asking for less is such an act itself.",
      permission: "approvals:decide",
      rate: "settings",
      wholeTenant: true,
      action: "approvals.rules-changed",
      body: rulesChange,
      response: rulesAnswer,
      problems: [409],
      highStakes: async ({ principal, body }: Context<z.output<typeof rulesChange>>) =>
        weakens(await withTenant(pool, principal, getRules), body) ? "approvals.weaken" : undefined,
      handler: async ({ principal, body }: Context<z.output<typeof rulesChange>>) => ({
        body: await withTenant(pool, principal, (tx) => changeRules(tx, body)),
      }),
    }),
  ];
}

// The route's `session` lets nobody else come here.
const deciderOf = ({ principal, access, session }: Pick<Context, "principal" | "access" | "session">): Decider => ({
  principal,
  access,
  userId: session!.userId,
});

const readerOf = ({ access, session }: Pick<Context, "access" | "session">): Reader =>
  session && { userId: session.userId, access };
