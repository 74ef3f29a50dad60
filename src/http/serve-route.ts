import type { Request, RequestHandler, Response } from "express";
import express from "express";
import type { z } from "zod";
import type { Principal } from "../audit/index.ts";
import { AppError, invalid } from "../platform/errors.ts";
import type { Route } from "../platform/route.ts";
import { isUuid } from "../record/text.ts";
import { correlationOf } from "./common.ts";
import type { AppDeps } from "./context.ts";

const MAX_BODY = "1mb";

const parseJson = express.json({ limit: MAX_BODY, strict: true, type: ["application/json", "application/*+json"] });

/**
 * Order matters: address limit before the credential is looked at, credential before tenant limit, permission before the body is read.
 */
export function serveRoute(route: Route<Principal>, deps: AppDeps): RequestHandler {
  return async (req, res) => {
    const correlation = correlationOf(req);
    const address = req.ip ?? "unknown";
    await deps.limiter.take(route.rate, `address-${address}`);
    const { principal, permissions } = await deps.authenticate(req.get("authorization"), address, correlation);
    const headers = await deps.limiter.take(route.rate, `tenant-${principal.tenantId}`);
    for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
    if (!permissions.has(route.permission)) {
      throw new AppError("forbidden", `this needs the permission ${route.permission}`, {
        remedy: "ask an owner for a key or role that has it",
      });
    }
    const params = checkParams(req.params as Record<string, string>, route.params);
    const query = route.query ? parse(route.query, req.query, "query") : undefined;
    const body = route.body ? parse(route.body, await readJson(req, res), "body") : undefined;
    const gone = new AbortController();
    res.once("close", () => gone.abort());
    const result = await route.handler({ principal, params, query, body, req, res, signal: gone.signal });
    if (result === undefined) return;
    for (const [name, value] of Object.entries(result.headers ?? {})) res.setHeader(name, value);
    res.setHeader("cache-control", "no-store");
    if (result.body === undefined) res.status(result.status ?? route.status ?? 204).end();
    else res.status(result.status ?? route.status ?? 200).json(result.body);
  };
}

// A malformed id cannot exist: the same answer as for one that does not, and no word about why.
function checkParams(params: Record<string, string>, others: Route<Principal>["params"]): Record<string, string> {
  for (const [name, value] of Object.entries(params)) {
    const other = others?.[name];
    if (!(other ? other.test(value) : isUuid(value))) throw new AppError("not-found", "not found");
  }
  return params;
}

async function readJson(req: Request, res: Response): Promise<unknown> {
  if (!req.is(["application/json", "application/*+json"])) {
    throw new AppError("unsupported-type", "the body is not JSON", {
      found: req.get("content-type") ?? "no content type",
      expected: "application/json",
    });
  }
  await new Promise<void>((resolve, reject) =>
    parseJson(req, res, (error?: unknown) => (error ? reject(error) : resolve())),
  );
  return req.body;
}

function parse(schema: z.ZodType, value: unknown, where: string): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const first = result.error.issues.slice(0, 5).map((issue) => `${[where, ...issue.path].join(".")}: ${issue.message}`);
  throw invalid(first.join("; "));
}
