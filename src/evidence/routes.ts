import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import type { Principal } from "../audit/index.ts";
import { pageQuery, readPage } from "../platform/cursor.ts";
import { defineRoute, type Route } from "../platform/route.ts";
import { exportAnswer, exportsAnswer, requestedExportAnswer } from "./answers.ts";
import { type ExportDeps, exportSchema, getExport, listExports, openExport, requestExport } from "./index.ts";

const page = z.strictObject(pageQuery);
const part = z.strictObject({ part: z.coerce.number().int().min(1).max(10_000).default(1) });

export type EvidenceRouteDeps = ExportDeps & { directory: string };

export function evidenceRoutes(deps: EvidenceRouteDeps): Route<Principal>[] {
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
        body: await listExports(deps.pool, principal, readPage(query)),
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
      response: requestedExportAnswer,
      status: 202,
      handler: async ({ principal, body }: { principal: Principal; body: z.output<typeof exportSchema> }) => {
        const wanted = await requestExport(deps, principal, body);
        return { body: wanted, headers: { location: `/api/v1/exports/${wanted.exportId}` } };
      },
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
