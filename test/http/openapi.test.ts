import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import sharp from "sharp";
import { Agent, FormData, fetch, request } from "undici";
import type { z } from "zod";
import { apiRoutes } from "../../src/http/api-routes.ts";
import { buildDocument, type Document, type Operation } from "../../src/http/openapi/document.ts";
import { makeUuidv7 } from "../../src/record/uuidv7.ts";
import { type Answer, type Appliance, type ApplianceTenant, startAppliance } from "../support/appliance.ts";
import { waitUntil } from "../support/process.ts";

// The table alone: no handler runs here.
const routes = apiRoutes({ config: { ingest: {}, appliance: { dataDir: "" } }, devices: {} } as never);
const nameOf = ({ method, path }: { method: string; path: string }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`;

type Named = { name: string; operation: Operation };
const operationsOf = (document: Document): Named[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, operation })),
  );

/** A document whose objects take no field that they do not name: what an answer must fit here. */
function closed<T>(value: T): T {
  if (Array.isArray(value)) return value.map(closed) as T;
  if (typeof value !== "object" || value === null) return value;
  const made = Object.fromEntries(Object.entries(value).map(([key, each]) => [key, closed(each)]));
  if (made.type === "object" && made.properties && made.additionalProperties === undefined) {
    made.additionalProperties = false;
  }
  return made as T;
}

/** Compiles a schema at a JSON pointer of the document. */
function compiler(document: Document): (pointer: string) => ValidateFunction {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  (addFormats as unknown as (ajv: Ajv2020) => void)(ajv);
  ajv.addSchema({ ...closed(JSON.parse(JSON.stringify(document))), $id: "urn:ledgerstone:document" });
  return (pointer) => ajv.compile({ $ref: `urn:ledgerstone:document#${pointer}` });
}

const pointerTo = (...keys: string[]) =>
  keys.map((key) => `/${encodeURIComponent(key.replace(/~/g, "~0").replace(/\//g, "~1"))}`).join("");

describe("http: the OpenAPI document", () => {
  const document = buildDocument(routes as never, "0.0.0");
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
      routes.map(nameOf).sort(),
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
          assert.ok((schema.examples ?? []).length > 0, `${name} has no example of its body`);
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
    assert.throws(() => buildDocument([sites, renamed] as never, "0.0.0"), /two schemas of the API are named Site/);
  });
});

describe("http: answers beside the OpenAPI document", function () {
  this.timeout(180_000);
  let appliance: Appliance;
  let tenant: ApplianceTenant;
  let document: Document;
  let compile: ReturnType<typeof compiler>;
  const seen = new Set<string>();
  const ids: Record<string, string> = {};

  before(async () => {
    appliance = await startAppliance();
    tenant = await appliance.createTenant("Alder");
    document = (await appliance.call("", "GET", "/api/openapi.json")).json<Document>();
    compile = compiler(document);
  });
  after(() => appliance?.stop());

  /** Calls a route, and checks status and body by the document. */
  async function call<T = Record<string, string>>(
    method: string,
    path: string,
    body?: unknown,
    query = "",
  ): Promise<T> {
    const url = `/api/v1${path}`.replace(/\{n\}/, "0").replace(/\{(\w+)\}/g, (_, name: string) => ids[name]!);
    const answer = await appliance.call(tenant.apiKey, method.toUpperCase(), url + query, body);
    assert.ok(answer.status < 400, `${method} ${url}: ${answer.status} ${answer.body}`);
    check(method, path, answer);
    return (answer.body === "" ? undefined : answer.json()) as T;
  }

  function check(method: string, path: string, { status, body, headers }: Answer): void {
    const name = `${method} /api/v1${path}`;
    const type = (headers["content-type"] ?? "").split(";")[0]!;
    const operation = document.paths[`/api/v1${path}`]![method]!;
    const told = operation.responses[String(status)];
    assert.ok(told, `${name}: a status that the document does not have: ${status} ${body}`);
    seen.add(name);
    if (body === "") return;
    const base =
      "$ref" in told ? told.$ref.slice(1) : pointerTo("paths", `/api/v1${path}`, method, "responses", String(status));
    const fits = compile(`${base}${pointerTo("content", type, "schema")}`);
    assert.ok(fits(JSON.parse(body)), `${name}: ${JSON.stringify(fits.errors)} in ${body}`);
  }

  async function sendWithImage(): Promise<void> {
    const bytes = await sharp({ create: { width: 40, height: 30, channels: 3, background: "red" } })
      .jpeg()
      .toBuffer();
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    ids.eventId = makeUuidv7(Date.now(), randomBytes(10));
    const images = [{ sha256, bytes: bytes.length, type: "image/jpeg" }];
    const event = { id: ids.eventId, kind: "gate.opened", occurred: new Date().toISOString(), body: {}, images };
    const form = new FormData();
    form.set("event", JSON.stringify(event));
    form.set(sha256, new Blob([Uint8Array.from(bytes)], { type: "image/jpeg" }), "image.jpg");
    const dispatcher = new Agent({ connect: { ca: appliance.ca } });
    const answer = await fetch(`${appliance.apiUrl}/api/v1/events?site=${ids.siteId}`, {
      method: "POST",
      headers: { authorization: `Bearer ${tenant.apiKey}` },
      body: form,
      dispatcher,
    });
    const headers = { "content-type": answer.headers.get("content-type")! };
    const body = await answer.text();
    check("post", "/events", { status: answer.status, headers, body, json: () => JSON.parse(body) });
    await dispatcher.close();
  }

  it("serves the document that the table gives, to anybody, and 304 to who has it", async () => {
    const answer = await appliance.call("", "GET", "/api/openapi.json");
    assert.equal(answer.status, 200);
    const { version } = document.info;
    assert.deepEqual(answer.json(), JSON.parse(JSON.stringify(buildDocument(routes as never, version))));
    const dispatcher = new Agent({ connect: { ca: appliance.ca } });
    const again = await request(`${appliance.apiUrl}/api/openapi.json`, {
      headers: { "if-none-match": answer.headers.etag! },
      dispatcher,
    });
    assert.equal(again.statusCode, 304);
    await dispatcher.close();
  });

  it("what changes something answers as the document says", async () => {
    const { siteId } = await call("post", "/sites", { name: "Gate" });
    ids.siteId = siteId!;
    await call("patch", "/sites/{siteId}", { name: "Gate 2" });
    await call("patch", "/tenant", { plainMqtt: true, coolingOffHours: 0 });
    const { deviceId } = await call("post", "/sites/{siteId}/devices", { name: "camera" });
    ids.deviceId = deviceId!;
    await call("post", "/devices/{deviceId}/enrolment-code", {});
    const { deviceId: plain } = await call("post", "/sites/{siteId}/devices", { name: "old", access: "plain" });
    ids.deviceId = plain!;
    await call("post", "/devices/{deviceId}/password", {});
    await call("post", "/devices/{deviceId}/revoke", { reason: "test" });
    const occurred = new Date().toISOString();
    await call("post", "/events", [{ kind: "gate.opened", occurred, body: {} }, { kind: "?" }], `?site=${siteId}`);
    await sendWithImage();
    await call("post", "/sites/{siteId}/retention/preview", { imageDays: 1, eventDays: 1 });
    await call("put", "/sites/{siteId}/retention", { imageDays: 40, eventDays: 400 });
    const times = { from: "2026-11-01T00:00:00Z", to: "2027-11-01T00:00:00+01:00" };
    const hold = { ...times, subject: "plate:X", caseNumber: "1", reason: "test", owner: "I", reviewOn: "2099-01-01" };
    const { holdId } = await call("post", "/holds", hold);
    ids.holdId = holdId!;
    await call("post", "/retention/confirm", { reason: "test" });
    const { requestId } = await call("post", "/erasure-requests", { subject: "plate:ZZ99ZZZ", reason: "test" });
    ids.requestId = requestId!;
    const { exportId, taskId } = await call("post", "/exports", { events: [ids.eventId], subjects: ["plate:X"] });
    Object.assign(ids, { exportId, taskId });
    const wanted = { name: "few", permissions: ["sites:read"], siteIds: [siteId], ipAllowlist: ["10.0.0.0/8"] };
    const { apiKey } = await call<{ apiKey: { keyId: string } }>("post", "/api-keys", wanted);
    ids.keyId = apiKey.keyId;
    await call("post", "/api-keys/{keyId}/rotate", { overlapHours: 1 });
  });

  it("everything that can be read answers as the document says, before and after work is done", async () => {
    const reading = routes.filter(({ method }) => method === "get").map(({ path }) => path.slice("/api/v1".length));
    const readAll = async () => {
      for (const path of reading.filter((each) => !/images|download/.test(each))) {
        await call("get", path.replace(/:(\w+)/g, "{$1}"));
      }
    };
    await readAll();
    const ended = async () => (await call("get", "/exports/{exportId}")).state === "done";
    await waitUntil("the export", ended, { timeoutMs: 60_000, everyMs: 300 });
    const certified = async () => (await call<{ complete: boolean }>("get", "/erasure-requests/{requestId}")).complete;
    await waitUntil("the certificate", certified, { timeoutMs: 60_000, everyMs: 300 });
    await readAll();
    await call("post", "/holds/{holdId}/release", { reason: "test" });
    await call("delete", "/api-keys/{keyId}");
    await call("get", "/api-keys");
  });

  it("problems answer as the document says", async () => {
    const wrong: [string, string, string, unknown, number][] = [
      ["", "get", "/sites", undefined, 401],
      [tenant.apiKey, "post", "/sites", {}, 400],
      [tenant.apiKey, "post", "/sites", Buffer.alloc(2_000_000, 0x20), 413],
      [tenant.apiKey, "post", "/devices/{deviceId}/password", {}, 409],
    ];
    for (const [key, method, path, body, status] of wrong) {
      const url = `/api/v1${path}`.replace(/\{(\w+)\}/g, (_, name: string) => ids[name]!);
      const answer = await appliance.call(key, method.toUpperCase(), url, body);
      assert.equal(answer.status, status, answer.body);
      check(method, path, answer);
    }
  });

  it("has seen nearly every route answer", () => {
    const missing = routes.map(nameOf).filter((name) => !seen.has(name));
    assert.deepEqual(missing.sort(), [
      // Need a CA of the customer's, a change in its cooling-off, a waiting task; or are no JSON.
      "delete /api/v1/sites/{siteId}/retention/pending",
      "get /api/v1/events/{eventId}/images/{n}",
      "get /api/v1/events/{eventId}/images/{n}/thumbnail",
      "get /api/v1/exports/{exportId}/download",
      "post /api/v1/devices/{deviceId}/certificates",
      "post /api/v1/tasks/{taskId}/resume",
    ]);
  });

  it("shows a page without script, whose policy lets in its own stylesheet alone", async () => {
    const page = await appliance.call("", "GET", "/api/docs");
    assert.equal(page.status, 200);
    assert.equal(page.headers["content-type"], "text/html; charset=utf-8");
    assert.match(
      page.headers["content-security-policy"]!,
      /^default-src 'none'; style-src 'self'; frame-ancestors 'none'/,
    );
    assert.doesNotMatch(page.body, /<script|<style|style="|\son\w+=|https?:\/\//i);
    for (const { operation } of operationsOf(document)) assert.ok(page.body.includes(`id="${operation.operationId}"`));
    const css = await appliance.call("", "GET", "/api/docs.css");
    assert.equal(css.headers["content-type"], "text/css; charset=utf-8");
    assert.doesNotMatch(css.body, /url\(|@import/);
    const other = await appliance.call("", "GET", "/api/openapi.json");
    assert.doesNotMatch(other.headers["content-security-policy"]!, /style-src/);
  });
});
