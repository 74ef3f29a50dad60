import assert from "node:assert/strict";
import { appendRow } from "../../../src/audit/index.ts";
import type { Document } from "../../../src/http/openapi/document.ts";
import { recordExpiries } from "../../../src/identity/index.ts";
import { compiler, pointerTo } from "../../http/openapi-document.ts";
import type { Answer } from "../../support/appliance.ts";
import { type Alder, openAlder, type Person } from "../persons.ts";

type Ids = Record<string, string>;

describe("access: administered over HTTP, as the document says", function () {
  this.timeout(180_000);
  let appliance: Alder["appliance"];
  let persons: Alder["persons"];
  let tenant: Alder["tenant"];
  let stop: Alder["stop"] | undefined;
  let document: Document;
  let compile: ReturnType<typeof compiler>;
  let ada: Person;
  let admin: Person;
  let siteA: string;
  let siteB: string;

  before(async () => {
    ({ appliance, persons, tenant, ada, stop } = await openAlder());
    document = (await appliance.call("", "GET", "/api/openapi.json")).json<Document>();
    compile = compiler(document);
    admin = await persons.make(tenant.tenantId, "adam", [{ role: "admin" }]);
    [siteA, siteB] = [await newSite("A"), await newSite("B")];
  });
  after(() => stop?.());

  const newSite = async (name: string) => (await ask<Ids>(ada, "post", "/sites", { name })).siteId!;

  /** Asks, expects success unless told otherwise, and holds the answer against the document. */
  async function ask<T = Ids>(by: Person, method: string, path: string, body?: unknown, status?: number): Promise<T> {
    const answer = await by.call(method.toUpperCase(), `/api/v1${path}`, body);
    if (status === undefined) assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.body}`);
    else assert.equal(answer.status, status, `${method} ${path}: ${answer.body}`);
    fits(method, path, answer);
    return (answer.body === "" ? undefined : answer.json()) as T;
  }

  function fits(method: string, path: string, { status, body, headers }: Answer): void {
    const pattern = `/api/v1${path.split("?")[0]}`;
    const template = Object.keys(document.paths).find((each) =>
      new RegExp(`^${each.replace(/\{\w+\}/g, "[0-9a-f-]{36}")}$`).test(pattern),
    );
    assert.ok(template, `the document has no ${pattern}`);
    const told = document.paths[template]![method]!.responses[String(status)];
    assert.ok(told, `${method} ${template}: a status that the document does not have: ${status} ${body}`);
    if (body === "") return;
    const base =
      "$ref" in told ? told.$ref.slice(1) : pointerTo("paths", template, method, "responses", String(status));
    const check = compile(`${base}${pointerTo("content", headers["content-type"]!.split(";")[0]!, "schema")}`);
    assert.ok(check(JSON.parse(body)), `${method} ${template}: ${JSON.stringify(check.errors)} in ${body}`);
  }

  const newUser = async (userName: string) =>
    (await ask(ada, "post", "/users", { userName, displayName: userName.toUpperCase() })).userId!;

  it("accounts are made, found by text, changed by who read the newest, and paged through", async () => {
    const userId = await newUser("grace");
    for (let n = 0; n < 5; n++) await newUser(`crew-${n}`);
    await ask(ada, "post", "/users", { userName: "GRACE", displayName: "Other" }, 409);
    const found = await ask<{ users: Ids[] }>(ada, "get", "/users?text=GRA");
    assert.deepEqual(
      found.users.map((user) => user.userId),
      [userId],
    );
    const seen: string[] = [];
    for (let after: string | null = ""; after !== null; ) {
      const page: { users: Ids[]; next: string | null } = await ask(
        ada,
        "get",
        `/users?limit=3${after && `&after=${after}`}`,
      );
      seen.push(...page.users.map((user) => user.userName!));
      after = page.next;
    }
    assert.deepEqual(seen, ["ada", "adam", "crew-0", "crew-1", "crew-2", "crew-3", "crew-4", "grace"]);
    await ask(ada, "get", "/users?after=%21", undefined, 400);
    const path = `/api/v1/users/${userId}`;
    const { etag } = (await ada.call("GET", path)).headers;
    const changed = await ada.call("PATCH", path, { displayName: "Grace" }, { "if-match": etag! });
    assert.equal(changed.status, 200, changed.body);
    assert.equal((await ada.call("PATCH", path, { displayName: "Late" }, { "if-match": etag! })).status, 412);
  });

  it("lists say who is where: by state, source and group, by last sign-in, with everybody's sessions and ways in", async () => {
    const ids = async (query: string) =>
      (await ask<{ users: Ids[] }>(ada, "get", `/users${query}`)).users.map(({ userId }) => userId);
    const [ida, ivo] = [
      await persons.make(tenant.tenantId, "list-ida", [{ role: "viewer" }]),
      await newUser("list-ivo"),
    ];
    const { groupId } = await ask(ada, "post", "/groups", { name: "Listed" });
    await ask(ada, "post", `/groups/${groupId}/members`, { add: [ivo] });
    assert.deepEqual(await ids(`?group=${groupId}`), [ivo]);
    assert.deepEqual(await ids("?text=list-&sort=-lastSignInAt"), [ida.userId, ivo], "never comes last");
    const { groups } = await ask<{ groups: Ids[] }>(ada, "get", `/groups?member=${ivo}`);
    assert.deepEqual(
      groups.map((each) => each.groupId),
      [groupId],
    );
    const sessions = async () =>
      (await ask<{ sessions: (Ids & { current: boolean })[] }>(ada, "get", "/tenant/sessions?text=list-")).sessions;
    assert.deepEqual(
      (await sessions()).map(({ userId, current }) => [userId, current]),
      [[ida.userId, false]],
    );
    await ask(ida, "get", "/tenant/sessions", undefined, 403);
    const waysIn = await ask<{ passwordSetAt: null; lastSignInAt: string; lockedUntil: null; factors: [] }>(
      ada,
      "get",
      `/users/${ida.userId}/sign-in`,
    );
    assert.ok(waysIn.lastSignInAt);
    assert.deepEqual([waysIn.passwordSetAt, waysIn.lockedUntil, waysIn.factors], [null, null, []]);
    await ask(ida, "get", `/users/${ivo}/sign-in`, undefined, 403);
    await ask(ada, "post", `/users/${ida.userId}/deactivate`);
    assert.deepEqual(await ids("?text=list-&state=deactivated"), [ida.userId]);
    assert.deepEqual(await ids("?text=list-&state=active&source=local"), [ivo]);
    assert.deepEqual(await sessions(), []);
  });

  it("what a directory keeps is refused here, with where to change it", async () => {
    const kept = await persons.inTenant(tenant.tenantId, async (tx) => {
      const { rows } = await tx.query<{ user_id: string; group_id: string }>(
        `with u as (insert into users (tenant_id, user_name, display_name, source) values (app.tenant(), 'kim', 'Kim', 'scim') returning user_id),
              g as (insert into groups (tenant_id, name, source) values (app.tenant(), 'Staff', 'scim') returning group_id)
         select user_id, group_id from u, g`,
      );
      await appendRow(tx, { action: "user.created", entity: { type: "user", id: rows[0]!.user_id } });
      return rows[0]!;
    });
    const refused = await ask<{ remedy: string }>(ada, "patch", `/users/${kept.user_id}`, { displayName: "K" }, 409);
    assert.match(refused.remedy, /in the directory/);
    await ask(ada, "post", `/users/${kept.user_id}/reactivate`, undefined, 409);
    await ask(ada, "patch", `/groups/${kept.group_id}`, { name: "Other" }, 409);
    await ask(ada, "post", `/groups/${kept.group_id}/members`, { add: [kept.user_id] }, 409);
    await ask(ada, "delete", `/groups/${kept.group_id}`, undefined, 409);
    await ask(ada, "post", "/grants", { to: { groupId: kept.group_id }, role: { builtin: "viewer" } });
  });

  it("nobody makes, gives or takes what he lacks, nor touches who may do more", async () => {
    const userId = await newUser("hal");
    await ask(admin, "post", "/grants", { to: { userId }, role: { builtin: "owner" } }, 403);
    await ask(admin, "post", "/roles", { name: "Keys", permissions: ["keys:rotate"] }, 403);
    await ask(admin, "post", `/users/${ada.userId}/deactivate`, undefined, 403);
    await ask(admin, "patch", `/users/${ada.userId}`, { email: "mine@example.com" }, 403);
    const { grants } = await ask<{ grants: Ids[] }>(ada, "get", `/grants?userId=${ada.userId}`);
    await ask(admin, "delete", `/grants/${grants[0]!.grantId}`, undefined, 403);
    const { groupId } = await ask(ada, "post", "/groups", { name: "Owners" });
    await ask(ada, "post", "/grants", { to: { groupId }, role: { builtin: "owner" } });
    await ask(admin, "post", `/groups/${groupId}/members`, { add: [admin.userId] }, 403);
    await ask(admin, "delete", `/groups/${groupId}`, undefined, 403);
    // An admin of one site gives that site's rights, and no other's.
    const local = await persons.make(tenant.tenantId, "lou", [{ role: "admin", sites: [siteA] }]);
    await ask(local, "post", "/grants", { to: { userId }, role: { builtin: "viewer" } }, 403);
    await ask(local, "post", "/grants", { to: { userId }, role: { builtin: "viewer" }, siteIds: [siteB] }, 404);
    await ask(local, "post", "/grants", { to: { userId }, role: { builtin: "viewer" }, siteIds: [siteA] });
    // The last local owner stays: by grant, by account, by group.
    await ask(ada, "delete", `/grants/${grants[0]!.grantId}`, undefined, 409);
    await ask(ada, "post", `/users/${ada.userId}/deactivate`, undefined, 409);
    await ask(ada, "delete", `/groups/${groupId}`);
  });

  it("a role in use cannot be deleted, and a changed role holds from the next request on", async () => {
    const role = await ask(ada, "post", "/roles", { name: "Gate keepers", permissions: ["sites:read", "holds:read"] });
    const { roleId } = role;
    await ask(ada, "post", "/roles", { name: "gate KEEPERS", permissions: ["sites:read"] }, 409);
    await ask(ada, "get", `/roles/${roleId}`);
    const gus = await persons.make(tenant.tenantId, "gus", [{ role: { roleId: roleId! } }]);
    await ask(gus, "get", "/holds");
    await ask(ada, "patch", `/roles/${roleId}`, { permissions: ["sites:read"] });
    await ask(gus, "get", "/holds", undefined, 403);
    await ask(ada, "delete", `/roles/${roleId}`, undefined, 409);
    const { grants } = await ask<{ grants: Ids[] }>(ada, "get", `/grants?userId=${gus.userId}`);
    await ask(ada, "delete", `/grants/${grants[0]!.grantId}`);
    await ask(gus, "get", "/sites", undefined, 403);
    await ask(ada, "delete", `/roles/${roleId}`);
    const { custom } = await ask<{ custom: Ids[] }>(ada, "get", "/roles");
    assert.ok(!custom.some((each) => each.roleId === roleId));
  });

  it("effective access names each part's grant, and the group that gives it", async () => {
    const userId = await newUser("ivy");
    const { groupId } = await ask(ada, "post", "/groups", { name: "Night shift" });
    await ask(ada, "post", `/groups/${groupId}/members`, { add: [userId] });
    const byGroup = await ask(ada, "post", "/grants", {
      to: { groupId },
      role: { builtin: "viewer" },
      siteIds: [siteA],
    });
    const own = await ask(ada, "post", "/grants", { to: { userId }, role: { builtin: "member" }, siteIds: [siteB] });
    const { permissions, grants } = await ask<{
      permissions: { permission: string; siteIds: string[]; grants: string[] }[];
      grants: { grantId: string; groupName: string | null }[];
    }>(ada, "get", `/users/${userId}/access`);
    const reading = permissions.find(({ permission }) => permission === "sites:read")!;
    assert.deepEqual(new Set(reading.siteIds), new Set([siteA, siteB]));
    assert.deepEqual(reading.grants, [byGroup.grantId, own.grantId]);
    const writing = permissions.find(({ permission }) => permission === "devices:write")!;
    assert.deepEqual([writing.siteIds, writing.grants], [[siteB], [own.grantId]]);
    assert.deepEqual(
      grants.map(({ groupName }) => groupName),
      ["Night shift", null],
    );
    const { members } = await ask<{ members: string[] }>(ada, "get", `/groups/${groupId}/members`);
    assert.deepEqual(members, [userId]);
    await ask(ada, "get", `/groups/${groupId}`);
    await ask(ada, "patch", `/groups/${groupId}`, { name: "Day shift" });
    await ask(ada, "get", "/groups?limit=1");
  });

  it("a grant ends at its time by itself, and its end is written down and told once", async () => {
    const jo = await persons.make(tenant.tenantId, "jo", []);
    await ask(jo, "get", "/sites", undefined, 403);
    const past = new Date(Date.now() - 1000).toISOString();
    await ask(ada, "post", "/grants", { to: { userId: jo.userId }, role: { builtin: "viewer" }, expiresAt: past }, 400);
    const expiresAt = new Date(Date.now() + 4000).toISOString();
    const { grantId } = await ask(ada, "post", "/grants", {
      to: { userId: jo.userId },
      role: { builtin: "viewer" },
      expiresAt,
    });
    await ask(jo, "get", "/sites");
    await new Promise((resolve) => setTimeout(resolve, Date.parse(expiresAt) - Date.now() + 100));
    await ask(jo, "get", "/sites", undefined, 403);
    const record = () => persons.inTenant(tenant.tenantId, (tx) => recordExpiries(tx));
    assert.equal((await record()) + (await record()) <= 1, true);
    const { rows } = await appliance.superuser.query(
      "select count(*)::int as told from ledger.rows where tenant_id = $1 and action = 'access.expired' and entity_id = $2",
      [tenant.tenantId, grantId],
    );
    assert.equal(rows[0].told, 1);
  });

  it("a deactivated person's session and keys are out at once, and back they need a new session", async () => {
    const max = await persons.make(tenant.tenantId, "max", [{ role: "admin" }]);
    const { key } = await ask(max, "post", "/api-keys", { name: "max", permissions: ["sites:read"] });
    assert.equal((await appliance.call(key!, "GET", "/api/v1/sites")).status, 200);
    await ask(ada, "post", `/users/${max.userId}/deactivate`);
    assert.equal((await max.call("GET", "/api/v1/sites")).status, 401);
    assert.equal((await appliance.call(key!, "GET", "/api/v1/sites")).status, 401);
    await ask(ada, "post", `/users/${max.userId}/reactivate`);
    assert.equal((await max.call("GET", "/api/v1/sites")).status, 401);
    const again = await max.again();
    await ask(again, "get", "/sites");
  });

  it("rules of the second person: read, tightened by an owner, loosened with a second one", async () => {
    await ask(admin, "patch", "/approval-rules", { approvalHours: 24 }, 403);
    const before = await ask<{ deciders: number; rules: { act: string; secondPerson: string }[] }>(
      ada,
      "get",
      "/approval-rules",
    );
    assert.equal(before.deciders, 1);
    await ask(ada, "patch", "/approval-rules", { rules: [{ act: "keys.rotate", secondPerson: "on" }] });
    const { keys } = await ask<{ keys: Ids[] }>(ada, "get", "/keys");
    assert.equal(keys.length, 2);
    // Alone, she waits and may then confirm it herself.
    const { approval } = await ask<{ approval: { approvalId: string; aloneFrom: string } }>(
      ada,
      "post",
      "/keys/data/rotate",
      undefined,
      202,
    );
    const hours = (Date.parse(approval.aloneFrom) - Date.now()) / 3_600_000;
    assert.ok(hours > 71 && hours < 73, `${hours}`);
    await ask(ada, "get", `/approvals/${approval.approvalId}`);
    await ask(ada, "post", `/approvals/${approval.approvalId}/approve`, undefined, 403);
    // With a second owner loosening it waits for the second one, and giving somebody the right to decide too.
    const bea = await persons.make(tenant.tenantId, "bea", [{ role: "owner" }]);
    const weaker = await ask<{ approval: Ids }>(
      ada,
      "patch",
      "/approval-rules",
      { rules: [{ act: "keys.rotate", secondPerson: "off" }] },
      202,
    );
    const third = await newUser("third");
    await ask(ada, "post", "/grants", { to: { userId: third }, role: { builtin: "owner" } }, 202);
    await ask(ada, "post", "/grants", { to: { userId: third }, role: { builtin: "viewer" } });
    await ask(bea, "post", `/approvals/${approval.approvalId}/approve`);
    assert.equal((await ask<{ keys: Ids[] }>(ada, "get", "/keys")).keys.length, 3);
    await ask(bea, "post", `/approvals/${weaker.approval.approvalId}/approve`);
    await ask(ada, "post", "/keys/data/rotate");
    await ask(ada, "get", "/approvals?state=executed&limit=1");
    await ask(ada, "post", "/keys/signing/rotate", undefined, 409);
  });
});
