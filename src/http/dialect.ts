import type { Request, Response } from "express";
import { scimErrorBody } from "../identity/index.ts";
import { type Problem, sendError, sendProblem } from "./problem.ts";

const isScim = (req: Request): boolean => /^\/scim(\/|$)/i.test(req.path);

/** What no route took. SCIM names what it could have and has not (RFC 7644 sections 3.7 and 3.11). */
export function notHere(req: Request, correlation: string): Problem {
  if (/^\/scim\/v2\/(?:me|bulk)\/?$/i.test(req.path)) {
    return {
      type: "urn:ledgerstone:problem:not-implemented",
      title: "Not implemented",
      status: 501,
      detail: "this part of SCIM is not offered: /scim/v2/ServiceProviderConfig tells what is",
      correlation,
    };
  }
  return {
    type: "urn:ledgerstone:problem:not-found",
    title: "Not found",
    status: 404,
    detail: `no ${req.method} here`,
    correlation,
  };
}

/** An error in the words of whom it is for: directories read SCIM's own (RFC 7644 section 3.12), all others RFC 9457. */
export function answerProblem(req: Request, res: Response, problem: Problem, error?: unknown): void {
  if (!isScim(req) || res.headersSent) sendProblem(res, problem);
  else sendError(res, problem.status, scimErrorBody(problem, error), "application/scim+json");
}
