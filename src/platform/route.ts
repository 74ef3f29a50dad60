import type { IncomingMessage, ServerResponse } from "node:http";
import type { z } from "zod";

/** Which rate limit a route counts against (docs/configuration.md "limits"). */
export type RateClass = "general" | "write" | "settings" | "auth" | "ingest" | "images";

/** What a handler is given. `principal` comes from the credential alone. */
export interface RouteContext<P, Body = unknown, Query = unknown> {
  principal: P;
  /** Path parameters, each checked to be a UUID unless the route's `params` say otherwise. */
  params: Record<string, string>;
  body: Body;
  query: Query;
  req: IncomingMessage;
  res: ServerResponse;
  /** Aborts when the client goes away. */
  signal: AbortSignal;
}

/** `body` goes out as JSON. A handler that wrote to `res` itself returns nothing. */
export interface RouteResult {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Route<P> {
  method: "get" | "post" | "put" | "patch" | "delete" | "head";
  path: string;
  /** One sentence for the OpenAPI page. */
  summary: string;
  /** A route without one refuses to start. */
  permission: string;
  rate: RateClass;
  /** Path parameters that are no UUID: what each matches as a whole. */
  params?: Readonly<Record<string, RegExp>>;
  /** Absent: the handler reads the request's stream itself. */
  body?: z.ZodType;
  query?: z.ZodType;
  /** What `status` answers with. Absent: no content, unless the route sends something else. */
  response?: z.ZodType;
  /** Of success: 200 unless it says otherwise, 204 without a body. */
  status?: number;
  /** Bodies that the handler reads itself: by media type what they look like. */
  takes?: Readonly<Record<string, z.ZodType>>;
  /** Media types of an answer that is no JSON, besides `response`. */
  sends?: readonly string[];
  /** Statuses of problems that do not follow from the route's shape (http/openapi/problems.ts). */
  problems?: readonly number[];
  /** Ledger action of a mutation; null says that this POST changes nothing. A mutating route without one refuses to start. */
  action?: string | null;
  handler(context: RouteContext<P>): Promise<RouteResult | undefined>;
}

type Infer<T> = T extends z.ZodType ? z.output<T> : undefined;

/** Ties the handler's types to its schemas. */
export function defineRoute<
  P,
  B extends z.ZodType | undefined = undefined,
  Q extends z.ZodType | undefined = undefined,
>(
  route: Omit<Route<P>, "handler" | "body" | "query"> & {
    body?: B;
    query?: Q;
    handler(context: RouteContext<P, Infer<B>, Infer<Q>>): Promise<RouteResult | undefined>;
  },
): Route<P> {
  return route as unknown as Route<P>;
}
