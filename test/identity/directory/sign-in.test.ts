import assert from "node:assert/strict";
import { signInExternal } from "../../../src/identity/directory/index.ts";
import { createUser, deactivateUser, requireUser } from "../../../src/identity/index.ts";
import { testDatabase } from "../../support/postgres.ts";
import { seedTenant } from "../../support/seed.ts";
import { makeWorld, rule, verify, type World } from "./fixture.ts";
import { anybody, type Door, door, guards, issuer, staff } from "./visitors.ts";

describe("directory: signing in from outside", () => {
  let world: World;
  let at: Door;
  before(async () => {
    world = await makeWorld(await testDatabase());
    at = door(world);
  });
  afterEach(() => verify(world));
  after(() => world.database.stop());

  it("makes an account for a person whose group has a role, limited to the role's sites", async () => {
    const [north] = world.tenant.sites;
    await at.map([rule({ value: staff, builtinRole: "viewer", siteIds: [north!.siteId] })]);
    const person = anybody({ groups: ["CN=Staff, OU=Groups, DC=example, DC=org"] });
    const userId = await at.accepted(person);
    const user = await world.administering((tx) => requireUser(tx, userId));
    assert.equal(user.source, "ldap");
    assert.equal(user.email, person.email);
    assert.deepEqual((await at.access(userId))["events:read"], [north!.siteId]);
    assert.equal((await world.unit("directory.linked")).after !== undefined, true);
    assert.equal(await at.accepted(person), userId, "the second sign-in finds the same account");
  });

  it("refuses a person without a mapped role, and makes no account", async () => {
    await at.map([rule({ value: staff, builtinRole: "viewer" })]);
    for (const groups of [[guards], []]) {
      const person = anybody({ groups });
      assert.deepEqual(await at.signIn(person), { ok: false, reason: "no-role" });
      const { rows } = await world.database.superuser.query("select from users where user_name = $1", [
        person.userName,
      ]);
      assert.equal(rows.length, 0);
    }
  });

  it("never takes over an account that has the same user name or address", async () => {
    await at.map([rule({ value: staff, builtinRole: "viewer" })]);
    const owner = await at.localUser("Boss");
    const thief = anybody({ userName: "boss", email: "boss@example.org" });
    assert.deepEqual(await at.signIn(thief), { ok: false, reason: "user-name-taken" });
    const { rows } = await world.database.superuser.query("select from directory_links where user_id = $1", [
      owner.userId,
    ]);
    assert.equal(rows.length, 0);
  });

  it("keeps apart persons of two issuers, and of SAML and LDAP, who have the same subject", async () => {
    await at.map([
      rule({ value: staff, builtinRole: "viewer" }),
      rule({ kind: "saml", value: "staff", builtinRole: "viewer" }),
    ]);
    const first = await at.accepted(anybody({ subject: "same" }));
    const second = await at.accepted(anybody({ subject: "same", issuer: "directory-2" }));
    const third = await at.accepted(anybody({ subject: "same", kind: "saml", groups: ["staff"] }));
    assert.equal(new Set([first, second, third]).size, 3);
  });

  it("keeps tenants apart: another tenant's person with the same issuer and subject is a stranger", async () => {
    await at.map([rule({ value: staff, builtinRole: "viewer" })]);
    const person = anybody();
    await at.accepted(person);
    const other = await seedTenant(world.seed, { name: "Other" });
    const result = await world.signingIn(
      (tx) => signInExternal(world.deps, tx, { ...person, provisioning: "known-only" }),
      other,
    );
    assert.deepEqual(result, { ok: false, reason: "unknown-user" });
  });

  it("brings name and address up to date, but never onto a user name that somebody else has", async () => {
    await at.map([rule({ value: staff, builtinRole: "viewer" })]);
    const person = anybody();
    const userId = await at.accepted(person);
    await at.localUser("taken");
    await at.accepted({ ...person, userName: "TAKEN", displayName: "New Name", email: "not an address" });
    const user = await world.administering((tx) => requireUser(tx, userId));
    assert.deepEqual([user.userName, user.displayName, user.email], [person.userName, "New Name", null]);
  });

  it("refuses a deactivated account, whose sessions end with it", async () => {
    await at.map([rule({ value: staff, builtinRole: "viewer" })]);
    const person = anybody();
    const userId = await at.accepted(person);
    await world.administering((tx) => deactivateUser(world.deps, tx, userId, "admin"));
    assert.deepEqual(await at.signIn(person), { ok: false, reason: "deactivated", userId });
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
    await at.map(rules);
    assert.deepEqual(await at.signIn(person), { ok: false, reason: "unknown-user" });
    await at.map(rules, [{ kind: "ldap", issuer: "another" }]);
    assert.deepEqual(await at.signIn(person), { ok: false, reason: "unknown-user" });
    await at.map(rules, [{ kind: "ldap", issuer }]);
    assert.equal(await at.accepted(person), userId);
    const user = await world.administering((tx) => requireUser(tx, userId));
    assert.equal(user.displayName, "SCIM", "SCIM keeps the account's name");
  });

  it("refuses what cannot be told apart by eye: control and invisible characters, nothing at all", async () => {
    await at.map([rule({ value: staff, builtinRole: "viewer" })]);
    for (const fields of [
      { subject: "" },
      { subject: "a\0" },
      { userName: "an\u200bna" },
      { userName: " " },
      { subject: "\ud800" },
    ]) {
      assert.deepEqual(
        await at.signIn(anybody(fields)),
        { ok: false, reason: "invalid-person" },
        JSON.stringify(fields),
      );
    }
  });

  it("two first sign-ins of one person at once make one account", async () => {
    await at.map([rule({ value: staff, builtinRole: "viewer" })]);
    const person = anybody();
    const ids = await Promise.all([at.accepted(person), at.accepted(person), at.accepted(person)]);
    assert.equal(new Set(ids).size, 1);
  });
});
