import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import type { Principal } from "../audit/index.ts";
import { AppError, invalid } from "../platform/errors.ts";
import { defineRoute, type Route } from "../platform/route.ts";
import { type HttpIngestDeps, ingestHttp, ingestMultipart, requireIngestSite } from "./index.ts";
import { readNdjson } from "./ndjson.ts";
import { readArray } from "./read-array.ts";
import { resultsAnswer, sentEvents, sentForm, sentLines } from "./schema.ts";
import type { ImageDeps } from "./upload-image.ts";

const target = z.strictObject({ site: z.uuid().optional() });

export type IngestRouteDeps = HttpIngestDeps & { images: ImageDeps };

/** `POST /api/v1/events` for systems that speak no MQTT. Every answer is given after the commit. */
export function ingestRoutes(deps: IngestRouteDeps): Route<Principal>[] {
  return [
    defineRoute({
      method: "post",
      path: "/api/v1/events",
      summary: "Stores events: a JSON array, NDJSON, or multipart with images.",
      permission: "events:write",
      rate: "ingest",
      action: "events.recorded",
      query: target,
      takes: {
        "application/json": sentEvents,
        "application/x-ndjson": sentLines,
        "multipart/form-data": sentForm,
      },
      response: resultsAnswer,
      sends: ["application/x-ndjson"],
      problems: [404, 507],
      async handler({ principal, query, req, res }) {
        const siteId = await requireIngestSite(deps, principal as Principal, query.site);
        return takeEvents(deps, principal as Principal, siteId, req, res);
      },
    }),
  ];
}

async function takeEvents(
  deps: IngestRouteDeps,
  principal: Principal,
  siteId: string,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<{ body: unknown } | undefined> {
  const type = (req.headers["content-type"] ?? "").split(";")[0]!.trim().toLowerCase();
  switch (type) {
    case "application/json": {
      const message = await readArray(req, 16 * deps.maxMessageBytes);
      const results = [];
      for await (const some of ingestHttp(deps, principal, siteId, [message])) results.push(...some);
      return { body: { results } };
    }
    case "application/x-ndjson":
    case "application/jsonl":
      await answerLines(deps, principal, siteId, req, res);
      return undefined;
    case "multipart/form-data":
      return { body: await ingestMultipart(deps, principal, siteId, { headers: req.headers, stream: req }) };
    default:
      throw new AppError("unsupported-type", "events do not come in this type", {
        found: type || "no content type",
        expected: "application/json, application/x-ndjson or multipart/form-data",
      });
  }
}

/** A line out for each line in. When it breaks off, the last line says so: what had its line before is stored. */
async function answerLines(
  deps: IngestRouteDeps,
  principal: Principal,
  siteId: string,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  res.setHeader("content-type", "application/x-ndjson");
  res.setHeader("cache-control", "no-store");
  try {
    for await (const results of ingestHttp(deps, principal, siteId, readNdjson(req, deps.maxMessageBytes))) {
      const lines = results.map((result) => `${JSON.stringify(result)}\n`).join("");
      if (!res.write(lines)) await drained(res);
    }
    res.end();
  } catch (error) {
    if (!res.headersSent) throw error;
    const remedy = "send what has no line above again: nothing is stored twice";
    const { code, message } = error instanceof AppError ? error : invalid("the events could not all be stored");
    res.end(`${JSON.stringify({ status: "failed", code, detail: message, remedy })}\n`);
  }
}

function drained(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (res.destroyed) return resolve();
    const done = (): void => {
      res.off("drain", done);
      res.off("close", done);
      resolve();
    };
    res.on("drain", done);
    res.on("close", done);
  });
}
