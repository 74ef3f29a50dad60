import type { z } from "zod";
import { askedAnswer, SESSION_COOKIE } from "../../identity/index.ts";
import { takesIdempotencyKey } from "../idempotency.ts";
import { listShapeOf } from "../list-shape.ts";
import { type Schema, type Schemas, toJsonSchema } from "./json-schema.ts";
import { type Parameter, parametersOf } from "./parameters.ts";
import { type AnyRoute, problemName, problemResponses, problemsOf } from "./problems.ts";

export type Content = Record<string, { schema: Schema }>;
export type Answer = { description: string; headers?: Record<string, object>; content?: Content };
export type Operation = {
  summary: string;
  operationId: string;
  tags: string[];
  /** Any one of these; none: no credential. */
  security: Record<string, string[]>[];
  parameters: Parameter[];
  requestBody?: { required: true; content: Content };
  responses: Record<string, Answer | { $ref: string }>;
  /** Absent: it asks for no credential. */
  "x-permission"?: string;
  /** A session needs a second factor of the last ten minutes. */
  "x-step-up"?: true;
  /** An act for which a tenant may ask for a second person. */
  "x-high-stakes"?: string;
  "x-rate-class": string;
  /** Null: it changes nothing. */
  "x-ledger-action"?: string | null;
};
export type Document = {
  openapi: "3.1.1";
  info: { title: string; version: string; description: string; license: { name: string; identifier: string } };
  servers: { url: string }[];
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: {
    securitySchemes: Record<string, object>;
    schemas: Schemas;
    headers: Record<string, { description: string; schema: Schema }>;
    responses: Record<string, Answer>;
  };
};

/** Both tables of routes. */
export type RouteTables = { routes: readonly AnyRoute[]; publicRoutes: readonly AnyRoute[] };

const headers = {
  "X-Request-Id": {
    description: "The correlation: of the log and the ledger",
    schema: { type: "string", format: "uuid" },
  },
  "RateLimit-Limit": { description: "Requests a minute", schema: { type: "integer" } },
  "RateLimit-Remaining": { description: "Of them left", schema: { type: "integer" } },
  "RateLimit-Reset": { description: "Seconds until they are all there again", schema: { type: "integer" } },
  ETag: { description: "Of what is shown: for If-None-Match and If-Match", schema: { type: "string" } },
  "Idempotency-Replayed": {
    description: "true: the answer of an earlier request with this Idempotency-Key",
    schema: { type: "string" },
  },
  "Retry-After": { description: "Seconds to wait", schema: { type: "integer" } },
} as const;

const headerRefs = (...names: (keyof typeof headers)[]): Record<string, object> =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
const usual = headerRefs("X-Request-Id", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset");

const securitySchemes = {
  apiKey: { type: "http", scheme: "bearer", bearerFormat: "atc_…", description: "An API key of the tenant" },
  session: { type: "apiKey", in: "cookie", name: SESSION_COOKIE, description: "The session of a person who signed in" },
  csrf: {
    type: "apiKey",
    in: "header",
    name: "X-CSRF-Token",
    description: "With a session, on everything but GET: what GET /api/v1/session answers with",
  },
};

/** OpenAPI 3.1 of the tables of routes, and of nothing else. @throws Error when two operations or schemas share a name. */
export function buildDocument(tables: RouteTables, version: string): Document {
  const routes = [...tables.routes, ...tables.publicRoutes];
  const schemas: Schemas = {};
  const paths: Document["paths"] = {};
  const seen = new Set<string>();
  for (const route of routes) {
    const operation = operationOf(route, schemas);
    if (seen.has(operation.operationId)) throw new Error(`two routes would be the operation ${operation.operationId}`);
    seen.add(operation.operationId);
    const path = route.path.replace(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method]: operation };
  }
  const problems = problemResponses(routes, (schema) => toJsonSchema(schema, schemas));
  return {
    openapi: "3.1.1",
    info: {
      title: "Ledgerstone",
      version,
      description:
        "The appliance's REST API. Every change appends a row to the tenant's ledger (x-ledger-action); every answer carries the row's correlation in X-Request-Id.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    tags: [...new Set(routes.map(tagOf))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes,
      schemas: Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1))),
      headers,
      responses: Object.fromEntries(
        problems.map(({ name, status, ...problem }) => [
          name,
          {
            ...problem,
            headers: headerRefs("X-Request-Id", ...(status === 429 ? (["Retry-After"] as const) : [])),
          },
        ]),
      ),
    },
  };
}

/** `/api/v1/sites/:siteId/days` → `sites`; `/api/v1/sites/:siteId/devices` → `devices`, as the list of them. */
function tagOf({ path }: AnyRoute): string {
  if (path.startsWith("/scim/")) return "scim";
  if (!path.startsWith("/api/v1/")) return "public";
  const [first, , third] = path.replace("/api/v1/", "").split("/");
  return third === "devices" ? third : third === "retention" ? third : first!;
}

/** `get /api/v1/sites/:siteId/days` → `getSitesBySiteIdDays`. */
function operationIdOf({ method, path }: AnyRoute): string {
  const words = path
    .replace(/^\/(api\/v1\/)?/, "")
    .split(/[/.]/)
    .filter((part) => part !== "")
    .map((part) => (part.startsWith(":") ? `by-${part.slice(1)}` : part));
  return (
    method + words.map((word) => word.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())).join("")
  );
}

function operationOf(route: AnyRoute, schemas: Schemas): Operation {
  const content = bodyOf(route, schemas);
  return {
    summary: route.summary,
    operationId: operationIdOf(route),
    tags: [tagOf(route)],
    security: securityOf(route),
    parameters: parametersOf(route, schemas),
    ...(content && { requestBody: { required: true as const, content } }),
    responses: {
      ...(route.highStakes ? { "202": askedOf(schemas) } : {}),
      [String(statusOf(route))]: successOf(route, schemas),
      ...Object.fromEntries(
        problemsOf(route).map((status) => [status, { $ref: `#/components/responses/${problemName(route, status)}` }]),
      ),
    },
    ...(route.permission && { "x-permission": route.permission }),
    ...(route.stepUp && { "x-step-up": true as const }),
    ...(typeof route.highStakes === "string" && { "x-high-stakes": route.highStakes }),
    "x-rate-class": route.rate,
    ...(route.action !== undefined && { "x-ledger-action": route.action }),
  };
}

function securityOf({ method, permission, session }: AnyRoute): Operation["security"] {
  if (!permission) return [];
  const isRead = method === "get" || method === "head";
  return [...(session ? [] : [{ apiKey: [] }]), { session: [], ...(!isRead && { csrf: [] }) }];
}

/** Of an act of high stakes in a tenant that asks for a second person. */
function askedOf(schemas: Schemas): Answer {
  const content = { "application/json": { schema: toJsonSchema(askedAnswer, schemas) } };
  return { description: "It waits for a second person: the request", headers: usual, content };
}

const statusOf = ({ status, response, sends }: AnyRoute): number => status ?? (response || sends ? 200 : 204);

function bodyOf(route: AnyRoute, schemas: Schemas): Content | undefined {
  const taken: Readonly<Record<string, z.ZodType>> | undefined =
    route.takes ??
    (route.body && { [route.form ? "application/x-www-form-urlencoded" : "application/json"]: route.body });
  if (!taken) return undefined;
  return Object.fromEntries(
    Object.entries(taken).map(([type, schema]) => [type, { schema: toJsonSchema(schema, schemas) }]),
  );
}

function successOf(route: AnyRoute, schemas: Schemas): Answer {
  const json = route.response && {
    [route.media ?? "application/json"]: { schema: toJsonSchema(route.response, schemas) },
  };
  const sent = (route.sends ?? []).map((type) => [
    type,
    { schema: type.startsWith("image/") ? {} : { type: "string" } },
  ]);
  const content: Content = { ...json, ...Object.fromEntries(sent) };
  const list = route.permission ? listShapeOf(route) : undefined;
  if (list) {
    const rows: Schema = { type: "array", items: toJsonSchema(list.item, schemas) };
    content["application/json"]!.schema = { anyOf: [content["application/json"]!.schema, rows] };
    content["text/csv"] = { schema: { type: "string" } };
  }
  const asks = route.highStakes && statusOf(route) === 202 ? content["application/json"] : undefined;
  if (asks) asks.schema = { anyOf: [asks.schema, toJsonSchema(askedAnswer, schemas)] };
  const has = Object.keys(content).length > 0;
  const description = { 201: "Made", 202: "Taken on; goes on in a task", 204: "Done" }[statusOf(route)] ?? "As asked";
  const headers = {
    ...usual,
    ...((route.current ? headerRefs("ETag") : {}) as object),
    ...((route.permission && takesIdempotencyKey(route) && !route.secret
      ? headerRefs("Idempotency-Replayed")
      : {}) as object),
  };
  return { description, headers, ...(has && { content }) };
}
