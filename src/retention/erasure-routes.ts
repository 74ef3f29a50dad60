import { z } from "zod";
import type { Principal } from "../audit/index.ts";
import type { Access } from "../identity/index.ts";
import type { Keyring } from "../keys/index.ts";
import type { Pool } from "../platform/db.ts";
import { defineRoute, type Route } from "../platform/route.ts";
import { sortedQuery } from "../platform/sorted-list.ts";
import { certificateAnswer, requestedAnswer, requestsAnswer, tombstonesAnswer } from "./answers.ts";
import { erasureSchema, getErasureCertificate, listErasureRequests, requestErasure } from "./index.ts";
import { listTombstones } from "./lists.ts";
import { TOMBSTONE_ORDER } from "./store-lists.ts";
import { REQUEST_ORDER } from "./store-requests.ts";

const tombstonePage = z.strictObject({
  site: z.uuid().optional(),
  basis: z.enum(["retention", "request", "hold-release", "offboarding"]).optional(),
  from: z.iso.date().optional().meta({ description: "UTC days of receipt of what was erased" }),
  to: z.iso.date().optional(),
  filesPending: z.enum(["true", "false"]).default("false"),
  ...sortedQuery(TOMBSTONE_ORDER),
});
const requestPage = z.strictObject(sortedQuery(REQUEST_ORDER));

type Asked = { principal: Principal; access: Access; body: z.output<typeof erasureSchema> };

export function erasureRoutes(deps: { pool: Pool; keyring: Keyring }): Route<Principal>[] {
  return [
    defineRoute<Principal, undefined, typeof tombstonePage>({
      method: "get",
      path: "/api/v1/erasures",
      summary: "Tombstones, newest first.",
      permission: "erasures:read",
      rate: "general",
      query: tombstonePage,
      response: tombstonesAnswer,
      handler: async ({ principal, query: { filesPending, ...query } }) => ({
        body: await listTombstones(deps.pool, principal, { ...query, filesPending: filesPending === "true" }),
      }),
    }),
    defineRoute<Principal, undefined, typeof requestPage>({
      method: "get",
      path: "/api/v1/erasure-requests",
      summary: "Erasure requests, newest first.",
      permission: "erasures:read",
      rate: "general",
      query: requestPage,
      response: requestsAnswer,
      handler: async ({ principal, query }) => ({ body: await listErasureRequests(deps.pool, principal, query) }),
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
