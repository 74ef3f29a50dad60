import assert from "node:assert/strict";
import { linkUser, unlinkUser } from "../../../src/identity/directory/index.ts";
import { BUILTIN_ROLES, createGroup, grantRole, setMembers, startSession } from "../../../src/identity/index.ts";
import { AppError } from "../../../src/platform/errors.ts";
import { testDatabase } from "../../support/postgres.ts";
import { makeWorld, rule, verify, type World } from "./fixture.ts";
import { anybody, type Door, door, everything, guards, staff, subjectOf } from "./visitors.ts";

const isCode = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;

describe("directory: what groups outside give", () => {
  let world: World;
  let at: Door;
  before(async () => {
    world = await makeWorld(await testDatabase());
    at = door(world);
  });
  afterEach(() => verify(world));
  after(() => world.database.stop());

  it("takes what a lost group gave, keeps what a person gave, and refuses once nothing is left", async () => {
    await at.map([rule({ value: staff, builtinRole: "viewer" }), rule({ value: guards, builtinRole: "auditor" })]);
    const person = anybody({ groups: [staff, guards] });
    const userId = await at.accepted(person);
    assert.equal((await at.access(userId))["evidence:export"], "all");
    await at.accepted({ ...person, groups: [staff] });
    assert.equal((await at.access(userId))["evidence:export"], undefined);

    await world.administering((tx) =>
      grantRole(tx, null, { to: { userId }, role: { builtin: "member" }, siteIds: null, expiresAt: null }),
    );
    assert.equal(await at.accepted({ ...person, groups: [] }), userId, "a role given by hand is a role");
    assert.equal((await at.access(userId))["devices:write"], "all");

    const second = anybody();
    const secondId = await at.accepted(second);
    assert.deepEqual(await at.signIn({ ...second, groups: [] }), { ok: false, reason: "no-role", userId: secondId });
    assert.deepEqual(await at.access(secondId), {}, "the refusal took what the groups had given");
  });

  it("a sign-in by one issuer takes nothing that another one gave", async () => {
    await at.map([
      rule({ value: staff, builtinRole: "viewer" }),
      rule({ kind: "saml", value: "auditors", builtinRole: "auditor" }),
    ]);
    const person = anybody();
    const userId = await at.accepted(person);
    const saml = anybody({ kind: "saml", issuer: "https://idp.example.org", groups: ["auditors"] });
    await world.administering((tx) => linkUser(world.deps, tx, everything, { ...subjectOf(saml), userId }));
    assert.equal(await at.accepted(saml), userId);
    await at.accepted(person);
    assert.equal((await at.access(userId))["evidence:export"], "all");
    await at.accepted({ ...saml, groups: [] });
    assert.equal((await at.access(userId))["evidence:export"], undefined);
    assert.equal((await at.access(userId))["images:read"], "all");
  });

  it("makes a person a member of a local group, and leaves who was a member before", async () => {
    const group = await world.administering((tx) =>
      createGroup(tx, { name: "Night", source: "local", externalId: null }),
    );
    await world.administering((tx) =>
      grantRole(tx, null, {
        to: { groupId: group.groupId },
        role: { builtin: "member" },
        siteIds: null,
        expiresAt: null,
      }),
    );
    await at.map([rule({ value: guards, groupId: group.groupId }), rule({ value: staff, builtinRole: "viewer" })]);
    const mapped = anybody({ groups: [guards] });
    const mappedId = await at.accepted(mapped);
    assert.equal((await at.access(mappedId))["devices:write"], "all");
    const manual = anybody({ groups: [staff] });
    const manualId = await at.accepted(manual);
    await world.administering((tx) => setMembers(tx, group.groupId, [mappedId, manualId]));
    await at.accepted({ ...manual, groups: [staff, guards] });
    await at.accepted({ ...manual, groups: [staff] });
    await at.accepted({ ...mapped, groups: [staff] });
    assert.equal((await at.access(mappedId))["devices:write"], undefined);
    assert.equal((await at.access(manualId))["devices:write"], "all");
  });

  it("an unlinked person loses what the issuer gave, and the account's sessions end", async () => {
    await at.map([rule({ value: staff, builtinRole: "viewer" })]);
    const person = anybody();
    const userId = await at.accepted(person);
    const { token, session } = await world.signingIn((tx) =>
      startSession(world.deps, tx, { userId, via: "ldap", strength: 1, address: "10.0.0.1", userAgent: "test" }),
    );
    assert.ok(token);
    const { rows } = await world.database.superuser.query("select link_id from directory_links where user_id = $1", [
      userId,
    ]);
    await world.administering((tx) => unlinkUser(world.deps, tx, everything, { userId, linkId: rows[0].link_id }));
    assert.deepEqual(await at.access(userId), {});
    const ended = await world.database.superuser.query("select ended_reason from sessions where session_id = $1", [
      session.sessionId,
    ]);
    assert.equal(ended.rows[0].ended_reason, "unlinked");
    assert.deepEqual(await at.signIn({ ...person, userName: "another-name", provisioning: "known-only" }), {
      ok: false,
      reason: "unknown-user",
    });
  });

  it("nobody links a person to an account that may do more than himself", async () => {
    const strong = await at.localUser("strong");
    await world.administering((tx) =>
      grantRole(tx, null, { to: strong, role: { builtin: "owner" }, siteIds: null, expiresAt: null }),
    );
    const admin = new Map([...BUILTIN_ROLES.admin].map((permission) => [permission, "all" as const]));
    const link = { ...subjectOf(anybody()), userId: strong.userId };
    await assert.rejects(
      world.administering((tx) => linkUser(world.deps, tx, admin, link)),
      isCode("forbidden"),
    );
  });
});
