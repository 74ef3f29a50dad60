import type { Request, RequestHandler, Response } from "express";
import { TooManyTries } from "../../identity/index.ts";
import type { PublicRoute } from "../../platform/route.ts";
import { correlationOf } from "../common.ts";
import type { AppDeps } from "../context.ts";
import { TooManyRequests } from "../limits.ts";
import { toProblem } from "../problem.ts";
import { servePublicRoute } from "../serve-route.ts";
import { PAGE_POLICY } from "./layout.ts";
import { refusalPage } from "./sign-in-pages.ts";

/** A page for people: what goes wrong is a page too, with the correlation id and nothing of the reasons. */
export function servePage(route: PublicRoute, deps: AppDeps): RequestHandler {
  const serve = servePublicRoute(route, deps);
  return async (req, res, next) => {
    res.setHeader("content-security-policy", PAGE_POLICY);
    try {
      await serve(req, res, next);
    } catch (error) {
      if (res.headersSent) throw error;
      refuse(req, res, { error, log: deps.log });
    }
  };
}

function refuse(req: Request, res: Response, { error, log }: { error: unknown; log: AppDeps["log"] }): void {
  const problem = toProblem(error, correlationOf(req));
  const { status, title, detail, remedy, correlation } = problem;
  if (status >= 500)
    log.error({ err: error, correlation, method: req.method, route: req.route?.path }, "request failed");
  if (error instanceof TooManyRequests || error instanceof TooManyTries) res.set(error.headers);
  res.set("cache-control", "no-store");
  res
    .status(status)
    .type("text/html")
    .send(refusalPage(title, { text: asSentence(detail ?? title), remedy, correlation }));
}

const asSentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
