import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import sharp from "sharp";
import { Agent, FormData, fetch } from "undici";
import { appendRow } from "../../src/audit/index.ts";
import { routeTable } from "../../src/http/api-routes.ts";
import { makeUuidv7 } from "../../src/record/uuidv7.ts";
import { openPersons, type Person, type Persons } from "../identity/persons.ts";
import { type Answer, type Appliance, type ApplianceTenant, startAppliance } from "../support/appliance.ts";
import { directorySettings } from "../support/ldap-settings.ts";
import { waitUntil } from "../support/process.ts";
import { scimToken } from "../support/scim.ts";

type Ids = Record<string, string>;
type Stocked = ApplianceTenant & { ids: Ids; scimToken: string; person: Person };

const scimCore = "urn:ietf:params:scim:schemas:core:2.0";
const scimPatch = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/** Bodies that a route takes from the tenant whose things it names. A mutating route that is missing here fails the test. */
const bodies: Record<string, unknown> = {
  "patch /api/v1/sites/:siteId": { name: "Gate" },
  "post /api/v1/sites/:siteId/devices": { name: "camera" },
  "post /api/v1/devices/:deviceId/enrolment-code": {},
  "post /api/v1/devices/:deviceId/password": {},
  "post /api/v1/devices/:deviceId/certificates": { certificate: "none: no CA of the tenant's own is configured" },
  "post /api/v1/devices/:deviceId/revoke": { reason: "test" },
  "post /api/v1/sites/:siteId/retention/preview": { imageDays: 5, eventDays: 5 },
  "put /api/v1/sites/:siteId/retention": { imageDays: 40, eventDays: 400 },
  "delete /api/v1/sites/:siteId/retention/pending": undefined,
  "post /api/v1/holds/:holdId/release": { reason: "test" },
  "post /api/v1/erasure-cases/:caseId/identity-request": undefined,
  "post /api/v1/erasure-cases/:caseId/identity-check": { method: "in-person" },
  "post /api/v1/erasure-cases/:caseId/extension": { reason: "test" },
  "post /api/v1/erasure-cases/:caseId/acceptance": { subjects: ["plate:QQ11QQQ"] },
  "post /api/v1/erasure-cases/:caseId/refusal": { reason: "test" },
  "post /api/v1/dead-letters/:letterId/retry": undefined,
  "post /api/v1/dead-letters/:letterId/discard": { reason: "test" },
  "post /api/v1/tasks/:taskId/resume": { reason: "test" },
  "post /api/v1/api-keys/:keyId/rotate": {},
  "delete /api/v1/api-keys/:keyId": undefined,
  "patch /api/v1/users/:userId": { displayName: "Benjamin" },
  "post /api/v1/users/:userId/deactivate": undefined,
  "post /api/v1/users/:userId/reactivate": undefined,
  "post /api/v1/users/:userId/sign-in-link": undefined,
  "delete /api/v1/users/:userId/factors": undefined,
  "post /api/v1/users/:userId/unlock": undefined,
  "delete /api/v1/users/:userId/sessions/:sessionId": undefined,
  "post /api/v1/users/:userId/log-out-everywhere": undefined,
  "delete /api/v1/sessions/:sessionId": undefined,
  "patch /api/v1/account/factors/:factorId": { name: "phone" },
  "delete /api/v1/account/factors/:factorId": undefined,
  "patch /api/v1/groups/:groupId": { name: "Day shift" },
  "post /api/v1/groups/:groupId/members": { add: [] },
  "delete /api/v1/groups/:groupId": undefined,
  "patch /api/v1/roles/:roleId": { name: "Readers" },
  "delete /api/v1/roles/:roleId": undefined,
  "delete /api/v1/grants/:grantId": undefined,
  "post /api/v1/approvals/:approvalId/approve": undefined,
  "post /api/v1/approvals/:approvalId/refuse": { reason: "test" },
  "delete /api/v1/approvals/:approvalId": undefined,
  "delete /api/v1/saml/keys/:samlKeyId": undefined,
  "put /api/v1/ldap/directories/:directoryId": { name: "Staff", version: 1, settings: directorySettings },
  "post /api/v1/ldap/directories/:directoryId/test": {},
  "delete /api/v1/ldap/directories/:directoryId": undefined,
  "post /api/v1/users/:userId/links": { kind: "ldap", issuer: "elsewhere", subject: "somebody" },
  "delete /api/v1/users/:userId/links/:linkId": undefined,
  "put /scim/v2/Users/:scimUserId": { schemas: [`${scimCore}:User`], userName: "ada" },
  "patch /scim/v2/Users/:scimUserId": { schemas: [scimPatch], Operations: [{ op: "remove", path: "title" }] },
  "delete /scim/v2/Users/:scimUserId": undefined,
  "put /scim/v2/Groups/:scimGroupId": { schemas: [`${scimCore}:Group`], displayName: "keepers" },
  "patch /scim/v2/Groups/:scimGroupId": { schemas: [scimPatch], Operations: [{ op: "remove", path: "members" }] },
  "delete /scim/v2/Groups/:scimGroupId": undefined,
};

async function sendWithImage({ ca, apiUrl }: Appliance, apiKey: string, siteId: string, event: object): Promise<void> {
  const bytes = await sharp({ create: { width: 40, height: 30, channels: 3, background: "red" } })
    .jpeg()
    .toBuffer();
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const form = new FormData();
  form.set("event", JSON.stringify({ ...event, images: [{ sha256, bytes: bytes.length, type: "image/jpeg" }] }));
  form.set(sha256, new Blob([Uint8Array.from(bytes)], { type: "image/jpeg" }), "image.jpg");
  const dispatcher = new Agent({ connect: { ca } });
  const headers = { authorization: `Bearer ${apiKey}` };
  const answer = await fetch(`${apiUrl}/api/v1/events?site=${siteId}`, {
    method: "POST",
    headers,
    body: form,
    dispatcher,
  });
  assert.match(await answer.text(), /"images":\[[^\]]*"status":"stored"/);
  await dispatcher.close();
}

const eventId = (): string => makeUuidv7(Date.now(), randomBytes(10));

/** An answer without what is new in each: ids and the correlation. */
const shape = ({ status, body }: Answer) =>
  `${status} ${body.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "id")}`;

describe("isolation: two tenants over every route", () => {
  let appliance: Appliance;
  let alder: Stocked;
  let birch: Stocked;
  // The table of routes alone: no handler runs here.
  // The operator's routes name tenants: test/identity/access/operator.test.ts.
  const routes = routeTable().filter(({ path }) => !path.startsWith("/api/v1/appliance/"));
  let persons: Persons;
  // SCIM's descriptions of itself and verifiers are nobody's, and every ledger has a row 1 (test/ledger/rows.test.ts).
  const withIds = routes.filter(({ path }) => path.includes("/:") && !/:(typeName|schemaUrn|seq|verifier)/.test(path));

  before(async function () {
    this.timeout(180_000);
    appliance = await startAppliance({
      configure: (config) => Object.assign(config.http!, { publicUrl: "https://localhost" }),
    });
    persons = await openPersons(appliance);
    alder = await stock("Alder");
    birch = await stock("Birch");
  });
  after(async () => {
    await persons?.stop();
    await appliance?.stop();
  });

  const name = (route: { method: string; path: string }) => `${route.method} ${route.path}`;

  const ok = <T>(answer: Answer): T => {
    assert.ok(answer.status >= 200 && answer.status < 300, `${answer.status} ${answer.body}`);
    return answer.json<T>();
  };

  /** A tenant with one of everything that a route can name. */
  async function stock(tenantName: string): Promise<Stocked> {
    const tenant = await appliance.createTenant(tenantName);
    const call = async <T>(method: string, path: string, body?: unknown) =>
      ok<T>(await appliance.call(tenant.apiKey, method, `/api/v1${path}`, body));
    const { siteId } = await call<Ids>("POST", "/sites", { name: `${tenantName} gate` });
    const { deviceId } = await call<Ids>("POST", `/sites/${siteId}/devices`, { name: `${tenantName} camera` });
    const event = { id: eventId(), kind: "gate.opened", occurred: new Date().toISOString(), body: { tenantName } };
    await sendWithImage(appliance, tenant.apiKey, siteId!, { ...event, subjects: ["plate:AB12CDE"] });
    await call("POST", `/events?site=${siteId}`, [{ kind: "?" }]);
    const { letters } = await call<{ letters: Ids[] }>("GET", "/dead-letters");
    const image = `/api/v1/events/${event.id}/images/0`;
    const small = async () => (await appliance.call(tenant.apiKey, "GET", `${image}/thumbnail`)).status === 200;
    await waitUntil("the thumbnail", small, { timeoutMs: 30_000, everyMs: 200 });
    const held = { siteId, caseNumber: "1", reason: "test", owner: "somebody", reviewOn: "2099-01-01" };
    const { holdId } = await call<Ids>("POST", "/holds", held);
    const request = await call<Ids>("POST", "/erasure-requests", { subject: "plate:ZZ99ZZZ", reason: "test" });
    const { caseId } = await call<Ids>("POST", "/erasure-cases", { about: "plate QQ11QQQ" });
    const { exportId } = await call<Ids>("POST", "/exports", { events: [event.id] });
    const { apiKey } = await call<{ apiKey: Ids }>("POST", "/api-keys", { name: "other", permissions: ["sites:read"] });
    const { tasks } = await call<{ tasks: Ids[] }>("GET", "/tasks");
    const { keys } = await call<{ keys: Ids[] }>("POST", "/saml/keys");
    const { testId } = await call<Ids>("POST", "/saml/tests");
    const added = { name: "Staff", settings: directorySettings, bindPassword: "the service account's" };
    const { directoryId } = await call<Ids>("POST", "/ldap/directories", added);
    const { userId } = await call<Ids>("POST", "/users", { userName: "ben", displayName: "Ben" });
    const person = { kind: "ldap", issuer: directoryId, subject: "ben" };
    const { linkId } = await call<Ids>("POST", `/users/${userId}/links`, person);
    const own = await stockAccess(tenant, call, { userId: userId!, eventId: event.id });
    const { token } = await scimToken(appliance, tenant.apiKey);
    const scim = async (type: "User" | "Group", body: object) => {
      const whole = { schemas: [`${scimCore}:${type}`], ...body };
      return ok<Ids>(await appliance.call(token, "POST", `/scim/v2/${type}s`, whole)).id!;
    };
    const scimUserId = await scim("User", { userName: `${tenantName} ada` });
    const scimGroupId = await scim("Group", { displayName: `${tenantName} keepers`, members: [{ value: scimUserId }] });
    return {
      ...tenant,
      scimToken: token,
      person: own.person,
      ids: {
        ...own.ids,
        ...{ siteId: siteId!, deviceId: deviceId!, eventId: event.id, holdId: holdId!, exportId: exportId! },
        ...{ requestId: request.requestId!, caseId: caseId!, keyId: apiKey.keyId!, taskId: tasks[0]!.taskId! },
        letterId: letters[0]!.letterId!,
        ...{ scimUserId, scimGroupId, samlKeyId: keys[0]!.keyId!, testId: testId! },
        ...{ directoryId: directoryId!, userId: userId!, linkId: linkId! },
      },
    };
  }

  type Call = <T = Ids>(method: string, path: string, body?: unknown) => Promise<T>;

  /** A person with sessions and a factor; a group, a role, a grant; a request that waits for a second person. */
  async function stockAccess(tenant: ApplianceTenant, call: Call, { userId, eventId: event }: Ids) {
    const { tenantId } = tenant;
    const person = await persons.make(tenantId, "owner", [{ role: "owner" }]);
    await person.again();
    const { sessions } = ok<{ sessions: { sessionId: string; current: boolean }[] }>(
      await person.call("GET", "/api/v1/sessions"),
    );
    await persons.signIn(tenantId, { userId: userId!, userName: "ben" });
    const theirs = await call<{ sessions: { sessionId: string }[] }>("GET", `/users/${userId}/sessions`);
    const { factorId } = await persons.inTenant(tenantId, async (tx) => {
      const { rows } = await tx.query<{ factorId: string }>(
        `insert into factors (tenant_id, user_id, kind, name, sealed) values (app.tenant(), $1, 'totp', 'phone', '\\x00')
         returning factor_id as "factorId"`,
        [person.userId],
      );
      await appendRow(tx, { action: "factor.added", entity: { type: "factor", id: rows[0]!.factorId } });
      return rows[0]!;
    });
    const { groupId } = await call("POST", "/groups", { name: "Night shift" });
    const { roleId } = await call("POST", "/roles", { name: "Watchers", permissions: ["sites:read"] });
    const { grantId } = await call("POST", "/grants", { to: { userId }, role: { builtin: "viewer" } });
    const needed = (secondPerson: string) =>
      call("PATCH", "/approval-rules", { rules: [{ act: "evidence.export", secondPerson }] });
    await needed("on");
    const { approval } = await call<{ approval: Ids }>("POST", "/exports", { events: [event] });
    await needed("off");
    const ids = {
      ...{ groupId: groupId!, roleId: roleId!, grantId: grantId!, approvalId: approval.approvalId!, factorId },
      ownSessionId: sessions.find(({ current }) => !current)!.sessionId,
      sessionId: theirs.sessions[0]!.sessionId,
    };
    return { person, ids };
  }

  const send = (as: Stocked, route: { method: string; path: string; session?: true }, ids: Ids) => {
    // An image's number is nobody's: each tenant's event has one image.
    const path = route.path
      .replace(":n", "0")
      .replace(/(?<=v1\/sessions\/):sessionId/, ":ownSessionId")
      .replace(/:(\w+)/g, (_, param: string) => {
        assert.ok(ids[param], `${name(route)}: no ${param} was made: stock the tenants with one`);
        return ids[param];
      });
    if (route.session) return as.person.call(route.method.toUpperCase(), path, bodies[name(route)]);
    const key = route.path.startsWith("/scim/") ? as.scimToken : as.apiKey;
    return appliance.call(key, route.method.toUpperCase(), path, bodies[name(route)]);
  };

  it("knows every route that names something, and a body for each that changes something", () => {
    assert.ok(withIds.length > 15, `only ${withIds.length}`);
    const missing = withIds.filter((route) => route.method !== "get" && !(name(route) in bodies));
    assert.deepEqual(missing.map(name), []);
  });

  it("what the other tenant has is not found, by any route", async () => {
    for (const route of withIds) {
      const answer = await send(alder, route, birch.ids);
      const unknown = Object.fromEntries(Object.keys(birch.ids).map((key) => [key, crypto.randomUUID()]));
      const nowhere = await send(alder, route, { ...unknown, eventId: eventId() });
      assert.equal(shape(answer), shape(nowhere), `${name(route)} tells that it exists`);
      assert.equal(answer.status, 404, `${name(route)}: ${answer.status} ${answer.body}`);
    }
  });

  it("no list shows anything of the other tenant, and each shows one's own", async () => {
    const lists = routes.filter((route) => route.method === "get" && !route.path.includes("/:"));
    assert.ok(lists.length >= 8);
    for (const route of lists) {
      for (const [own, other] of [[alder, birch] as const, [birch, alder] as const]) {
        const answer = await send(own, route, {});
        assert.equal(answer.status, 200, `${name(route)}: ${answer.body}`);
        for (const id of [other.tenantId, ...Object.values(other.ids)]) {
          assert.ok(!answer.body.includes(id), `${name(route)} shows ${id}`);
        }
      }
    }
  });

  it("ids of the other tenant inside bodies and queries reach nothing", async () => {
    const { siteId, eventId: event } = birch.ids;
    const hold = { caseNumber: "2", reason: "test", owner: "somebody", reviewOn: "2099-01-01" };
    const fresh = { id: eventId(), kind: "gate.opened", occurred: new Date().toISOString(), body: {} };
    const key = { name: "wide", permissions: ["sites:read"], siteIds: [siteId] };
    const denied: [string, string, unknown][] = [
      ["POST", `/api/v1/events?site=${siteId}`, [fresh]],
      ["POST", "/api/v1/holds", { ...hold, siteId }],
      ["POST", "/api/v1/api-keys", key],
    ];
    for (const [method, path, body] of denied) {
      const answer = await appliance.call(alder.apiKey, method, path, body);
      assert.ok(answer.status >= 400 && answer.status < 500, `${method} ${path}: ${answer.status} ${answer.body}`);
    }
    const found = ok<{ events: unknown[] }>(await appliance.call(alder.apiKey, "GET", `/api/v1/events?site=${siteId}`));
    assert.deepEqual(found.events, []);
    await appliance.call(alder.apiKey, "POST", "/api/v1/erasure-requests", { eventIds: [event], reason: "theirs" });
    ok(await appliance.call(birch.apiKey, "GET", `/api/v1/events/${event}`));
  });

  it("the same requests reach one's own things", async () => {
    // Last what ends something; of sessions first the single ones.
    const destructive = (route: { method: string; path: string }) =>
      /revoke|release|delete|deactivate|log-out|discard/.test(name(route))
        ? name(route).includes("/sessions/:")
          ? 1
          : 2
        : 0;
    for (const route of withIds.toSorted((a, b) => destructive(a) - destructive(b))) {
      const { status, body } = await send(birch, route, birch.ids);
      // Found, but perhaps not in a state for this: then the answer names the state.
      const found = (status >= 200 && status < 300) || status === 409 || body.includes('"found":"state ');
      assert.ok(found, `${name(route)}: ${status} ${body}`);
    }
  });
});
