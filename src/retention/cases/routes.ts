import { z } from "zod";
import { type Principal, withTenant } from "../../audit/index.ts";
import { definePublicRoute, defineRoute, type PublicRoute, type Route } from "../../platform/route.ts";
import { certificateAnswer } from "../answers.ts";
import { type ErasureCertificate, getErasureCertificate } from "../requests.ts";
import { caseAnswer, casesAnswer, receivedAnswer, urgentCasesAnswer } from "./answers.ts";
import { acceptCase, askIdentity, extendCase, recordIdentity, refuseCase } from "./decide.ts";
import type { CaseDeps } from "./deps.ts";
import { receiveByPage, recordByStaff } from "./intake.ts";
import { acceptSchema, caseQuery, identityCheckSchema, intakeSchema, newCaseSchema, reasonSchema } from "./schema.ts";
import { type CaseView, getCase, listCases, requireCase, urgentCases } from "./view.ts";

const path = "/api/v1/erasure-cases";
const one = `${path}/:caseId`;
const write = {
  method: "post",
  permission: "erasures:write",
  rate: "settings",
  wholeTenant: true,
  response: caseAnswer,
} as const;
const read = { method: "get", permission: "erasures:read", rate: "general", wholeTenant: true } as const;

/** What people ask to have erased: from their asking to the certificate. */
export function caseRoutes(deps: CaseDeps): Route<Principal>[] {
  return [...readRoutes(deps), ...clockRoutes(deps), ...decisionRoutes(deps)];
}

/** For programs and other pages; our own page is /erasure/<slug>. */
export function intakeRoutes(deps: CaseDeps): PublicRoute[] {
  return [
    definePublicRoute({
      method: "post",
      path: "/api/v1/intake/:slug/erasure-requests",
      summary: "Anybody asks for an erasure, while the organisation's page for it is switched on.",
      rate: "auth",
      params: { slug: /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/ },
      action: "erasure.case.received",
      body: intakeSchema,
      response: receivedAnswer,
      status: 202,
      problems: [404],
      handler: async ({ params, body, correlation }) => ({
        body: await receiveByPage(deps, { slug: params.slug!, correlation }, body),
      }),
    }),
  ];
}

function readRoutes(deps: CaseDeps): Route<Principal>[] {
  return [
    defineRoute<Principal, undefined, typeof caseQuery>({
      ...read,
      path,
      summary:
        "Requests of people for an erasure, with the days left to answer, the most urgent first; open ones unless asked otherwise.",
      query: caseQuery,
      response: casesAnswer,
      handler: async ({ principal, query }) => ({
        body: await listCases(deps, principal, { ...query, openOnly: query.open === "true" }),
      }),
    }),
    defineRoute<Principal>({
      ...read,
      path: "/api/v1/overview/erasure-cases",
      summary: "How many requests of people are open, and those whose time runs out first.",
      response: urgentCasesAnswer,
      handler: async ({ principal }) => ({ body: await urgentCases(deps, principal) }),
    }),
    defineRoute<Principal>({
      ...read,
      path: one,
      summary: "One request with what the person wrote.",
      response: caseAnswer,
      handler: async ({ principal, params }) => ({ body: await getCase(deps, principal, params.caseId!) }),
    }),
    defineRoute<Principal>({
      ...read,
      path: `${one}/certificate`,
      summary: "What was erased for it, under which tombstones, and who had been given it before.",
      response: z.object({ case: caseAnswer, certificates: z.array(certificateAnswer) }),
      handler: async ({ principal, params }) => ({ body: await certificateOf(deps, principal, params.caseId!) }),
    }),
  ];
}

async function certificateOf(
  deps: CaseDeps,
  principal: Principal,
  caseId: string,
): Promise<{ case: CaseView; certificates: ErasureCertificate[] }> {
  const { requests } = await withTenant(deps.pool, principal, (tx) => requireCase(tx, caseId));
  const certificates: ErasureCertificate[] = [];
  for (const { requestId } of requests) {
    certificates.push(await getErasureCertificate(deps.pool, principal, requestId));
  }
  return { case: await getCase(deps, principal, caseId), certificates };
}

function clockRoutes(deps: CaseDeps): Route<Principal>[] {
  return [
    defineRoute<Principal, typeof newCaseSchema>({
      ...write,
      path,
      summary: "Records a request that came by letter, by telephone or in person. Its clock runs from the day it came.",
      action: "erasure.case.received",
      body: newCaseSchema,
      status: 201,
      async handler({ principal, body }) {
        const caseId = await recordByStaff(deps, principal, body);
        return { body: await getCase(deps, principal, caseId), headers: { location: `${path}/${caseId}` } };
      },
    }),
    defineRoute<Principal>({
      ...write,
      path: `${one}/identity-request`,
      summary: "More is asked of the person; the clock stands meanwhile where the tenant has it so.",
      action: "erasure.case.identity-asked",
      problems: [409],
      handler: async ({ principal, params }) => ({ body: await askIdentity(deps, principal, params.caseId!) }),
    }),
    defineRoute<Principal, typeof identityCheckSchema>({
      ...write,
      path: `${one}/identity-check`,
      summary: "Records who has seen who asks, and how.",
      action: "erasure.case.identified",
      body: identityCheckSchema,
      problems: [409],
      handler: async ({ principal, params, body }) => ({
        body: await recordIdentity(deps, principal, params.caseId!, body),
      }),
    }),
    defineRoute<Principal, typeof reasonSchema>({
      ...write,
      path: `${one}/extension`,
      summary: "Two further months, once, with a reason, before the first is over.",
      action: "erasure.case.extended",
      body: reasonSchema,
      problems: [409],
      handler: async ({ principal, params, body }) => ({
        body: await extendCase(deps, principal, { caseId: params.caseId!, ...body }),
      }),
    }),
  ];
}

function decisionRoutes(deps: CaseDeps): Route<Principal>[] {
  return [
    defineRoute<Principal, typeof acceptSchema>({
      ...write,
      path: `${one}/acceptance`,
      summary:
        "Accepts it: what is named is erased as by erasure requests. Holds win; it goes on when they are released.",
      action: "erasure.case.accepted",
      highStakes: "erasure.request",
      body: acceptSchema,
      problems: [409],
      handler: async ({ principal, access, params, body }) => ({
        body: await acceptCase(deps, principal, { ...body, caseId: params.caseId!, asker: access }),
      }),
    }),
    defineRoute<Principal, typeof reasonSchema>({
      ...write,
      path: `${one}/refusal`,
      summary: "Refuses it with a reason, which the person is told.",
      action: "erasure.case.refused",
      body: reasonSchema,
      problems: [409],
      handler: async ({ principal, params, body }) => ({
        body: await refuseCase(deps, principal, { caseId: params.caseId!, ...body }),
      }),
    }),
  ];
}
