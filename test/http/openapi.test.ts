import assert from "node:assert/strict";
import { Validator } from "@seriousme/openapi-schema-validator";
import type { z } from "zod";
import { buildDocument } from "../../src/http/openapi/document.ts";
import { resolve } from "../../src/http/openapi/json-schema.ts";
import { compiler, nameOf, operationsOf, pointerTo, routes, tables } from "./openapi-document.ts";

describe("http: the OpenAPI document", () => {
  const document = buildDocument(tables, "0.0.0");
  const compile = compiler(document);

  it("is valid OpenAPI 3.1", async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(JSON.parse(JSON.stringify(document)));
    assert.ok(valid, JSON.stringify(errors));
    assert.equal(validator.version, "3.1");
    const { openapi: _, ...without } = JSON.parse(JSON.stringify(document));
    assert.equal((await new Validator().validate({ ...without, openapi: "3.1.1", paths: [] })).valid, false);
  });

  it("has every route of the table and nothing else", () => {
    assert.deepEqual(
      operationsOf(document)
        .map(({ name }) => name)
        .sort(),
      [...tables.routes, ...tables.publicRoutes].map(nameOf).sort(),
    );
    const ids = operationsOf(document).map(({ operation }) => operation.operationId);
    assert.equal(new Set(ids).size, ids.length);
  });

  it("says of every route what it takes, answers, asks for and writes into the ledger", () => {
    for (const route of routes) {
      const { operation } = operationsOf(document).find(({ name }) => name === nameOf(route))!;
      const name = nameOf(route);
      assert.equal(operation["x-permission"], route.permission, name);
      assert.equal(operation["x-rate-class"], route.rate, name);
      assert.equal(operation["x-ledger-action"], route.action, name);
      assert.ok(route.response || route.sends || route.status === 204, `${name} does not say what it answers`);
      if (route.body || route.takes) {
        for (const { schema } of Object.values(operation.requestBody!.content)) {
          const { examples = [] } = resolve(schema, document.components.schemas);
          assert.ok(examples.length > 0, `${name} has no example of its body`);
        }
      }
      const path = [...route.path.matchAll(/:(\w+)/g)].map(([, param]) => param);
      assert.deepEqual(
        operation.parameters.filter((each) => each.in === "path").map((each) => each.name),
        path,
        name,
      );
      for (const status of ["401", "403", "429", "503"]) assert.ok(operation.responses[status], `${name} ${status}`);
    }
  });

  it("every reference leads somewhere", () => {
    for (const [, name] of JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      assert.ok(document.components.schemas[name!], name);
    }
  });

  it("no example fails its own schema, nor the one that the route parses with", () => {
    for (const route of routes) {
      const taken = (route.takes ?? (route.body && { "application/json": route.body }) ?? {}) as Record<
        string,
        z.ZodType
      >;
      for (const [type, schema] of Object.entries(taken)) {
        const at = pointerTo(
          "paths",
          route.path.replace(/:(\w+)/g, "{$1}"),
          route.method,
          "requestBody",
          "content",
          type,
          "schema",
        );
        const check = compile(at);
        for (const example of (schema.meta()?.examples ?? []) as unknown[]) {
          assert.ok(check(example), `${nameOf(route)}: ${JSON.stringify(check.errors)}`);
          assert.ok(
            schema.safeParse(example).success,
            `${nameOf(route)}: ${JSON.stringify(schema.safeParse(example).error)}`,
          );
        }
      }
    }
  });

  it("refuses a table in which two schemas share a name", () => {
    const [sites] = routes.filter(({ path }) => path === "/api/v1/sites/:siteId");
    const [tenant] = routes.filter(({ path }) => path === "/api/v1/tenant");
    const renamed = { ...tenant!, response: (tenant!.response as z.ZodType).meta({ id: "Site" }) };
    assert.throws(
      () => buildDocument({ routes: [sites!, renamed], publicRoutes: [] }, "0.0.0"),
      /two schemas of the API are named Site/,
    );
  });
});
