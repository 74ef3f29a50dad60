import { z } from "zod";
import type { Principal } from "../audit/index.ts";
import type { Access } from "../identity/index.ts";
import type { Keyring } from "../keys/index.ts";
import { nextOf, pageQuery, readPage } from "../platform/cursor.ts";
import type { Pool } from "../platform/db.ts";
import { defineRoute, type Route } from "../platform/route.ts";
import { certificateAnswer, requestedAnswer, requestsAnswer, tombstonesAnswer } from "./answers.ts";
import { erasureSchema, getErasureCertificate, listErasureRequests, requestErasure } from "./index.ts";
import { listTombstones } from "./lists.ts";

const page = z.strictObject({
  after: z.coerce.number().int().min(1).optional().meta({ description: "`next` of the page before" }),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
const requestPage = z.strictObject(pageQuery);

async function tombstonePage(pool: Pool, principal: Principal, wanted: z.output<typeof page>) {
  const erasures = await listTombstones(pool, principal, wanted);
  return { erasures, next: erasures.length < wanted.limit ? null : erasures.at(-1)!.seq };
}

type Asked = { principal: Principal; access: Access; body: z.output<typeof erasureSchema> };

export function erasureRoutes(deps: { pool: Pool; keyring: Keyring }): Route<Principal>[] {
  return [
    defineRoute({
      method: "get",
      path: "/api/v1/erasures",
      summary: "Tombstones, newest first.",
      permission: "erasures:read",
      rate: "general",
      query: page,
      response: tombstonesAnswer,
      handler: async ({ principal, query }: { principal: Principal; query: z.output<typeof page> }) => ({
        body: await tombstonePage(deps.pool, principal, query),
      }),
    }),
    defineRoute({
      method: "get",
      path: "/api/v1/erasure-requests",
      summary: "Erasure requests, newest first.",
      permission: "erasures:read",
      rate: "general",
      query: requestPage,
      response: requestsAnswer,
      handler: async ({ principal, query }: { principal: Principal; query: z.output<typeof requestPage> }) => {
        const wanted = readPage(query);
        const requests = await listErasureRequests(deps.pool, principal, wanted);
        const next = nextOf(requests, wanted, ({ requestedAt, requestId }) => ({ at: requestedAt, id: requestId }));
        return { body: { requests, next } };
      },
    }),
    defineRoute({
      method: "post",
      path: "/api/v1/erasure-requests",
      summary: "Erases what is kept about a subject, or single events. Holds win; it goes on when they are released.",
      permission: "erasures:write",
      rate: "settings",
      action: "erasure.requested",
      highStakes: "erasure.request",
      body: erasureSchema,
      response: requestedAnswer,
      status: 202,
      handler: async ({ principal, access, body }: Asked) => {
        const request = await requestErasure(deps, principal, body, access);
        return { body: request, headers: { location: `/api/v1/erasure-requests/${request.requestId}` } };
      },
    }),
    defineRoute<Principal>({
      method: "get",
      path: "/api/v1/erasure-requests/:requestId",
      summary: "The certificate of a request: what was erased, when, under which tombstones, who had been given it.",
      permission: "erasures:read",
      rate: "general",
      response: certificateAnswer,
      handler: async ({ principal, params }) => ({
        body: await getErasureCertificate(deps.pool, principal, params.requestId!),
      }),
    }),
  ];
}
