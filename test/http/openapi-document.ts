import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { routeTable } from "../../src/http/api-routes.ts";
import type { Document, Operation } from "../../src/http/openapi/document.ts";
import { publicRoutes } from "../../src/http/public-routes.ts";

// The table alone: no handler runs here.
export const routes = routeTable();
export const tables = { routes, publicRoutes: publicRoutes({} as never) };
export const nameOf = ({ method, path }: { method: string; path: string }) =>
  `${method} ${path.replace(/:(\w+)/g, "{$1}")}`;

export type Named = { name: string; operation: Operation };
export const operationsOf = (document: Document): Named[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, operation })),
  );

/** A document whose objects take no field that they do not name: what an answer must fit here. */
export function closed<T>(value: T): T {
  if (Array.isArray(value)) return value.map(closed) as T;
  if (typeof value !== "object" || value === null) return value;
  const made = Object.fromEntries(Object.entries(value).map(([key, each]) => [key, closed(each)]));
  if (made.type === "object" && made.properties && made.additionalProperties === undefined) {
    made.additionalProperties = false;
  }
  return made as T;
}

/** Compiles a schema at a JSON pointer of the document. */
export function compiler(document: Document): (pointer: string) => ValidateFunction {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  (addFormats as unknown as (ajv: Ajv2020) => void)(ajv);
  ajv.addSchema({ ...closed(JSON.parse(JSON.stringify(document))), $id: "urn:ledgerstone:document" });
  return (pointer) => ajv.compile({ $ref: `urn:ledgerstone:document#${pointer}` });
}

export const pointerTo = (...keys: string[]) =>
  keys.map((key) => `/${encodeURIComponent(key.replace(/~/g, "~0").replace(/\//g, "~1"))}`).join("");
