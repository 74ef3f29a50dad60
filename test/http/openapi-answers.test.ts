import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import sharp from "sharp";
import { Agent, FormData, fetch, request } from "undici";
import { buildDocument, type Document } from "../../src/http/openapi/document.ts";
import { makeUuidv7 } from "../../src/record/uuidv7.ts";
import { type Answer, type Appliance, type ApplianceTenant, startAppliance } from "../support/appliance.ts";
import { directorySettings } from "../support/ldap-settings.ts";
import { waitUntil } from "../support/process.ts";
import { providerMetadata } from "../support/saml-metadata.ts";
import { compiler, nameOf, operationsOf, pointerTo, routes, tables } from "./openapi-document.ts";

/** What people do, and the operator: test/identity/access/administer.test.ts, and the tests of sign-in and notices. */
const isOfPeople = ({ path, session }: { path: string; session?: true }): boolean =>
  session === true ||
  /^\/api\/v1\/(?:appliance|approvals|approval-rules|groups|roles|grants|invitations|keys|users)\b/.test(path);

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

  async function setUpSaml(): Promise<void> {
    const { entityId, ssoUrl, certificates } = await call<Record<string, unknown>>("post", "/saml/metadata", {
      xml: providerMetadata,
    });
    const pems = (certificates as { pem: string }[]).map(({ pem }) => pem);
    await call("put", "/saml", { enabled: false, idp: { entityId, ssoUrl, certificates: pems } });
    await call("post", "/saml/keys");
    const { keys } = await call<{ keys: { keyId: string; state: string }[] }>("post", "/saml/keys/rotate");
    ids.samlKeyId = keys.find(({ state }) => state === "previous")!.keyId;
    await call("delete", "/saml/keys/{samlKeyId}");
    ids.testId = (await call("post", "/saml/tests")).testId!;
  }

  async function setUpCases(): Promise<void> {
    const open = async (name: string | null) => {
      ids.caseId = (await call("post", "/erasure-cases", { about: "plate QQ11QQQ", name })).caseId!;
    };
    await open("J. Doe");
    await call("post", "/erasure-cases/{caseId}/refusal", { reason: "not the keeper" });
    await open(null);
    await call("post", "/erasure-cases/{caseId}/identity-request");
    await call("post", "/erasure-cases/{caseId}/identity-check", { method: "in-person" });
    await call("post", "/erasure-cases/{caseId}/extension", { reason: "many registers" });
    await call("post", "/erasure-cases/{caseId}/acceptance", { subjects: ["plate:QQ11QQQ"] });
    await call("patch", "/tenant", { erasurePage: true });
    const asked = await appliance.call("", "POST", "/api/v1/intake/alder/erasure-requests", { about: "plate X" });
    check("post", "/intake/{slug}/erasure-requests", asked);
  }

  async function setUpDirectory(): Promise<void> {
    const added = { name: "Staff", settings: directorySettings, bindPassword: "the service account's" };
    const { directoryId } = await call("post", "/ldap/directories", added);
    await call("post", "/ldap/directories", added);
    ids.directoryId = directoryId!;
    await call("put", "/ldap/directories/{directoryId}", { name: "Staff", version: 1, settings: directorySettings });
    await call("post", "/ldap/directories/{directoryId}/test", { userName: "ben" });
    const rules = [{ kind: "ldap", value: "cn=staff", builtinRole: "viewer", siteIds: [ids.siteId] }];
    const asked = { kind: "ldap", issuer: directoryId, groups: ["CN=Staff"], rules };
    await call("post", "/directory/mapping/preview", asked);
    await call("put", "/directory/mapping", { version: 0, rules });
    ids.userId ??= (await call("post", "/users", { userName: "ben", displayName: "Ben" })).userId!;
    const link = (subject: string) =>
      call("post", "/users/{userId}/links", { kind: "ldap", issuer: directoryId, subject });
    ids.linkId = (await link("ben")).linkId!;
    await call("delete", "/users/{userId}/links/{linkId}");
    await link("ben");
    const { directories } = await call<{ directories: { directoryId: string }[] }>("get", "/ldap/directories");
    ids.directoryId = directories.find((each) => each.directoryId !== directoryId)!.directoryId;
    await call("delete", "/ldap/directories/{directoryId}");
    ids.directoryId = directoryId!;
  }

  it("serves the document that the table gives, to anybody, and 304 to who has it", async () => {
    const answer = await appliance.call("", "GET", "/api/openapi.json");
    assert.equal(answer.status, 200);
    const { version } = document.info;
    assert.deepEqual(answer.json(), JSON.parse(JSON.stringify(buildDocument(tables, version))));
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
    const { letters } = await call<{ letters: { letterId: string }[] }>("get", "/dead-letters");
    ids.letterId = letters[0]!.letterId;
    await call("post", "/dead-letters/{letterId}/retry");
    await call("post", "/retention/files/retry");
    await call("post", "/sites/{siteId}/retention/preview", { imageDays: 1, eventDays: 1 });
    await call("put", "/sites/{siteId}/retention", { imageDays: 40, eventDays: 400 });
    const times = { from: "2026-11-01T00:00:00Z", to: "2027-11-01T00:00:00+01:00" };
    const hold = { ...times, subject: "plate:X", caseNumber: "1", reason: "test", owner: "I", reviewOn: "2099-01-01" };
    const { holdId } = await call("post", "/holds", hold);
    ids.holdId = holdId!;
    await call("post", "/retention/confirm", { reason: "test" });
    const { requestId } = await call("post", "/erasure-requests", { subject: "plate:ZZ99ZZZ", reason: "test" });
    ids.requestId = requestId!;
    await setUpCases();
    await call("post", "/exports/estimate", { events: [ids.eventId] });
    const { exportId, taskId } = await call("post", "/exports", { events: [ids.eventId], subjects: ["plate:X"] });
    Object.assign(ids, { exportId, taskId, seq: "1" });
    await call("post", "/ledger/checks");
    const wanted = { name: "few", permissions: ["sites:read"], siteIds: [siteId], ipAllowlist: ["10.0.0.0/8"] };
    const { apiKey } = await call<{ apiKey: { keyId: string } }>("post", "/api-keys", wanted);
    ids.keyId = apiKey.keyId;
    await setUpSaml();
    await setUpDirectory();
    await call("post", "/api-keys/{keyId}/rotate", { overlapHours: 1 });
  });

  it("everything that can be read answers as the document says, before and after work is done", async () => {
    const reading = routes
      // SCIM's answers: test/identity/scim/server.test.ts.
      .filter((route) => route.method === "get" && route.path.startsWith("/api/v1/") && !isOfPeople(route))
      .map(({ path }) => path.slice("/api/v1".length));
    const readAll = async () => {
      for (const path of reading.filter((each) => !/images|download|stream|verifiers/.test(each))) {
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
    await call("post", "/dead-letters/{letterId}/discard", { reason: "test" });
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
    const missing = routes
      .filter((route) => !isOfPeople(route))
      .map(nameOf)
      .filter((name) => !seen.has(name) && !name.includes("/scim/v2/"));
    assert.deepEqual(missing.sort(), [
      // Need a CA of the customer's, a change in its cooling-off, a waiting task; or are no JSON.
      "delete /api/v1/sites/{siteId}/retention/pending",
      "get /api/v1/events/{eventId}/images/{n}",
      "get /api/v1/events/{eventId}/images/{n}/thumbnail",
      "get /api/v1/evidence/verifiers/{verifier}",
      "get /api/v1/exports/{exportId}/download",
      "get /api/v1/tasks/{taskId}/stream",
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
    assert.doesNotMatch(page.body, /<script|<style|style="|\son\w+=|(?:href|src|action|data)="(?!#|\/(?!\/))/i);
    for (const { operation } of operationsOf(document)) assert.ok(page.body.includes(`id="${operation.operationId}"`));
    const css = await appliance.call("", "GET", "/api/docs.css");
    assert.equal(css.headers["content-type"], "text/css; charset=utf-8");
    assert.doesNotMatch(css.body, /url\(|@import/);
    const other = await appliance.call("", "GET", "/api/openapi.json");
    assert.doesNotMatch(other.headers["content-security-policy"]!, /style-src/);
  });
});
