import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createRole } from "../../../src/identity/access/custom-roles.ts";
import { selectGrants } from "../../../src/identity/access/store.ts";
import {
  accessOf,
  changeMembers,
  createGroup,
  createUser,
  csrfToken,
  grantRole,
  requireUser,
  revokeGrant,
} from "../../../src/identity/index.ts";
import type { Appliance } from "../../support/appliance.ts";
import { waitUntil } from "../../support/process.ts";
import { fields, filtered, group, type Lab, ok, openScimLab, patch, refused, user } from "./lab.ts";

export function scimAccess(appliance: () => Appliance): void {
  describe("SCIM: access", function () {
    this.timeout(120_000);
    let lab: Lab;
    let send: Lab["alder"]["scim"]["send"];
    before(async () => {
      lab = await openScimLab(appliance());
      ({ send } = lab.alder.scim);
    });
    after(() => lab?.stop());

    const make = async (userName: string, more: object = {}): Promise<string> =>
      ok(await send("POST", "/Users", user({ userName, ...more })), 201).id;
    const accessOfUser = (userId: string) => lab.inside(lab.alder, (tx) => accessOf(tx, userId));
    const groupWith = async (displayName: string, role: "owner" | "admin" | "viewer", members: string[] = []) => {
      const list = members.map((value) => ({ value }));
      const groupId = ok(await send("POST", "/Groups", group({ displayName, members: list })), 201).id;
      await lab.inside(lab.alder, (tx) =>
        grantRole(tx, null, { to: { groupId }, role: { builtin: role }, siteIds: null, expiresAt: null }),
      );
      return groupId;
    };

    /** A person with a session and a key of his own making, both of which the app lets in. */
    async function somebodyIn(userName: string): Promise<{ userId: string; asks(): Promise<number[]> }> {
      const userId = await make(userName);
      await groupWith(`${userName}'s group`, "admin", [userId]);
      const cookie = await lab.signIn(lab.alder, userId);
      const csrf = csrfToken(cookie.split("=")[1]!);
      const wanted = { name: "own", permissions: ["sites:read"] };
      const made = await lab.post("/api/v1/api-keys", { cookie, "x-csrf-token": csrf }, wanted);
      assert.equal(made.status, 201, made.body);
      const { key } = JSON.parse(made.body) as { key: string };
      const asks = () =>
        Promise.all([
          lab.ask("/api/v1/sites", { cookie }),
          lab.ask("/api/v1/sites", { authorization: `Bearer ${key}` }),
        ]);
      assert.deepEqual(await asks(), [200, 200]);
      return { userId, asks };
    }

    for (const [how, end] of [
      [
        "PATCH",
        (userId: string) => send("PATCH", `/Users/${userId}`, patch({ op: "Replace", path: "active", value: "False" })),
      ],
      ["PUT", (userId: string) => send("PUT", `/Users/${userId}`, user({ userName: "ends by PUT", active: false }))],
      ["DELETE", (userId: string) => send("DELETE", `/Users/${userId}`)],
    ] as const) {
      it(`active: false by ${how} refuses a live session and the person's key from the next request on`, async () => {
        const { userId, asks } = await somebodyIn(`ends by ${how}`);
        const before = (await lab.rows(lab.alder)).at(-1)!.seq;
        const answer = await end(userId);
        const begun = performance.now();
        assert.ok(answer.status < 300, answer.body);
        assert.deepEqual(await asks(), [401, 401]);
        assert.ok(performance.now() - begun < 1_000);
        const { rows } = await lab.appliance.superuser.query(
          "select count(*)::int as open from sessions where user_id = $1 and ended_at is null",
          [userId],
        );
        assert.equal(rows[0].open, 0);
        const told = await lab.rows(lab.alder, before);
        const actions = told.map(({ action }) => action);
        for (const action of ["user.deactivated", "api-key.revoked"]) assert.ok(actions.includes(action), `${actions}`);
        assert.ok(
          told.every(({ who }) => who === `scim ${lab.alder.keyId} scim`),
          JSON.stringify(told),
        );
        if (how === "DELETE") return;
        ok(await send("PATCH", `/Users/${userId}`, patch({ op: "Replace", path: "active", value: "True" })));
        assert.deepEqual(await asks(), [401, 401], "what ended does not come back");
      });
    }

    it("a role given to a group holds for its members at once, and ends with membership, group or account", async () => {
      const userId = await make("grouped");
      const groupId = await groupWith("Viewers", "viewer");
      assert.equal((await accessOfUser(userId)).size, 0);
      const cookie = await lab.signIn(lab.alder, userId);
      const see = () => lab.ask("/api/v1/sites", { cookie });
      assert.equal(await see(), 403);
      const change = (...operations: object[]) => send("PATCH", `/Groups/${groupId}`, patch(...operations));
      ok(await change({ op: "add", path: "members", value: [{ value: userId }] }), 204);
      assert.equal(await see(), 200);
      ok(await change({ op: "remove", path: `members[value eq "${userId}"]` }), 204);
      assert.equal(await see(), 403);
      ok(await change({ op: "add", path: "members", value: [{ value: userId }] }), 204);
      assert.equal(await see(), 200);
      ok(await send("DELETE", `/Groups/${groupId}`), 204);
      assert.equal(await see(), 403);
    });

    it("the appliance's own accounts and groups are shown nowhere and touched by nothing", async () => {
      const owner = await lab.localUser(lab.alder, "break-glass");
      const { userId } = owner;
      const own = await lab.inside(lab.alder, async (tx) => {
        await grantRole(tx, null, { to: { userId }, role: { builtin: "owner" }, siteIds: null, expiresAt: null });
        return createGroup(tx, { name: "Own group", source: "local", externalId: null });
      });
      for (const filter of ['userName eq "break-glass"', `id eq "${userId}"`, 'userName sw "break"']) {
        assert.equal(ok(await send("GET", `/Users${filtered(filter)}`)).totalResults, 0, filter);
      }
      assert.equal(ok(await send("GET", `/Groups${filtered('displayName eq "own group"')}`)).totalResults, 0);
      const off = patch({ op: "replace", path: "active", value: false });
      const rename = patch({ op: "replace", path: "displayName", value: "mine" });
      for (const [method, path, body] of [
        ["GET", `/Users/${userId}`],
        ["PATCH", `/Users/${userId}`, off],
        ["PUT", `/Users/${userId}`, user({ userName: "break-glass", active: false })],
        ["DELETE", `/Users/${userId}`],
        ["GET", `/Groups/${own.groupId}`],
        ["PATCH", `/Groups/${own.groupId}`, rename],
        ["PUT", `/Groups/${own.groupId}`, group({ displayName: "mine" })],
        ["DELETE", `/Groups/${own.groupId}`],
      ] as const) {
        const answer = await send(method, path, body);
        refused(answer, 403, undefined, `${method} ${path}`);
        assert.match(answer.body, /the appliance's own: SCIM may not touch it/);
      }
      refused(await send("POST", "/Users", user({ userName: "Break-Glass" })), 409, "uniqueness");
      refused(await send("POST", "/Groups", group({ displayName: "OWN group" })), 409, "uniqueness");
      // The last owner by a group of the directory's stays too, and that is no matter of names.
      const last = await groupWith("Last owners", "owner");
      await lab.inside(lab.alder, async (tx) => {
        await changeMembers(tx, last, { add: [userId] });
        const [direct] = await selectGrants(tx, { userId });
        await revokeGrant(tx, null, direct!.grantId);
      });
      const stays = await send("DELETE", `/Groups/${last}`);
      refused(stays, 409);
      assert.match(stays.body, /no local owner/);
      const groupId = await groupWith("Directory", "viewer");
      const added = await send(
        "PATCH",
        `/Groups/${groupId}`,
        patch({ op: "add", path: "members", value: [{ value: userId }] }),
      );
      refused(added, 403);
      // Whom an owner put in by hand, a directory does not see, nor take out by putting its own list there.
      await lab.inside(lab.alder, (tx) => changeMembers(tx, groupId, { add: [userId] }));
      assert.deepEqual(ok(await send("GET", `/Groups/${groupId}`)).members, []);
      ok(await send("PATCH", `/Groups/${groupId}`, patch({ op: "replace", path: "members", value: [] })), 204);
      const { rows } = await lab.appliance.superuser.query("select from group_members where group_id = $1", [groupId]);
      assert.equal(rows.length, 1);
      assert.equal((await lab.inside(lab.alder, (tx) => requireUser(tx, userId))).active, true);
    });

    it("SCIM makes nobody an owner", async () => {
      const userId = await make("climber");
      const groupId = await groupWith("Owners", "owner");
      const answer = await send(
        "PATCH",
        `/Groups/${groupId}`,
        patch({ op: "add", path: "members", value: [{ value: userId }] }),
      );
      refused(answer, 403);
      assert.match(answer.body, /SCIM may not make owners/);
      refused(
        await send("PUT", `/Groups/${groupId}`, group({ displayName: "Owners", members: [{ value: userId }] })),
        403,
      );
      assert.equal((await accessOfUser(userId)).size, 0);
      // A role of the tenant's own that decides on requests is as good as ownership.
      const deciders = ok(await send("POST", "/Groups", group({ displayName: "Deciders" })), 201).id;
      await lab.inside(lab.alder, async (tx) => {
        const maker = new Map([["approvals:decide", "all" as const]]);
        const { roleId } = await createRole(tx, maker, { name: "Decider", permissions: ["approvals:decide"] });
        await grantRole(tx, null, { to: { groupId: deciders }, role: { roleId }, siteIds: null, expiresAt: null });
      });
      const join = patch({ op: "add", path: "members", value: [{ value: userId }] });
      refused(await send("PATCH", `/Groups/${deciders}`, join), 403);
      // Without the refusal the same membership is ownership.
      await lab.inside(lab.alder, (tx) => changeMembers(tx, groupId, { add: [userId] }));
      assert.equal((await accessOfUser(userId)).get("sign-in:write"), "all");
      refused(
        await send("PATCH", `/Users/${userId}`, patch({ op: "add", path: "roles", value: [{ value: "owner" }] })),
        400,
        "invalidValue",
      );
    });

    it("somebody whom SAML made is taken over by the directory that names them; somebody of LDAP is not", async () => {
      const [saml, ldap] = await lab.inside(lab.alder, async (tx) => {
        const wanted = { displayName: "Jit", email: "jit@example.com", externalId: null };
        return [
          await createUser(lab.deps, tx, { ...wanted, userName: "jit@example.com", source: "saml" }),
          await createUser(lab.deps, tx, { ...wanted, userName: "ldap@example.com", source: "ldap" }),
        ];
      });
      const found = ok(await send("GET", `/Users${filtered('emails[type eq "work"].value eq "jit@example.com"')}`));
      assert.equal(found.totalResults, 1);
      assert.equal(found.Resources![0]!.id, saml!.userId);
      assert.deepEqual(found.Resources![0]!.emails, [{ value: "jit@example.com", type: "work", primary: true }]);
      const title = patch({ op: "add", path: "title", value: "Guard" });
      assert.equal(ok(await send("PATCH", `/Users/${saml!.userId}`, title)).title, "Guard");
      assert.equal((await lab.inside(lab.alder, (tx) => requireUser(tx, saml!.userId))).source, "scim");
      refused(await send("PATCH", `/Users/${ldap!.userId}`, title), 403);
    });

    it("DELETE ends memberships and own grants, frees the name, and keeps the account for the ledger", async () => {
      const userId = await make("leaver", { externalId: "leaver-1", title: "Guard" });
      const groupId = await groupWith("Leavers", "viewer", [userId]);
      await lab.inside(lab.alder, (tx) =>
        grantRole(tx, null, { to: { userId }, role: { builtin: "admin" }, siteIds: null, expiresAt: null }),
      );
      ok(await send("DELETE", `/Users/${userId}`), 204);
      assert.deepEqual(ok(await send("GET", `/Groups/${groupId}`)).members, []);
      const kept = await lab.inside(lab.alder, (tx) => requireUser(tx, userId));
      assert.deepEqual([kept.active, kept.userName], [false, `removed-${userId}`]);
      const again = await make("leaver", { externalId: "leaver-2" });
      assert.notEqual(again, userId);
      const back = ok(await send("POST", "/Users", user({ userName: "leaver back", externalId: "leaver-1" })), 201);
      assert.equal(back.id, userId);
      assert.equal(back.title, undefined);
      assert.equal((await accessOfUser(userId)).size, 0, "what was taken does not come back");
    });

    it("an erasure request takes what SCIM said of a person, also of one whom the directory took back", async () => {
      const nickName = `n${randomBytes(8).toString("hex")}`;
      // In a tenant without owners, where no second person is asked.
      const { scim, apiKey } = lab.birch;
      const made = async (userName: string, externalId: string) =>
        ok(await scim.send("POST", "/Users", user({ userName, nickName, externalId })), 201).id;
      const userId = await made("erased", "erased-1");
      const removed = await made("taken back", "erased-2");
      ok(await scim.send("DELETE", `/Users/${removed}`), 204);
      for (const each of [userId, removed]) {
        const body = { subject: `user:${each}`, reason: "test" };
        const asked = await lab.appliance.call(apiKey, "POST", "/api/v1/erasure-requests", body);
        assert.match(asked.body, /"requestId"/);
      }
      const left = async () => {
        const { rows } = await lab.appliance.superuser.query<{ left: number }>(
          `select (select count(*) from scim_users where user_id = any($1::uuid[]))::int
              + (select count(*) from users where user_id = any($1::uuid[]) and erased_at is null)::int
              + (select count(*) from ledger.openings where content like '%' || $2 || '%')::int as left`,
          [[userId, removed], nickName],
        );
        return rows[0]!.left;
      };
      await waitUntil("the erasures", async () => (await left()) === 0, { timeoutMs: 60_000, everyMs: 300 });
      refused(await scim.send("GET", `/Users/${userId}`), 404);
      refused(await scim.send("PATCH", `/Users/${userId}`, patch({ op: "replace", path: "active", value: true })), 404);
      // Nothing is left by which they could be known again.
      const again = ok(await scim.send("POST", "/Users", user({ userName: "erased", externalId: "erased-2" })), 201);
      assert.ok(![userId, removed].includes(again.id));
    });

    it("what speaks of a person stands in units that carry the person as subject, and in no header", async () => {
      const secret = randomBytes(8).toString("hex");
      const userId = await make(`u-${secret}`, { displayName: `d-${secret}` });
      ok(await send("PATCH", `/Users/${userId}`, patch({ op: "add", path: "title", value: `t-${secret}` })));
      ok(await send("DELETE", `/Users/${userId}`), 204);
      const headers = await lab.appliance.superuser.query("select r::text as text from ledger.rows r");
      assert.ok(headers.rows.every(({ text }) => !text.includes(secret)));
      const subject = await lab.inside(lab.alder, (tx) => lab.deps.hashSubject(tx, `user:${userId}`));
      const spoken = await lab.appliance.superuser.query(
        `select $3 = any (o.subjects) as found from ledger.openings o
        where o.tenant_id = $1 and o.content like '%' || $2 || '%'`,
        [lab.alder.tenantId, secret, subject],
      );
      assert.ok(spoken.rows.length >= 3);
      assert.ok(spoken.rows.every(({ found }) => found));
    });

    it("one tenant's directory reaches nothing of the other's", async () => {
      const foreign = ok(await lab.birch.scim.send("POST", "/Users", user({ userName: "birch person" })), 201).id;
      const foreignGroup = ok(
        await lab.birch.scim.send("POST", "/Groups", group({ displayName: "Birch group" })),
        201,
      ).id;
      const nothing = patch({ op: "replace", path: "displayName", value: "mine" });
      for (const [method, path, body] of [
        ["GET", `/Users/${foreign}`],
        ["PATCH", `/Users/${foreign}`, nothing],
        ["PUT", `/Users/${foreign}`, user({ userName: "x" })],
        ["DELETE", `/Users/${foreign}`],
        ["GET", `/Groups/${foreignGroup}`],
        ["PATCH", `/Groups/${foreignGroup}`, nothing],
        ["PUT", `/Groups/${foreignGroup}`, group({ displayName: "x" })],
        ["DELETE", `/Groups/${foreignGroup}`],
      ] as const) {
        refused(await send(method, path, body), 404, undefined, `${method} ${path}`);
      }
      const groupId = ok(await send("POST", "/Groups", group({ displayName: "Alder group" })), 201).id;
      const add = patch({ op: "add", path: "members", value: [{ value: foreign }] });
      refused(await send("PATCH", `/Groups/${groupId}`, add), 400, "invalidValue");
      refused(
        await send("POST", "/Groups", group({ displayName: "y", members: [{ value: foreign }] })),
        400,
        "invalidValue",
      );
      assert.equal(ok(await send("GET", `/Users${filtered(`id eq "${foreign}"`)}`)).totalResults, 0);
      assert.ok(!(await send("GET", "/Users?count=200")).body.includes(foreign));
      assert.ok(!(await send("GET", "/Groups?count=200")).body.includes(foreignGroup));
      // The same names and ids of the directory's own are each tenant's.
      await make("birch person");
      assert.equal(fields(ok(await lab.birch.scim.send("GET", `/Users/${foreign}`))).userName, "birch person");
    });

    it("the chains verify, and no failure stands in the log", async () => {
      await lab.verify();
      assert.doesNotMatch(lab.appliance.app.output(), /request failed/);
    });
  });
}
