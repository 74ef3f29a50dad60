import { z } from "zod";
import type { PublicRoute, Route } from "../../platform/route.ts";
import { takesIdempotencyKey } from "../idempotency.ts";
import type { Problem } from "../problem.ts";
import type { Schema } from "./json-schema.ts";

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
  412: "It is no longer what If-Match names",
  413: "The body is too large",
  415: "The body's media type is not accepted",
  416: "The range begins behind the end",
  422: "The content does not match what was declared, or the Idempotency-Key was used for another request",
  429: "Too many requests, or a quota is used up; Retry-After says when to come again",
  502: "A server that had to be asked did not answer as expected",
  503: "Busy or stopping; try again shortly",
  507: "There is no room to keep more",
};

/** A route of either table, without what it does. */
export type AnyRoute = Omit<PublicRoute, "handler"> &
  Partial<Pick<Route<never>, "permission" | "session" | "stepUp">> & {
    current?: unknown;
    highStakes?: unknown;
  };

/** Whether it asks for If-Match: what changes something that GET gives an ETag of. */
export const takesIfMatch = ({ current, method }: Pick<AnyRoute, "current" | "method">): boolean =>
  current !== undefined && method !== "get" && method !== "head";

/** The statuses of the problems that a route can answer with, ascending. */
export function problemsOf(route: AnyRoute): number[] {
  const statuses = new Set([429, 503, ...(route.problems ?? [])]);
  const add = (...more: number[]): void => {
    for (const status of more) statuses.add(status);
  };
  if (route.permission) add(401, 403);
  // Nobody could decide on the request.
  if (route.highStakes) add(409);
  if (route.path.includes("/:")) add(400, 404);
  if (route.query) add(400);
  if (route.body || route.takes) add(400, 413, 415);
  if (route.permission && takesIdempotencyKey(route)) add(400, 409, 422);
  if (takesIfMatch(route)) add(412);
  return [...statuses].sort((a, b) => a - b);
}

/** SCIM's errors have a shape of their own. */
export const problemName = ({ media }: Pick<AnyRoute, "media">, status: number): string =>
  `${media === "application/scim+json" ? "ScimError" : "Problem"}${status}`;

const scimErrorSchema = z
  .object({
    schemas: z.array(z.string()),
    status: z.string().meta({ description: "The status, as a text" }),
    scimType: z.string().optional().meta({ description: "RFC 7644 table 9" }),
    detail: z.string().meta({ description: "What was found, what was expected, and the remedy" }),
  })
  .meta({ id: "ScimError", description: "RFC 7644 section 3.12" });

type ProblemResponse = {
  name: string;
  status: number;
  description: string;
  content: Record<string, { schema: Schema }>;
};

/** Every answer of the document that is a problem, by name. `write` makes the schemas. */
export function problemResponses(routes: readonly AnyRoute[], write: (schema: z.ZodType) => Schema): ProblemResponse[] {
  const answered = new Set(routes.flatMap((route) => problemsOf(route).map((status) => problemName(route, status))));
  const kinds = [
    { problem: "application/problem+json", schema: write(problemSchema) },
    { problem: "application/scim+json", media: "application/scim+json" as const, schema: write(scimErrorSchema) },
  ];
  return kinds.flatMap(({ problem, media, schema }) =>
    Object.entries(problemTexts)
      .map(([text, description]) => ({ status: Number(text), description, content: { [problem]: { schema } } }))
      .map((each) => ({ name: problemName({ media }, each.status), ...each }))
      .filter(({ name }) => answered.has(name)),
  );
}
