import assert from "node:assert/strict";
import { appendRow } from "../../../src/audit/index.ts";
import {
  type ExternalPerson,
  type ExternalSignIn,
  linkUser,
  setMapping,
  signInExternal,
  unlinkUser,
} from "../../../src/identity/directory/index.ts";
import type { MappingRule, Source } from "../../../src/identity/directory/mapping.ts";
import { selectMapping } from "../../../src/identity/directory/store.ts";
import {
  accessOf,
  BUILTIN_ROLES,
  createGroup,
  createUser,
  deactivateUser,
  grantRole,
  requireUser,
  setMembers,
  startSession,
} from "../../../src/identity/index.ts";
import { AppError } from "../../../src/platform/errors.ts";
import { testDatabase } from "../../support/postgres.ts";
import { seedTenant } from "../../support/seed.ts";
import { makeWorld, rule, shown, verify, type World } from "./fixture.ts";

const isCode = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;
const staff = "cn=staff,ou=groups,dc=example,dc=org";
const guards = "cn=guards,ou=groups,dc=example,dc=org";
const issuer = "directory-1";
const everything = new Map([...BUILTIN_ROLES.owner].map((permission) => [permission, "all" as const]));

describe("directory: signing in from outside", () => {
  let world: World;
  let names = 0;
  before(async () => {
    world = await makeWorld(await testDatabase());
  });
  afterEach(() => verify(world));
  after(() => world.database.stop());

  const anybody = (fields: Partial<ExternalPerson> = {}): ExternalPerson => {
    names++;
    return {
      kind: "ldap",
      issuer,
      subject: `subject-${names}`,
      userName: `person-${names}`,
      displayName: `Person ${names}`,
      email: `person-${names}@example.org`,
      groups: [staff],
      provisioning: "jit",
      ...fields,
    };
  };
  /** As callers do: the refusal's row, or the session's, is in the same transaction. */
  const signIn = (person: ExternalPerson): Promise<ExternalSignIn> =>
    world.signingIn(async (tx) => {
      const result = await signInExternal(world.deps, tx, person);
      await appendRow(tx, { action: "test.signed-in", entity: { type: "test", id: String(result.ok) } });
      return result;
    });
  const accepted = async (person: ExternalPerson): Promise<string> => {
    const result = await signIn(person);
    assert.ok(result.ok, JSON.stringify(result));
    return result.userId;
  };
  const map = (rules: MappingRule[], { giver = everything, scimLinks = [] as Source[] } = {}) =>
    world.administering(async (tx) => {
      const { version } = await selectMapping(tx);
      return setMapping(tx, giver as never, { version, rules, scimLinks });
    });
  const access = (userId: string) => world.administering(async (tx) => shown(await accessOf(tx, userId)));
  const localUser = (userName: string) =>
    world.administering((tx) =>
      createUser(world.deps, tx, { userName, displayName: userName, email: null, source: "local", externalId: null }),
    );

  it("makes an account for a person whose group has a role, limited to the role's sites", async () => {
    const [north] = world.tenant.sites;
    await map([rule({ value: staff, builtinRole: "viewer", siteIds: [north!.siteId] })]);
    const person = anybody({ groups: ["CN=Staff, OU=Groups, DC=example, DC=org"] });
    const userId = await accepted(person);
    const user = await world.administering((tx) => requireUser(tx, userId));
    assert.equal(user.source, "ldap");
    assert.equal(user.email, person.email);
    assert.deepEqual((await access(userId))["events:read"], [north!.siteId]);
    assert.equal((await world.unit("directory.linked")).after !== undefined, true);
    assert.equal(await accepted(person), userId, "the second sign-in finds the same account");
  });

  it("refuses a person without a mapped role, and makes no account", async () => {
    await map([rule({ value: staff, builtinRole: "viewer" })]);
    assert.deepEqual(await signIn(anybody({ groups: [guards] })), { ok: false, reason: "no-role" });
    assert.deepEqual(await signIn(anybody({ groups: [] })), { ok: false, reason: "no-role" });
    const { rows } = await world.database.superuser.query("select from users where user_name = $1", [
      `person-${names}`,
    ]);
    assert.equal(rows.length, 0);
  });

  it("never takes over an account that has the same user name or address", async () => {
    await map([rule({ value: staff, builtinRole: "viewer" })]);
    const owner = await localUser("Boss");
    const thief = anybody({ userName: "boss", email: "boss@example.org" });
    assert.deepEqual(await signIn(thief), { ok: false, reason: "user-name-taken" });
    const { rows } = await world.database.superuser.query("select from directory_links where user_id = $1", [
      owner.userId,
    ]);
    assert.equal(rows.length, 0);
  });

  it("keeps apart persons of two issuers, and of SAML and LDAP, who have the same subject", async () => {
    await map([
      rule({ value: staff, builtinRole: "viewer" }),
      rule({ kind: "saml", value: "staff", builtinRole: "viewer" }),
    ]);
    const first = await accepted(anybody({ subject: "same" }));
    const second = await accepted(anybody({ subject: "same", issuer: "directory-2" }));
    const third = await accepted(anybody({ subject: "same", kind: "saml", groups: ["staff"] }));
    assert.equal(new Set([first, second, third]).size, 3);
  });

  it("keeps tenants apart: another tenant's person with the same issuer and subject is a stranger", async () => {
    await map([rule({ value: staff, builtinRole: "viewer" })]);
    const person = anybody();
    await accepted(person);
    const other = await seedTenant(world.seed, { name: "Other" });
    const result = await world.signingIn(
      (tx) => signInExternal(world.deps, tx, { ...person, provisioning: "known-only" }),
      other,
    );
    assert.deepEqual(result, { ok: false, reason: "unknown-user" });
  });

  it("brings name and address up to date, but never onto a user name that somebody else has", async () => {
    await map([rule({ value: staff, builtinRole: "viewer" })]);
    const person = anybody();
    const userId = await accepted(person);
    await localUser("taken");
    await accepted({ ...person, userName: "TAKEN", displayName: "New Name", email: "not an address" });
    const user = await world.administering((tx) => requireUser(tx, userId));
    assert.deepEqual([user.userName, user.displayName, user.email], [person.userName, "New Name", null]);
  });

  it("takes what a lost group gave, keeps what a person gave, and refuses once nothing is left", async () => {
    await map([rule({ value: staff, builtinRole: "viewer" }), rule({ value: guards, builtinRole: "auditor" })]);
    const person = anybody({ groups: [staff, guards] });
    const userId = await accepted(person);
    assert.equal((await access(userId))["evidence:export"], "all");
    await accepted({ ...person, groups: [staff] });
    assert.equal((await access(userId))["evidence:export"], undefined);

    await world.administering((tx) =>
      grantRole(tx, null, { to: { userId }, role: { builtin: "member" }, siteIds: null, expiresAt: null }),
    );
    assert.equal(await accepted({ ...person, groups: [] }), userId, "a role given by hand is a role");
    assert.equal((await access(userId))["devices:write"], "all");

    const second = anybody();
    const secondId = await accepted(second);
    assert.deepEqual(await signIn({ ...second, groups: [] }), { ok: false, reason: "no-role", userId: secondId });
    assert.deepEqual(await access(secondId), {}, "the refusal took what the groups had given");
  });

  it("a sign-in by one issuer takes nothing that another one gave", async () => {
    await map([
      rule({ value: staff, builtinRole: "viewer" }),
      rule({ kind: "saml", value: "auditors", builtinRole: "auditor" }),
    ]);
    const person = anybody();
    const userId = await accepted(person);
    const saml = anybody({ kind: "saml", issuer: "https://idp.example.org", groups: ["auditors"] });
    await world.administering((tx) => linkUser(world.deps, tx, everything, { ...subjectOf(saml), userId }));
    assert.equal(await accepted(saml), userId);
    await accepted(person);
    assert.equal((await access(userId))["evidence:export"], "all");
    await accepted({ ...saml, groups: [] });
    assert.equal((await access(userId))["evidence:export"], undefined);
    assert.equal((await access(userId))["images:read"], "all");
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
    await map([rule({ value: guards, groupId: group.groupId }), rule({ value: staff, builtinRole: "viewer" })]);
    const mapped = anybody({ groups: [guards] });
    const mappedId = await accepted(mapped);
    assert.equal((await access(mappedId))["devices:write"], "all");
    const manual = anybody({ groups: [staff] });
    const manualId = await accepted(manual);
    await world.administering((tx) => setMembers(tx, group.groupId, [mappedId, manualId]));
    await accepted({ ...manual, groups: [staff, guards] });
    await accepted({ ...manual, groups: [staff] });
    await accepted({ ...mapped, groups: [staff] });
    assert.equal((await access(mappedId))["devices:write"], undefined);
    assert.equal((await access(manualId))["devices:write"], "all");
  });

  it("refuses a deactivated account, whose sessions end with it", async () => {
    await map([rule({ value: staff, builtinRole: "viewer" })]);
    const person = anybody();
    const userId = await accepted(person);
    await world.administering((tx) => deactivateUser(world.deps, tx, userId, "admin"));
    assert.deepEqual(await signIn(person), { ok: false, reason: "deactivated", userId });
  });

  it("links a SCIM account by its external id only where a rule says so for the issuer", async () => {
    const rules = [rule({ value: staff, builtinRole: "viewer" })];
    const person = anybody({ provisioning: "known-only" });
    const { userId } = await world.administering((tx) =>
      createUser(world.deps, tx, {
        userName: "scim-person",
        displayName: "SCIM",
        email: null,
        source: "scim",
        externalId: person.subject,
      }),
    );
    await map(rules);
    assert.deepEqual(await signIn(person), { ok: false, reason: "unknown-user" });
    await map(rules, { scimLinks: [{ kind: "ldap", issuer: "another" }] });
    assert.deepEqual(await signIn(person), { ok: false, reason: "unknown-user" });
    await map(rules, { scimLinks: [{ kind: "ldap", issuer }] });
    assert.equal(await accepted(person), userId);
    const user = await world.administering((tx) => requireUser(tx, userId));
    assert.equal(user.displayName, "SCIM", "SCIM keeps the account's name");
  });

  it("refuses what cannot be told apart by eye: control and invisible characters, nothing at all", async () => {
    await map([rule({ value: staff, builtinRole: "viewer" })]);
    for (const fields of [
      { subject: "" },
      { subject: "a\0" },
      { userName: "an\u200bna" },
      { userName: " " },
      { subject: "\ud800" },
    ]) {
      assert.deepEqual(await signIn(anybody(fields)), { ok: false, reason: "invalid-person" }, JSON.stringify(fields));
    }
  });

  it("two first sign-ins of one person at once make one account", async () => {
    await map([rule({ value: staff, builtinRole: "viewer" })]);
    const person = anybody();
    const ids = await Promise.all([accepted(person), accepted(person), accepted(person)]);
    assert.equal(new Set(ids).size, 1);
  });

  it("an unlinked person loses what the issuer gave, and the account's sessions end", async () => {
    await map([rule({ value: staff, builtinRole: "viewer" })]);
    const person = anybody();
    const userId = await accepted(person);
    const { token, session } = await world.signingIn((tx) =>
      startSession(world.deps, tx, { userId, via: "ldap", strength: 1, address: "10.0.0.1", userAgent: "test" }),
    );
    assert.ok(token);
    const { rows } = await world.database.superuser.query("select link_id from directory_links where user_id = $1", [
      userId,
    ]);
    await world.administering((tx) => unlinkUser(world.deps, tx, everything, { userId, linkId: rows[0].link_id }));
    assert.deepEqual(await access(userId), {});
    const ended = await world.database.superuser.query("select ended_reason from sessions where session_id = $1", [
      session.sessionId,
    ]);
    assert.equal(ended.rows[0].ended_reason, "unlinked");
    assert.deepEqual(await signIn({ ...person, userName: "another-name", provisioning: "known-only" }), {
      ok: false,
      reason: "unknown-user",
    });
  });

  it("nobody links a person to an account that may do more than himself", async () => {
    const strong = await localUser("strong");
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

  const subjectOf = ({ kind, subject, issuer: from }: ExternalPerson) => ({ kind, subject, issuer: from });
});
