import assert from "node:assert/strict";
import { type Alder, openAlder, type Person } from "../persons.ts";

type Ids = Record<string, string>;

describe("access: ways round it that were tried", function () {
  this.timeout(180_000);
  let appliance: Alder["appliance"];
  let persons: Alder["persons"];
  let tenant: Alder["tenant"];
  let stop: Alder["stop"] | undefined;
  let ada: Person;
  let admin: Person;
  let siteA: string;

  before(async () => {
    ({ appliance, persons, tenant, ada, stop } = await openAlder());
    admin = await persons.make(tenant.tenantId, "adam", [{ role: "admin" }]);
    siteA = (await ask<Ids>(ada, "POST", "/sites", { name: "A" })).siteId!;
  });
  after(() => stop?.());

  async function ask<T = Ids>(by: Person, method: string, path: string, body?: unknown, status?: number): Promise<T> {
    const answer = await by.call(method, `/api/v1${path}`, body);
    if (status === undefined) assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.body}`);
    else assert.equal(answer.status, status, `${method} ${path}: ${answer.body}`);
    return (answer.body === "" ? undefined : answer.json()) as T;
  }

  it("an owner's account that is deactivated is still above an admin: for when it comes back", async () => {
    const ben = await persons.make(tenant.tenantId, "ben", [{ role: "owner" }]);
    await ask(ada, "POST", `/users/${ben.userId}/deactivate`);
    await ask(admin, "PATCH", `/users/${ben.userId}`, { email: "adam@example.com" }, 403);
    await ask(admin, "DELETE", `/users/${ben.userId}/factors`, undefined, 403);
    await ask(admin, "POST", `/users/${ben.userId}/unlock`, undefined, 403);
    await ask(ada, "PATCH", `/users/${ben.userId}`, { email: "ben@example.com" });
  });

  it("who has the keys of one site ends no key of another site or of the whole tenant", async () => {
    const wide = await ask<{ apiKey: Ids }>(ada, "POST", "/api-keys", { name: "wide", permissions: ["sites:read"] });
    const narrow = { name: "narrow", permissions: ["sites:read"], siteIds: [siteA] };
    const near = await ask<{ apiKey: Ids }>(ada, "POST", "/api-keys", narrow);
    const lou = await persons.make(tenant.tenantId, "lou", [{ role: "admin", sites: [siteA] }]);
    await ask(lou, "DELETE", `/api-keys/${wide.apiKey.keyId}`, undefined, 404);
    await ask(lou, "GET", `/api-keys/${wide.apiKey.keyId}`, undefined, 404);
    await ask(lou, "DELETE", `/api-keys/${near.apiKey.keyId}`);
    // Ending a key is no gift: an admin of all sites ends what may do more than he, too.
    const decider = { name: "decider", permissions: ["keys:rotate"] };
    const high = await ask<{ apiKey: Ids }>(ada, "POST", "/api-keys", decider);
    await ask(admin, "DELETE", `/api-keys/${high.apiKey.keyId}`);
  });

  it("second factors are not given up, nor sessions made longer, by a session that shows none", async () => {
    await ask(ada, "PATCH", "/tenant", { mfaRequired: true });
    const stale = await persons.make(tenant.tenantId, "sam", [{ role: "admin" }]);
    await appliance.superuser.query(
      "update sessions set stepped_up_at = now() - interval '11 minutes' where tenant_id = $1 and user_id = $2",
      [tenant.tenantId, stale.userId],
    );
    for (const weaker of [{ mfaRequired: false }, { sessionHours: 168 }, { sessionIdleMinutes: 1440 }]) {
      const answer = await stale.call("PATCH", "/api/v1/tenant", weaker);
      assert.equal(answer.status, 403, answer.body);
      assert.match(answer.body, /second factor/);
    }
    // To ask for more, or for what has nothing to do with it, takes no more than before.
    await ask(stale, "PATCH", "/tenant", { sessionHours: 8, sessionIdleMinutes: 15, name: "Alder" });
    await ask(ada, "PATCH", "/tenant", { mfaRequired: false, sessionHours: 12 });
  });

  it("two owners who take each other's role at once leave one", async () => {
    for (let round = 0; round < 2; round++) {
      const birch = await appliance.createTenant(`Birch ${round}`);
      const pair = [
        await persons.make(birch.tenantId, "eve", [{ role: "owner" }]),
        await persons.make(birch.tenantId, "max", [{ role: "owner" }]),
      ];
      const grants = await Promise.all(
        pair.map((each) => ask<{ grants: Ids[] }>(each, "GET", `/grants?userId=${each.userId}`)),
      );
      const answers = await Promise.all(
        grants.map((each, n) => pair[1 - n]!.call("DELETE", `/api/v1/grants/${each.grants[0]!.grantId}`)),
      );
      const { rows } = await appliance.superuser.query(
        "select count(*)::int as owners from role_grants where tenant_id = $1 and builtin_role = 'owner' and revoked_at is null",
        [birch.tenantId],
      );
      assert.ok(rows[0].owners >= 1, JSON.stringify(answers.map(({ status, body }) => [status, body])));
    }
  });

  it("an owner who puts the other one out has to wait as who is alone does", async () => {
    const elm = await appliance.createTenant("Elm");
    const rotate = (by: Person) => by.call("POST", "/api/v1/keys/data/rotate");
    const eve = await persons.make(elm.tenantId, "eve", [{ role: "owner" }]);
    assert.equal((await rotate(eve)).status, 200, "alone from the beginning: at once");
    const max = await persons.make(elm.tenantId, "max", [{ role: "owner" }]);
    assert.equal((await rotate(eve)).status, 202);
    await ask(eve, "POST", `/users/${max.userId}/deactivate`);
    const answer = await rotate(eve);
    assert.equal(answer.status, 202, answer.body);
    assert.notEqual(answer.json<{ approval: { aloneFrom: string | null } }>().approval.aloneFrom, null);
    await ask(eve, "POST", `/users/${max.userId}/reactivate`);
    const { grants } = await ask<{ grants: Ids[] }>(eve, "GET", `/grants?userId=${max.userId}`);
    await ask(eve, "DELETE", `/grants/${grants[0]!.grantId}`);
    assert.equal((await rotate(eve)).status, 202);
    await appliance.superuser.query(
      "update role_grants set revoked_at = now() - interval '1000 hours' where tenant_id = $1 and revoked_at is not null",
      [elm.tenantId],
    );
    assert.equal((await rotate(eve)).status, 200);
  });

  it("nobody who decides by a group or a role is put out of it by the other one alone", async () => {
    const oak = await appliance.createTenant("Oak");
    const eve = await persons.make(oak.tenantId, "eve", [{ role: "owner" }]);
    const max = await persons.make(oak.tenantId, "max", [{ role: "viewer" }]);
    const permissions = ["sites:read", "approvals:decide"];
    const { roleId } = await ask(eve, "POST", "/roles", { name: "Deciders", permissions });
    const { groupId } = await ask(eve, "POST", "/groups", { name: "Board" });
    await ask(eve, "POST", "/grants", { to: { groupId }, role: { roleId }, siteIds: null, expiresAt: null });
    await ask(eve, "POST", `/groups/${groupId}/members`, { add: [max.userId], remove: [] });
    await ask(eve, "POST", `/groups/${groupId}/members`, { add: [], remove: [max.userId] }, 202);
    await ask(eve, "DELETE", `/groups/${groupId}`, undefined, 202);
    await ask(eve, "PATCH", `/roles/${roleId}`, { permissions: ["sites:read"] }, 202);
    const { access } = await ask<{ access: Record<string, unknown> }>(max, "GET", "/session");
    assert.equal(access["approvals:decide"], "all", "he decides still");
  });
});
