import type { IncomingMessage, ServerResponse } from "node:http";
import type { z } from "zod";
import type { Tx } from "./db.ts";

/** Which rate limit a route counts against (docs/configuration.md "limits"). */
export type RateClass =
  | "general"
  | "write"
  | "settings"
  | "auth"
  | "ingest"
  | "images"
  | "scim"
  | "downloads"
  /** What people read in a browser, in place of `general`: one page asks for ten things. */
  | "console";

/** What every handler is given, whoever asks. */
export interface RequestContext<Body = unknown, Query = unknown> {
  /** Path parameters, each checked to be a UUID unless the route's `params` say otherwise. */
  params: Record<string, string>;
  body: Body;
  query: Query;
  req: IncomingMessage;
  res: ServerResponse;
  /** Aborts when the client goes away. */
  signal: AbortSignal;
  /** The true client's. */
  address: string;
  /** The request's id, and the ledger's. */
  correlation: string;
}

/** The session that a person asks by. */
export interface CallerSession {
  sessionId: string;
  userId: string;
  /** 1: one factor, 2: a second one besides. */
  strength: 1 | 2;
  /** When the second factor was last shown; UTC, six decimals. */
  steppedUpAt: string | null;
  /** As the browser holds it: what its CSRF token follows from. */
  token: string;
  /** The tenant asks for a second factor that this session has not shown: it reaches its own account alone. */
  factorMissing?: boolean;
}

/** Who asks, and what they may do. */
export interface Caller<P> {
  principal: P;
  /** Over which sites the caller has each permission. */
  access: ReadonlyMap<string, "all" | readonly string[]>;
  /** Absent for an API key. */
  session: CallerSession | undefined;
}

/** What a handler is given. `principal` comes from the credential alone; its sites are those of the route's permission. */
export interface RouteContext<P, Body = unknown, Query = unknown> extends RequestContext<Body, Query>, Caller<P> {
  /** The caller as the credential gives it now, for answers that last. It is no sign of life. @throws as a request would be refused. */
  renewed(): Promise<Caller<P>>;
}

/** `body` goes out as JSON, `page` as HTML. A handler that wrote to `res` itself returns nothing. */
export interface RouteResult {
  status?: number;
  body?: unknown;
  page?: string;
  headers?: Record<string, string | string[]>;
}

interface RouteShape {
  method: "get" | "post" | "put" | "patch" | "delete" | "head";
  path: string;
  /** One sentence for the OpenAPI page. */
  summary: string;
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
  /** Of JSON that is not said to be application/json, in bodies and answers. SCIM's errors are SCIM's too (http/dialect.ts). */
  media?: "application/scim+json";
  /** Statuses of problems that do not follow from the route's shape (http/openapi/problems.ts). */
  problems?: readonly number[];
  /** Ledger action of a mutation; null says that this POST changes nothing. A mutating route without one refuses to start. */
  action?: string | null;
  /** The answer holds a secret that is shown once: it is kept for no Idempotency-Key. */
  secret?: true;
}

export interface Route<P> extends RouteShape {
  /** A route without one refuses to start. */
  permission: string;
  /** It concerns the whole tenant: who has the permission over some sites alone is refused. */
  wholeTenant?: true;
  /** A person by a browser session alone; an API key is refused. */
  session?: true;
  /** A session needs a second factor shown within the last ten minutes. API keys, which have none, are not asked. */
  stepUp?: true;
  /**
   * What GET of this path answers with, read in a transaction. GET then has an ETag and knows If-None-Match; what changes it
   * knows If-Match (http/precondition.ts).
   */
  current?(tx: Tx & { readonly principal: P }, params: Readonly<Record<string, string>>): Promise<unknown>;
  /**
   * An act of high stakes, by its name (identity/approvals/acts.ts): a person shows a second factor, and the tenant may ask for a
   * second person; then the answer is 202 with the request. A function says of one request whether it is such an act.
   */
  highStakes?: string | ((context: RouteContext<P>) => Promise<string | undefined>);
  handler(context: RouteContext<P>): Promise<RouteResult | undefined>;
}

/** A route that asks for no credential: sign-in and what leads to it. `address` alone limits it. */
export interface PublicRoute extends RouteShape {
  /** application/x-www-form-urlencoded in place of JSON: strings alone, at most 256 kB. `body` checks it. */
  form?: true;
  /** Other sites' pages may send a browser here with a change, as identity providers do; refused otherwise (http/guard-origin.ts). */
  crossSite?: true;
  handler(context: RequestContext): Promise<RouteResult | undefined>;
}

type Infer<T> = T extends z.ZodType ? z.output<T> : undefined;

/** Ties the handler's types to its schemas. */
export function defineRoute<
  P,
  B extends z.ZodType | undefined = undefined,
  Q extends z.ZodType | undefined = undefined,
>(
  route: Omit<Route<P>, "handler" | "body" | "query" | "highStakes"> & {
    body?: B;
    query?: Q;
    highStakes?: string | ((context: RouteContext<P, Infer<B>, Infer<Q>>) => Promise<string | undefined>);
    handler(context: RouteContext<P, Infer<B>, Infer<Q>>): Promise<RouteResult | undefined>;
  },
): Route<P> {
  return route as unknown as Route<P>;
}

/** As defineRoute. */
export function definePublicRoute<
  B extends z.ZodType | undefined = undefined,
  Q extends z.ZodType | undefined = undefined,
>(
  route: Omit<PublicRoute, "handler" | "body" | "query"> & {
    body?: B;
    query?: Q;
    handler(context: RequestContext<Infer<B>, Infer<Q>>): Promise<RouteResult | undefined>;
  },
): PublicRoute {
  return route as unknown as PublicRoute;
}
