import { z } from "zod";
import type { Route } from "../../platform/route.ts";
import type { Problem } from "../problem.ts";

/** RFC 9457, with what a person can do about it. */
export const problemSchema = z
  .object({
    type: z.string().meta({ description: "urn:ledgerstone:problem:<code>: stable, for programs" }),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string().optional(),
    found: z.string().optional(),
    expected: z.string().optional(),
    remedy: z.string().optional(),
    correlation: z.uuid().meta({ description: "The same in X-Request-Id, the log and the ledger" }),
  })
  .meta({
    id: "Problem",
    description: "RFC 9457 problem details",
    examples: [
      {
        type: "urn:ledgerstone:problem:forbidden",
        title: "You may not do this",
        status: 403,
        detail: "this needs the permission sites:write",
        remedy: "ask an owner for a key or role that has it",
        correlation: "7d3f0c5e-93a1-4b53-8a6e-2f0e3f4f5a61",
      },
    ],
  }) satisfies z.ZodType<Problem>;

/** What each status means here. */
export const problemTexts: Readonly<Record<number, string>> = {
  400: "The path, the query or the body is not valid",
  401: "No credential, or one that is not accepted",
  403: "The credential lacks the permission, or the site",
  404: "It does not exist, or not for you",
  409: "It conflicts with the present state",
  413: "The body is too large",
  415: "The body's media type is not accepted",
  416: "The range begins behind the end",
  422: "The content does not match what was declared",
  429: "Too many requests, or a quota is used up; Retry-After says when to come again",
  502: "A server that had to be asked did not answer as expected",
  503: "Busy or stopping; try again shortly",
  507: "There is no room to keep more",
};

/** The statuses of the problems that a route can answer with, ascending. */
export function problemsOf(route: Pick<Route<never>, "path" | "body" | "takes" | "query" | "problems">): number[] {
  const statuses = new Set([400, 401, 403, 429, 503, ...(route.problems ?? [])]);
  if (route.path.includes("/:")) statuses.add(404);
  if (route.body || route.takes) for (const status of [413, 415]) statuses.add(status);
  if (!(route.body || route.takes || route.query || route.path.includes("/:"))) statuses.delete(400);
  return [...statuses].sort((a, b) => a - b);
}
