import { randomUUID } from "node:crypto";
import type { ErrorRequestHandler, Request, RequestHandler, Response } from "express";
import { TooManyTries } from "../identity/index.ts";
import type { Logger } from "../platform/logger.ts";
import { isUuid } from "../record/text.ts";
import { answerProblem, notHere } from "./dialect.ts";
import { TooManyRequests } from "./limits.ts";
import { toProblem } from "./problem.ts";

export function correlationOf(req: Request): string {
  return (req as Request & { correlation?: string }).correlation ?? randomUUID();
}

// A caller may name its own correlation, if it is a UUID: it is the ledger's, so nothing else gets in.
export const correlate: RequestHandler = (req, res, next) => {
  const given = req.get("x-request-id")?.toLowerCase();
  const correlation = given && isUuid(given) ? given : randomUUID();
  (req as Request & { correlation?: string }).correlation = correlation;
  res.setHeader("x-request-id", correlation);
  next();
};

/** Answers what no route took, and what one threw. */
export function answerErrors(log: Logger): (RequestHandler | ErrorRequestHandler)[] {
  const notFound: RequestHandler = (req, res) => {
    answerProblem(req, res, notHere(req, correlationOf(req)));
  };
  const failed: ErrorRequestHandler = (error: unknown, req: Request, res: Response, _next) => {
    const problem = toProblem(error, correlationOf(req));
    if ((error instanceof TooManyRequests || error instanceof TooManyTries) && !res.headersSent) {
      for (const [name, value] of Object.entries(error.headers)) res.setHeader(name, value);
    }
    if (problem.status >= 500) {
      log.error(
        { err: error, correlation: problem.correlation, method: req.method, route: req.route?.path },
        "request failed",
      );
    }
    answerProblem(req, res, problem, error);
  };
  return [notFound, failed];
}
