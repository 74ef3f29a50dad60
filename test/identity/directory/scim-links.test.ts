import assert from "node:assert/strict";
import { createUser, grantRole } from "../../../src/identity/index.ts";
import { updateUser } from "../../../src/identity/people/users.ts";
import { testDatabase } from "../../support/postgres.ts";
import { makeWorld, rule, verify, type World } from "./fixture.ts";
import { anybody, type Door, door, issuer, staff } from "./visitors.ts";

describe("directory: a SCIM token that names others as its own", () => {
  let world: World;
  let at: Door;
  before(async () => {
    world = await makeWorld(await testDatabase());
    at = door(world);
  });
  after(async () => {
    await verify(world);
    await world.database.stop();
  });

  it("gives nobody the account of a person who may decide on requests, by another external id", async () => {
    await at.map([rule({ value: staff, builtinRole: "viewer" })], [{ kind: "ldap", issuer }]);
    const made = { displayName: "Kim", email: null, source: "scim", externalId: "kim" } as const;
    const make = (userName: string, role: "owner" | "admin") =>
      world.administering(async (tx) => {
        const user = await createUser(world.deps, tx, { ...made, userName, externalId: userName });
        await grantRole(tx, null, { to: user, role: { builtin: role }, siteIds: null, expiresAt: null });
        return user.userId;
      });
    const owner = await make("kim", "owner");
    const thief = anybody({ provisioning: "known-only" });
    await world.administering((tx) => updateUser(world.deps, tx, owner, { externalId: thief.subject }));
    assert.deepEqual(await at.signIn(thief), { ok: false, reason: "unknown-user" });
    // Everybody else is whom the directory says.
    const person = anybody({ provisioning: "known-only" });
    const admin = await make("lee", "admin");
    await world.administering((tx) => updateUser(world.deps, tx, admin, { externalId: person.subject }));
    assert.equal(await at.accepted(person), admin);
  });
});
