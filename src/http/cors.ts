import type { Request, RequestHandler, Response } from "express";
import { forbidden } from "../platform/errors.ts";
import type { AppDeps } from "./context.ts";
import { addressKey } from "./limits.ts";

const API = "/api/v1/";
const methods = "GET, HEAD, POST, PUT, PATCH, DELETE";
// No X-CSRF-Token: what a browser's session may do, only our own pages may.
const requestHeaders = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Range, X-Request-Id";
const answerHeaders =
  "Content-Disposition, Content-Range, ETag, Idempotency-Replayed, Location, RateLimit-Limit, RateLimit-Remaining, " +
  "RateLimit-Reset, Repr-Digest, Retry-After, X-Request-Id";

/**
 * Answers a browser that asks whether a page of another origin may call the API: yes for an origin that some key names. Which
 * key, only the request itself shows: see `admitOrigin`. Credentials (cookies) are never allowed.
 */
export function preflight({ limiter, isCorsOrigin }: Pick<AppDeps, "limiter" | "isCorsOrigin">): RequestHandler {
  return async (req, res, next) => {
    if (!req.path.startsWith(API)) return next();
    res.vary("Origin");
    const origin = req.get("origin");
    if (req.method !== "OPTIONS" || origin === undefined || !req.get("access-control-request-method")) return next();
    await limiter.take("general", addressKey(req.ip ?? "unknown"));
    if (!(await isCorsOrigin(origin))) throw foreign(origin);
    res.set({
      "access-control-allow-origin": origin,
      "access-control-allow-methods": methods,
      "access-control-allow-headers": requestHeaders,
      "access-control-max-age": "600",
    });
    res.status(204).end();
  };
}

/**
 * A key works from pages of the origins that it names, and its answers can be read there. From any other page nothing happens: a
 * change whose answer the page cannot read would be a change all the same. Programs send no Origin.
 */
export function admitOrigin(req: Request, res: Response, corsOrigins: readonly string[]): void {
  const origin = req.get("origin");
  if (origin === undefined || origin === `https://${req.get("host")}`) return;
  if (!corsOrigins.includes(origin)) throw foreign(origin);
  res.set({ "access-control-allow-origin": origin, "access-control-expose-headers": answerHeaders });
}

const foreign = (origin: string) =>
  forbidden("this key is not for pages of this origin", {
    found: `Origin: ${origin.slice(0, 200)}`,
    expected: "an origin that the key names in corsOrigins, or a request from no page",
  });
