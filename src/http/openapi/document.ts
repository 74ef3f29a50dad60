import type { z } from "zod";
import type { Route } from "../../platform/route.ts";
import { type Schema, type Schemas, toJsonSchema } from "./json-schema.ts";
import { problemSchema, problemsOf, problemTexts } from "./problems.ts";

export type Parameter = { name: string; in: "path" | "query"; required: boolean; schema: Schema; description?: string };
export type Content = Record<string, { schema: Schema }>;
export type Answer = { description: string; headers?: Record<string, object>; content?: Content };
export type Operation = {
  summary: string;
  operationId: string;
  tags: string[];
  security: [{ apiKey: string[] }];
  parameters: Parameter[];
  requestBody?: { required: true; content: Content };
  responses: Record<string, Answer | { $ref: string }>;
  "x-permission": string;
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

type AnyRoute = Omit<Route<never>, "handler">;

const headers = {
  "X-Request-Id": {
    description: "The correlation: of the log and the ledger",
    schema: { type: "string", format: "uuid" },
  },
  "RateLimit-Limit": { description: "Requests a minute", schema: { type: "integer" } },
  "RateLimit-Remaining": { description: "Of them left", schema: { type: "integer" } },
  "RateLimit-Reset": { description: "Seconds until they are all there again", schema: { type: "integer" } },
  "Retry-After": { description: "Seconds to wait", schema: { type: "integer" } },
} as const;

const headerRefs = (...names: (keyof typeof headers)[]): Record<string, object> =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
const usual = headerRefs("X-Request-Id", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset");

/** OpenAPI 3.1 of the table of routes, and of nothing else. @throws Error when two operations or schemas share a name. */
export function buildDocument(routes: readonly AnyRoute[], version: string): Document {
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
  const problem = toJsonSchema(problemSchema, schemas);
  const answered = new Set(routes.flatMap(problemsOf));
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
      securitySchemes: {
        apiKey: { type: "http", scheme: "bearer", bearerFormat: "atc_…", description: "An API key of the tenant" },
      },
      schemas: Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1))),
      headers,
      responses: Object.fromEntries(
        Object.entries(problemTexts)
          .filter(([status]) => answered.has(Number(status)))
          .map(([status, description]) => [
            `Problem${status}`,
            {
              description,
              headers: headerRefs("X-Request-Id", ...(status === "429" ? (["Retry-After"] as const) : [])),
              content: { "application/problem+json": { schema: problem } },
            },
          ]),
      ),
    },
  };
}

/** `/api/v1/sites/:siteId/days` → `sites`; `/api/v1/sites/:siteId/devices` → `devices`, as the list of them. */
function tagOf({ path }: AnyRoute): string {
  const [first, , third] = path.replace("/api/v1/", "").split("/");
  return third === "devices" ? third : third === "retention" ? third : first!;
}

/** `get /api/v1/sites/:siteId/days` → `getSitesBySiteIdDays`. */
function operationIdOf({ method, path }: AnyRoute): string {
  const words = path
    .replace("/api/v1/", "")
    .split("/")
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
    security: [{ apiKey: [] }],
    parameters: [...pathParameters(route), ...queryParameters(route.query, schemas)],
    ...(content && { requestBody: { required: true as const, content } }),
    responses: {
      [String(statusOf(route))]: successOf(route, schemas),
      ...Object.fromEntries(
        problemsOf(route).map((status) => [status, { $ref: `#/components/responses/Problem${status}` }]),
      ),
    },
    "x-permission": route.permission,
    "x-rate-class": route.rate,
    ...(route.action !== undefined && { "x-ledger-action": route.action }),
  };
}

const statusOf = ({ status, response, sends }: AnyRoute): number => status ?? (response || sends ? 200 : 204);

function bodyOf(route: AnyRoute, schemas: Schemas): Content | undefined {
  const taken: Readonly<Record<string, z.ZodType>> | undefined =
    route.takes ?? (route.body && { "application/json": route.body });
  if (!taken) return undefined;
  return Object.fromEntries(
    Object.entries(taken).map(([type, schema]) => [type, { schema: toJsonSchema(schema, schemas) }]),
  );
}

function successOf(route: AnyRoute, schemas: Schemas): Answer {
  const json = route.response && { "application/json": { schema: toJsonSchema(route.response, schemas) } };
  const sent = (route.sends ?? []).map((type) => [
    type,
    { schema: type.startsWith("image/") ? {} : { type: "string" } },
  ]);
  const content: Content = { ...json, ...Object.fromEntries(sent) };
  const has = Object.keys(content).length > 0;
  const description = { 201: "Made", 202: "Taken on; goes on in a task", 204: "Done" }[statusOf(route)] ?? "As asked";
  return { description, headers: usual, ...(has && { content }) };
}

function pathParameters({ path, params }: AnyRoute): Parameter[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => {
    const pattern = params?.[name!];
    const schema: Schema = pattern ? { type: "string", pattern: pattern.source } : { type: "string", format: "uuid" };
    return { name: name!, in: "path", required: true, schema };
  });
}

function queryParameters(query: z.ZodType | undefined, schemas: Schemas): Parameter[] {
  if (!query) return [];
  const { properties = {}, required = [] } = toJsonSchema(query, schemas);
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema,
    ...(description && { description }),
  }));
}
