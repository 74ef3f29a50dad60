import type { Request, RequestHandler, Response } from "express";
import { newConditions, type Principal } from "../audit/index.ts";
import { AppError } from "../platform/errors.ts";
import type { Caller, PublicRoute, RateClass, RequestContext, Route, RouteResult } from "../platform/route.ts";
import type { Seats } from "../platform/seats.ts";
import { correlationOf } from "./common.ts";
import type { AppDeps, Authenticated } from "./context.ts";
import { admitOrigin } from "./cors.ts";
import { sendList } from "./download.ts";
import { guardOrigin } from "./guard-origin.ts";
import { guardSession } from "./guard-session.ts";
import { runRoute } from "./high-stakes.ts";
import { runOnce } from "./idempotency.ts";
import { addressKey } from "./limits.ts";
import { listShapeOf } from "./list-shape.ts";
import { etagOf, namesTag, unchanged } from "./precondition.ts";
import { checkParams, parse, readForm, readJson } from "./read-request.ts";

/** Tries at one's own factors and what one reads in a browser are a person's: whoever uses them up stops nobody else. */
const ofPerson: ReadonlySet<RateClass> = new Set(["auth", "console"]);

/** Sent by a page that asks by itself, with nobody there: an idle session must not go on by it. */
const UNATTENDED = "x-unattended";

/**
 * Order matters: address limit before the credential is looked at, credential before tenant limit, permission before the body is read.
 */
export function serveRoute(route: Route<Principal>, deps: AppDeps, downloads: Seats): RequestHandler {
  const list = listShapeOf(route);
  return async (req, res) => {
    const correlation = correlationOf(req);
    const address = addressOf(req);
    const download = list && req.query.as !== undefined && { route, list, query: req.query, seats: downloads };
    const authorization = req.get("authorization");
    const cookie = req.get("cookie");
    const isBrowser = authorization === undefined && cookie !== undefined;
    const rate = download ? "downloads" : isBrowser && route.rate === "general" ? "console" : route.rate;
    await deps.limiter.take(rate, addressKey(address));
    const credentials = { authorization, cookie, address, correlation, passive: req.get(UNATTENDED) !== undefined };
    const authenticated = await deps.authenticate(credentials);
    if (authenticated.corsOrigins) admitOrigin(req, res, authenticated.corsOrigins);
    const { actor, tenantId } = authenticated.principal;
    const share = ofPerson.has(rate) ? `person-${actor.id}` : `tenant-${tenantId}`;
    setHeaders(res, await deps.limiter.take(rate, share));
    const caller = admitCaller(route, req, authenticated);
    const renewed = async () => admitCaller(route, req, await deps.authenticate({ ...credentials, passive: true }));
    const { principal, access } = caller;
    if (download) {
      const context = await requestContext({ ...route, query: undefined }, req, res, readJson);
      return sendList(deps, download, { ...context, ...caller, renewed });
    }
    const context = await requestContext(route, req, res, readJson);
    const { body, params } = context;
    const result = await runOnce(deps, { route, req, principal, access, body }, (once) => {
      const same = unchanged(route, { req, params }, (tag) => res.setHeader("etag", tag));
      const conditions = newConditions([...same, ...once]);
      const full = { ...context, ...caller, principal: { ...principal, conditions }, renewed };
      return runRoute(deps, route, full, { query: req.query, body: req.body });
    });
    if (route.current && route.method === "get" && result) answerUnlessKnown(req, res, result);
    send(route, res, result);
  };
}

/** @throws AppError unless they may use this route now. Their sites are those of its permission. */
function admitCaller(route: Route<Principal>, req: Request, authenticated: Authenticated): Caller<Principal> {
  const { principal, access, session } = authenticated;
  guardSession(route, req, session);
  const sites = access.get(route.permission);
  if (sites) return { principal: { ...principal, sites }, access, session };
  if (session?.factorMissing) throw needsFactor();
  throw new AppError("forbidden", `this needs the permission ${route.permission}`, {
    remedy: "ask an owner for a key or role that has it",
  });
}

function answerUnlessKnown(req: Request, res: Response, result: RouteResult): void {
  const tag = etagOf(result.body);
  res.setHeader("etag", tag);
  if (!namesTag(req.get("if-none-match") ?? "", tag, { weak: true })) return;
  result.status = 304;
  delete result.body;
}

/** A route without a credential: its address' limit and, for a change, where it comes from are all that stand before it. */
export function servePublicRoute(route: PublicRoute, deps: AppDeps): RequestHandler {
  return async (req, res) => {
    setHeaders(res, await deps.limiter.take(route.rate, addressKey(addressOf(req))));
    guardOrigin(route, req);
    send(route, res, await route.handler(await requestContext(route, req, res, route.form ? readForm : readJson)));
  };
}

const needsFactor = (): AppError =>
  new AppError("forbidden", "your organisation asks for a second factor", {
    found: "a session without one",
    remedy: "add one on your account's page, or sign in again with the one you have",
  });

const addressOf = (req: Request): string => req.ip ?? "unknown";

async function requestContext(
  route: Pick<PublicRoute, "params" | "query" | "body">,
  req: Request,
  res: Response,
  readBody: (req: Request, res: Response) => Promise<unknown>,
): Promise<RequestContext> {
  const params = checkParams(req.params as Record<string, string>, route.params);
  const query = route.query ? parse(route.query, req.query, "query") : undefined;
  const body = route.body ? parse(route.body, await readBody(req, res), "body") : undefined;
  const gone = new AbortController();
  res.once("close", () => {
    if (!res.writableFinished) gone.abort();
  });
  return {
    params,
    query,
    body,
    req,
    res,
    signal: gone.signal,
    address: addressOf(req),
    correlation: correlationOf(req),
  };
}

function send(route: Pick<PublicRoute, "status" | "media">, res: Response, result: RouteResult | undefined): void {
  if (result === undefined) return;
  setHeaders(res, result.headers ?? {});
  if (!res.hasHeader("cache-control")) res.setHeader("cache-control", "no-store");
  const { page, body } = result;
  if (page !== undefined) {
    res
      .status(result.status ?? route.status ?? 200)
      .type("text/html")
      .send(page);
  } else if (body === undefined) {
    res.status(result.status ?? route.status ?? 204).end();
  } else {
    if (route.media) res.type(route.media);
    res.status(result.status ?? route.status ?? 200).json(body);
  }
}

function setHeaders(res: Response, headers: Readonly<Record<string, string | string[]>>): void {
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
}
