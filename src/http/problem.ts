import type { ServerResponse } from "node:http";
import { sqlState } from "../platform/db.ts";
import { AppError } from "../platform/errors.ts";

/** RFC 9457 problem details. `correlation` is the ledger's and the log's. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  found?: string;
  expected?: string;
  remedy?: string;
  correlation: string;
}

const STATUS: Record<string, { status: number; title: string }> = {
  invalid: { status: 400, title: "The request is not valid" },
  unauthorized: { status: 401, title: "A valid credential is needed" },
  forbidden: { status: 403, title: "You may not do this" },
  "step-up": { status: 403, title: "A second factor is needed" },
  "sign-in-refused": { status: 401, title: "You could not be signed in" },
  "enrolment-refused": { status: 403, title: "This device cannot be enrolled" },
  "not-found": { status: 404, title: "Not found" },
  conflict: { status: 409, title: "This conflicts with the present state" },
  "approval-changed": { status: 409, title: "This request was changed behind our back" },
  "upload-ended": { status: 409, title: "A newer attempt has taken over" },
  held: { status: 409, title: "A legal hold stands against this" },
  "precondition-failed": { status: 412, title: "It has changed since you read it" },
  "too-large": { status: 413, title: "The request is too large" },
  "unsupported-type": { status: 415, title: "This media type is not accepted" },
  range: { status: 416, title: "The range cannot be served" },
  "destination-refused": { status: 422, title: "This destination may not be reached" },
  "key-reused": { status: 422, title: "This Idempotency-Key was used for another request" },
  unprocessable: { status: 422, title: "The content does not match what was declared" },
  "too-many": { status: 429, title: "Too many requests" },
  quota: { status: 429, title: "A quota is used up" },
  "mail-failed": { status: 502, title: "The e-mail could not be sent" },
  "mail-refused": { status: 502, title: "The e-mail could not be sent" },
  "outbound-failed": { status: 502, title: "The other side did not answer as expected" },
  busy: { status: 503, title: "Busy, try again shortly" },
  stopping: { status: 503, title: "Stopping, try again shortly" },
  "disk-full": { status: 507, title: "No room to keep more" },
};

// Errors that the database's own rules raise, and privileges that a bug would have crossed.
const SQL: Record<string, string> = {
  LS404: "not-found",
  LS007: "invalid",
  LS008: "held",
  LS009: "conflict",
  "42501": "forbidden",
  "23503": "not-found",
  "23505": "conflict",
  "22P02": "invalid",
  "23514": "invalid",
  "22021": "invalid",
  "22P05": "invalid",
  "40P01": "busy",
  "53300": "busy",
  "57014": "busy",
  // Somebody else holds the lock, such as the executor that of the holds.
  "55P03": "busy",
};

/** The one mapping from an error to a status. Anything unknown is a 500 that tells nothing but the correlation id. */
export function toProblem(error: unknown, correlation: string): Problem {
  if (error instanceof AppError && STATUS[error.code]) {
    const { status, title } = STATUS[error.code]!;
    return {
      type: `urn:ledgerstone:problem:${error.code}`,
      title,
      status,
      detail: error.message,
      ...(error.found && { found: error.found }),
      ...(error.expected && { expected: error.expected }),
      ...(error.remedy && { remedy: error.remedy }),
      correlation,
    };
  }
  const state = sqlState(error);
  const code = state && SQL[state];
  if (code) {
    const { status, title } = STATUS[code]!;
    // Our own codes (LS…) carry messages written for people; Postgres' own name internals and stay out.
    const detail = state.startsWith("LS") ? (error as Error).message : undefined;
    return { type: `urn:ledgerstone:problem:${code}`, title, status, ...(detail && { detail }), correlation };
  }
  const http = bodyParserError(error);
  if (http) return { ...http, correlation };
  return {
    type: "urn:ledgerstone:problem:internal",
    title: "Something went wrong here",
    status: 500,
    detail: "quote the correlation id to your administrator",
    correlation,
  };
}

function bodyParserError(error: unknown): Omit<Problem, "correlation"> | undefined {
  const { type, status } = error as { type?: string; status?: number };
  if (type === "entity.too.large")
    return { type: "urn:ledgerstone:problem:too-large", title: STATUS["too-large"]!.title, status: 413 };
  if (typeof type === "string" && typeof status === "number" && status >= 400 && status < 500) {
    return {
      type: "urn:ledgerstone:problem:invalid",
      title: STATUS.invalid!.title,
      status,
      detail: "the body cannot be read: expected well-formed JSON in UTF-8",
    };
  }
  if (error instanceof URIError)
    return {
      type: "urn:ledgerstone:problem:invalid",
      title: STATUS.invalid!.title,
      status: 400,
      detail: "the path is not well-formed",
    };
  return undefined;
}

/** Writes a problem, unless an answer has begun: then the connection is cut, so that nobody takes a half for a whole. */
export function sendProblem(res: ServerResponse, problem: Problem): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  sendError(res, problem.status, problem, "application/problem+json");
}

/** The end of an answer that is an error, whatever its body looks like. */
export function sendError(res: ServerResponse, status: number, told: object, media: string): void {
  const body = JSON.stringify(told);
  res.writeHead(status, {
    "content-type": media,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    ...(status === 401 && { "www-authenticate": 'Bearer realm="ledgerstone"' }),
  });
  res.end(body);
}
