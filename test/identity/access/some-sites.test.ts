import assert from "node:assert/strict";
import { type Alder, is, openAlder, type Person } from "../persons.ts";

type Ids = Record<string, string>;

describe("access: administrators of some sites, and places that nobody takes alone", function () {
  this.timeout(180_000);
  let appliance: Alder["appliance"];
  let persons: Alder["persons"];
  let tenant: Alder["tenant"];
  let stop: Alder["stop"] | undefined;
  let ada: Person;
  /** Admin and auditor of site A alone. */
  let lou: Person;
  let siteA: string;
  let siteB: string;

  before(async () => {
    ({ appliance, persons, tenant, ada, stop } = await openAlder({
      configure: (config) => Object.assign(config.http!, { publicUrl: "https://localhost" }),
    }));
    siteA = is<Ids>(await api(ada, "POST", "/sites", { name: "A" }), 201).siteId!;
    siteB = is<Ids>(await api(ada, "POST", "/sites", { name: "B" }), 201).siteId!;
    lou = await persons.make(tenant.tenantId, "lou", [{ role: "admin", sites: [siteA] }]);
  });
  after(() => stop?.());

  const api = (by: Person, method: string, path: string, body?: unknown) => by.call(method, `/api/v1${path}`, body);
  const names = async (by: Person): Promise<string[]> =>
    is<{ users: Ids[] }>(await api(by, "GET", "/users"), 200).users.map(({ userName }) => userName!);

  it("see the people, groups, grants and keys of their sites alone", async () => {
    const near = await persons.make(tenant.tenantId, "near", [{ role: "viewer", sites: [siteA, siteB] }]);
    const far = await persons.make(tenant.tenantId, "far", [{ role: "viewer", sites: [siteB] }]);
    const bare = await persons.make(tenant.tenantId, "bare", []);
    assert.deepEqual(await names(lou), ["ada", "lou", "near"]);
    assert.deepEqual(await names(ada), ["ada", "bare", "far", "lou", "near"]);
    for (const { userId } of [far, bare]) {
      for (const path of [`/users/${userId}`, `/users/${userId}/access`]) is(await api(lou, "GET", path), 404);
    }
    is(await api(lou, "GET", `/users/${near.userId}`), 200);
    const { grants } = is<{ grants: Ids[] }>(await api(lou, "GET", `/users/${near.userId}/access`), 200);
    assert.deepEqual(grants, [], "a grant that reaches beyond her sites tells of those");

    const group = async (name: string, site: string) => {
      const { groupId } = is<Ids>(await api(ada, "POST", "/groups", { name }), 201);
      const grant = { to: { groupId }, role: { builtin: "viewer" }, siteIds: [site] };
      is(await api(ada, "POST", "/grants", grant), 201);
      is(await api(ada, "POST", `/groups/${groupId}/members`, { add: [bare.userId] }), 200);
      return groupId!;
    };
    const [east, west] = [await group("East", siteA), await group("West", siteB)];
    const listed = is<{ groups: Ids[] }>(await api(lou, "GET", "/groups"), 200).groups;
    assert.deepEqual(
      listed.map(({ groupId }) => groupId),
      [east],
    );
    is(await api(lou, "GET", `/groups/${east}/members`), 200);
    for (const path of [`/groups/${west}`, `/groups/${west}/members`]) is(await api(lou, "GET", path), 404);
    assert.ok((await names(lou)).includes("bare"), "by a group of her site");

    const key = async (siteIds: string[] | null) =>
      is<{ apiKey: Ids }>(await api(ada, "POST", "/api-keys", { name: "k", permissions: ["sites:read"], siteIds }), 201)
        .apiKey.keyId;
    const [own, both, all] = [await key([siteA]), await key([siteA, siteB]), await key(null)];
    const { apiKeys } = is<{ apiKeys: Ids[] }>(await api(lou, "GET", "/api-keys"), 200);
    assert.deepEqual(
      apiKeys.map(({ keyId }) => keyId),
      [own],
    );
    for (const id of [both, all]) {
      is(await api(lou, "GET", `/api-keys/${id}`), 404);
      is(await api(lou, "DELETE", `/api-keys/${id}`), 404);
      is(await api(lou, "POST", `/api-keys/${id}/rotate`, {}), 404);
    }
  });

  it("change nothing that is the whole tenant's, by any route", async () => {
    const sid = await persons.make(tenant.tenantId, "sid", [{ role: "viewer", sites: [siteA] }]);
    const { groupId } = is<Ids>(await api(ada, "POST", "/groups", { name: "Crew" }), 201);
    const { roleId } = is<Ids>(await api(ada, "POST", "/roles", { name: "R", permissions: ["sites:read"] }), 201);
    const { version } = is<{ version: number }>(await api(ada, "GET", "/directory/mapping"), 200);
    const mapping = { version, rules: [], scimLinks: [] };
    const user = `/users/${sid.userId}`;
    const link = { kind: "ldap", issuer: "directory", subject: "sid" };
    const refused: [string, string, unknown?][] = [
      ["POST", "/users", { userName: "new", displayName: "New" }],
      ["PATCH", user, { displayName: "Other" }],
      ["POST", `${user}/deactivate`],
      ["POST", `${user}/reactivate`],
      ["GET", `${user}/sessions`],
      ["GET", `${user}/sign-in`],
      ["GET", `${user}/links`],
      ["POST", `${user}/links`, link],
      ["DELETE", `${user}/links/${siteA}`],
      ["DELETE", `${user}/sessions/${siteA}`],
      ["POST", `${user}/log-out-everywhere`],
      ["GET", "/tenant/sessions"],
      ["POST", "/groups", { name: "Mine" }],
      ["PATCH", `/groups/${groupId}`, { name: "Mine" }],
      ["POST", `/groups/${groupId}/members`, { add: [lou.userId] }],
      ["DELETE", `/groups/${groupId}`],
      ["POST", "/roles", { name: "Mine", permissions: ["sites:read"] }],
      ["PATCH", `/roles/${roleId}`, { name: "Mine" }],
      ["DELETE", `/roles/${roleId}`],
      ["GET", "/directory/mapping"],
      ["PUT", "/directory/mapping", mapping],
      ["GET", "/anomalies"],
      ["GET", "/saml"],
      ["GET", "/ldap/directories"],
    ];
    for (const [method, path, body] of refused) {
      const answer = await api(lou, method, path, body);
      assert.equal(answer.status, 403, `${method} ${path}: ${answer.status} ${answer.body}`);
      assert.match(answer.body, /whole tenant/, `${method} ${path}`);
    }
    is(await api(sid, "GET", "/sites"), 200);
  });

  it("give roles over their sites, invite, and help those who hold something there alone", async () => {
    const kim = await persons.make(tenant.tenantId, "kim", []);
    // An account that is still empty is nobody's to take before somebody gives it what others then use.
    for (const [method, path] of [
      ["POST", "sign-in-link"],
      ["DELETE", "factors"],
      ["POST", "unlock"],
    ] as const) {
      is(await api(lou, method, `/users/${kim.userId}/${path}`), 404);
    }
    const viewer = { to: { userId: kim.userId }, role: { builtin: "viewer" } };
    is(await api(lou, "POST", "/grants", { ...viewer, siteIds: [siteA] }), 201);
    is(await api(lou, "POST", `/users/${kim.userId}/sign-in-link`), 201);
    is(await api(ada, "POST", "/grants", { ...viewer, siteIds: [siteB] }), 201);
    is(await api(lou, "POST", `/users/${kim.userId}/sign-in-link`), 403);
    const invited = { userName: "new", displayName: "New", email: null, role: "viewer" };
    is(await api(lou, "POST", "/invitations", invited), 403);
    is(await api(lou, "POST", "/invitations", { ...invited, siteIds: [siteA] }), 201);
  });

  it("an owner does not take a colleague's place by putting them out first", async () => {
    const elm = await appliance.createTenant("Elm");
    const eve = await persons.make(elm.tenantId, "eve", [{ role: "owner" }]);
    const max = await persons.make(elm.tenantId, "max", [{ role: "owner" }]);
    const user = `/users/${max.userId}`;
    is(await api(eve, "PATCH", user, { email: "eve@example.com" }), 202);
    is(await api(eve, "PATCH", user, { displayName: "Max" }), 200);
    is(await api(eve, "POST", `${user}/deactivate`), 200);
    is(await api(eve, "PATCH", user, { email: "eve@example.com" }), 202);
    is(await api(eve, "DELETE", `${user}/factors`), 202);
    is(await api(eve, "POST", `${user}/sign-in-link`), 202);
    is(await api(eve, "POST", `${user}/links`, { kind: "ldap", issuer: "directory", subject: "eve" }), 202);
    const { approval } = is<{ approval: { aloneFrom: string | null } }>(
      await api(eve, "POST", `${user}/reactivate`),
      202,
    );
    assert.notEqual(approval.aloneFrom, null, "who is alone waits");
    is(await api(max, "GET", "/session"), 401);
    // Who may not do it with a second person either asks for none.
    const admin = await persons.make(elm.tenantId, "adam", [{ role: "admin" }]);
    for (const [method, path] of [
      ["DELETE", "/factors"],
      ["POST", "/reactivate"],
    ] as const) {
      is(await api(admin, method, `${user}${path}`), 403);
    }
  });

  it("an Idempotency-Key gives back no answer of before its caller lost what they could do", async () => {
    const [key, other] = [crypto.randomUUID(), crypto.randomUUID()];
    const vic = await persons.make(tenant.tenantId, "vic", [{ role: "admin" }]);
    const send = (path: string, body: unknown, name: string) =>
      vic.call("POST", `/api/v1${path}`, body, { "idempotency-key": name });
    const hold = { siteId: siteB, caseNumber: "secret case", reason: "test", owner: "vic", reviewOn: "2099-01-01" };
    const first = await send("/holds", hold, key);
    is(first, 201);
    assert.equal((await send("/holds", hold, key)).body, first.body);
    const device = { name: "camera" };
    is(await send(`/sites/${siteB}/devices`, device, other), 201);
    const { grants } = is<{ grants: Ids[] }>(await api(ada, "GET", `/grants?userId=${vic.userId}`), 200);
    const near = { to: { userId: vic.userId }, role: { builtin: "member" }, siteIds: [siteA] };
    is(await api(ada, "POST", "/grants", near), 201);
    is(await api(ada, "DELETE", `/grants/${grants[0]!.grantId}`), 204);
    for (const again of [await send("/holds", hold, key), await send(`/sites/${siteB}/devices`, device, other)]) {
      assert.equal(again.status, 409, again.body);
      assert.ok(!/secret case|camera/.test(again.body), again.body);
    }
    const left = is<{ grants: Ids[] }>(await api(ada, "GET", `/grants?userId=${vic.userId}`), 200).grants;
    is(await api(ada, "DELETE", `/grants/${left[0]!.grantId}`), 204);
    is(await send("/holds", hold, key), 403);
  });
});
