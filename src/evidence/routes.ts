import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import type { Principal } from "../audit/index.ts";
import { defineRoute, type Route } from "../platform/route.ts";
import { sortedQuery } from "../platform/sorted-list.ts";
import { estimateAnswer, exportAnswer, exportsAnswer, trustAnswer } from "./answers.ts";
import {
  type ExportDeps,
  estimateExport,
  estimateSchema,
  exportSchema,
  getExport,
  listExports,
  openExport,
  readVerifier,
  requestExport,
  type TrustSource,
  trustView,
  VERIFIER_NAME,
} from "./index.ts";
import { EXPORT_ORDER } from "./store.ts";

const page = z.strictObject(sortedQuery(EXPORT_ORDER));
const part = z.strictObject({ part: z.coerce.number().int().min(1).max(10_000).default(1) });

export type EvidenceRouteDeps = ExportDeps & {
  directory: string;
  /** Asked for with each request: the certificate may be renewed while the app runs. */
  trust(): TrustSource;
};

export function evidenceRoutes(deps: EvidenceRouteDeps): Route<Principal>[] {
  return [...exportRoutes(deps), ...auditorRoutes(deps)];
}

/** What an auditor must be given another way than the bundle. */
function auditorRoutes({ trust }: EvidenceRouteDeps): Route<Principal>[] {
  const read = { method: "get", permission: "evidence:read", rate: "general" } as const;
  return [
    defineRoute<Principal>({
      ...read,
      path: "/api/v1/evidence/trust",
      summary: "The keys that bundles are checked against, and the verifiers, each with its SHA-256.",
      response: trustAnswer,
      handler: async () => ({ body: await trustView(trust()) }),
    }),
    defineRoute<Principal>({
      ...read,
      path: "/api/v1/evidence/verifiers/:verifier",
      params: { verifier: VERIFIER_NAME },
      summary: "A verifier as one file: for a browser, or for Node.",
      sends: ["application/octet-stream"],
      async handler({ params, res }) {
        const content = await readVerifier(params.verifier!);
        // Never shown here: an HTML page of this origin would run beside the console.
        res.writeHead(200, {
          "content-type": "application/octet-stream",
          "content-length": content.length,
          "content-disposition": `attachment; filename="${params.verifier}"`,
          "cache-control": "no-store",
        });
        res.end(content);
        return undefined;
      },
    }),
  ];
}

function exportRoutes(deps: EvidenceRouteDeps): Route<Principal>[] {
  return [
    defineRoute({
      method: "get",
      path: "/api/v1/exports",
      summary: "Evidence exports, newest first.",
      permission: "evidence:read",
      rate: "general",
      query: page,
      response: exportsAnswer,
      handler: async ({ principal, query }: { principal: Principal; query: z.output<typeof page> }) => ({
        body: await listExports(deps.pool, principal, query),
      }),
    }),
    defineRoute({
      method: "post",
      path: "/api/v1/exports",
      summary: "Asks for an evidence bundle: a range of time, or the events of one incident.",
      permission: "evidence:export",
      rate: "write",
      action: "evidence.requested",
      highStakes: "evidence.export",
      body: exportSchema,
      response: exportAnswer,
      status: 202,
      handler: async ({ principal, body }: { principal: Principal; body: z.output<typeof exportSchema> }) => {
        const wanted = await requestExport(deps, principal, body);
        return { body: wanted, headers: { location: `/api/v1/exports/${wanted.exportId}` } };
      },
    }),
    defineRoute({
      method: "post",
      path: "/api/v1/exports/estimate",
      summary: "How large an export would be, before it is asked for.",
      permission: "evidence:export",
      rate: "write",
      action: null,
      body: estimateSchema,
      response: estimateAnswer,
      handler: async ({ principal, body }: { principal: Principal; body: z.output<typeof estimateSchema> }) => ({
        body: await estimateExport(deps.pool, principal, body),
      }),
    }),
    defineRoute<Principal>({
      method: "get",
      path: "/api/v1/exports/:exportId",
      summary: "One export with its progress.",
      permission: "evidence:read",
      rate: "general",
      response: exportAnswer,
      handler: async ({ principal, params }) => ({ body: await getExport(deps.pool, principal, params.exportId!) }),
    }),
    defineRoute({
      method: "get",
      path: "/api/v1/exports/:exportId/download",
      summary: "The bundle, or one of its parts, whole or from a byte on (Range). Each download is a ledger row.",
      permission: "evidence:export",
      rate: "write",
      query: part,
      sends: ["application/zip", "application/octet-stream"],
      problems: [416],
      async handler({ principal, params, query, req, res }: Download) {
        const from = startOf(req.headers.range);
        const bundle = await openExport(deps, principal, params.exportId!, { part: query.part, from: from ?? 0 });
        res.writeHead(from === undefined ? 200 : 206, {
          "content-type": bundle.mediaType,
          "content-length": bundle.bytes - (from ?? 0),
          "content-disposition": `attachment; filename="${bundle.fileName}"`,
          "cache-control": "no-store",
          "accept-ranges": "bytes",
          ...(from !== undefined && { "content-range": `bytes ${from}-${bundle.bytes - 1}/${bundle.bytes}` }),
          "repr-digest": `sha-256=:${Buffer.from(bundle.sha256, "hex").toString("base64")}:`,
        });
        // Cut short, it is not taken for the whole: content-length says how much there is.
        await pipeline(Readable.from(bundle.stream), res).catch(() => res.destroy());
        return undefined;
      },
    }),
  ];
}

/** A cut download goes on with `Range: bytes=<start>-`; any other range gets the whole (RFC 9110 section 14.2 lets us). */
function startOf(range: string | undefined): number | undefined {
  const start = /^bytes=(\d{1,15})-$/.exec(range ?? "")?.[1];
  return start === undefined ? undefined : Number(start);
}

type Download = {
  principal: Principal;
  params: Record<string, string>;
  query: z.output<typeof part>;
  req: IncomingMessage;
  res: ServerResponse;
};
