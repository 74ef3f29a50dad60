import type { z } from "zod";
import { DOWNLOAD_KINDS } from "../download.ts";
import { takesIdempotencyKey } from "../idempotency.ts";
import { listShapeOf } from "../list-shape.ts";
import { type Schema, type Schemas, toJsonSchema } from "./json-schema.ts";
import { type AnyRoute, takesIfMatch } from "./problems.ts";

export type Parameter = {
  name: string;
  in: "path" | "query" | "header";
  required: boolean;
  schema: Schema;
  description?: string;
};

/** Everything that a request may say outside its body and its credential. */
export function parametersOf(route: AnyRoute, schemas: Schemas): Parameter[] {
  return [
    ...pathParameters(route),
    ...queryParameters(route.query, schemas),
    ...(route.permission && listShapeOf(route) ? [asParameter] : []),
    ...headerParameters(route),
  ];
}

const asParameter: Parameter = {
  name: "as",
  in: "query",
  required: false,
  schema: { type: "string", enum: [...DOWNLOAD_KINDS] },
  description:
    "The whole list as a file in place of a page, without after and limit: CSV (RFC 4180), or a JSON array of its rows. Counts against the rate class downloads",
};

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

function headerParameters(route: AnyRoute): Parameter[] {
  const header = (name: string, description: string, schema: Schema = { type: "string" }): Parameter => ({
    name,
    in: "header",
    required: false,
    schema,
    description,
  });
  const parameters: Parameter[] = [];
  if (route.permission && takesIdempotencyKey(route)) {
    const again = route.secret ? "409, since the secret is shown once" : "the first answer";
    const text = `A fresh UUID for each new request: a repetition within 24 hours does nothing and gets ${again}`;
    parameters.push(header("Idempotency-Key", text, { type: "string", minLength: 1, maxLength: 255 }));
  }
  if (takesIfMatch(route))
    parameters.push(header("If-Match", "The ETag of what you have read: 412 when it has changed"));
  if (route.current && route.method === "get") {
    parameters.push(header("If-None-Match", "The ETag that you have: 304 when it has not changed"));
  }
  return parameters;
}
