import assert from "node:assert/strict";
import { withTenant } from "../../../src/audit/index.ts";
import { deactivateUser, requireUser } from "../../../src/identity/index.ts";
import type { AppError } from "../../../src/platform/errors.ts";
import { rule, verify } from "../directory/fixture.ts";
import { addGroup, addPerson, groupDn, personDn } from "./fixture.ts";
import { type Lab, startLab } from "./lab.ts";

describe("ldap: from the sign-in page to a session", () => {
  let lab: Lab;
  before(async () => {
    lab = await startLab();
  });
  afterEach(() => verify(lab.world));
  after(() => lab?.stop());

  it("a group within a group gives a role over one site, and the session is by LDAP", async () => {
    const [north] = lab.world.tenant.sites;
    await lab.map([
      rule({ value: groupDn("staff"), builtinRole: "viewer", siteIds: [north!.siteId] }),
      rule({ value: groupDn("guards"), issuer: lab.directoryId, builtinRole: "member" }),
    ]);
    const anna = await lab.signIn("anna");
    assert.ok(anna.state === "signed-in");
    assert.equal(anna.session.via, "ldap");
    assert.equal((await lab.access(anna.session.userId))["events:read"], "all");
    const ben = await lab.signIn("ben");
    assert.ok(ben.state === "signed-in");
    assert.deepEqual((await lab.access(ben.session.userId))["events:read"], [north!.siteId]);
    assert.equal((await lab.access(ben.session.userId))["devices:write"], undefined);
    const actions = await lab.world.actions();
    assert.ok(actions.includes("ldap.accepted") && actions.includes("session.started"));
  });

  it("who leaves a group loses its role with the next sign-in", async () => {
    await lab.map([
      rule({ value: groupDn("staff"), builtinRole: "viewer" }),
      rule({ value: groupDn("guards"), builtinRole: "member" }),
    ]);
    const before = await lab.signIn("emil");
    assert.ok(before.state === "signed-in");
    const { userId } = before.session;
    assert.equal((await lab.access(userId))["devices:write"], "all");
    await lab.slapd.asRoot(async (client) => {
      await client.del(groupDn("guards"));
    });
    await addGroup(lab.slapd, "guards", [personDn("anna"), personDn("dora")]);
    assert.equal(await lab.refused("emil"), "no-role");
    assert.deepEqual(await lab.access(userId), {});
  });

  it("refuses with the same words for every reason, and the reason in the ledger", async () => {
    await lab.map([rule({ value: groupDn("staff"), builtinRole: "viewer" })]);
    assert.equal(await lab.refused("anna", "wrong"), "wrong-password");
    assert.equal(await lab.refused("anna", ""), "empty-password");
    assert.equal(await lab.refused("nobody"), "unknown-name");
    assert.equal(await lab.refused("*)(uid=*"), "unknown-name");
    assert.equal(await lab.refused("an\0na"), "unusable-name");
    assert.equal(await lab.refused("carl"), "no-role");
    const words = await Promise.all(
      ["nobody-else", "carl"].map((name) =>
        lab.signIn(name).catch((error: AppError) => [error.message, error.remedy, error.found]),
      ),
    );
    assert.deepEqual(words[0], words[1]);
  });

  it("refuses who is deactivated here, although the directory takes him", async () => {
    const entered = await lab.signIn("dora");
    assert.ok(entered.state === "signed-in");
    await lab.world.administering((tx) => deactivateUser(lab.world.deps, tx, entered.session.userId, "admin"));
    assert.equal(await lab.refused("dora"), "deactivated");
  });

  it("makes nobody an account where accounts must be known, and nobody in while SAML is enforced", async () => {
    await lab.change({ provisioning: "known-only" });
    await addPerson(lab.slapd, "fritz");
    await lab.slapd.asRoot(async (client) => {
      await client.del(groupDn("staff"));
    });
    await addGroup(lab.slapd, "staff", [groupDn("guards"), personDn("ben"), personDn("fritz")]);
    assert.equal(await lab.refused("fritz"), "unknown-user");
    await lab.change({ provisioning: "jit" });
    lab.sso.enforced = true;
    assert.equal(await lab.refused("anna"), "sso-enforced");
    lab.sso.enforced = false;
    assert.ok((await lab.signIn("anna")).state === "signed-in");
  });

  it("counts tries of one account together, however its name is spelt, and locks", async () => {
    const spellings = ["gerda", "GERDA", "ｇerda", "gｅrda", "geｒda", "gerｄa", "gerdａ", "Ｇerda"];
    await addPerson(lab.slapd, "gerda");
    const outcomes = [];
    for (const name of spellings) outcomes.push(await lab.signIn(name, "wrong").catch((error: AppError) => error.code));
    assert.ok(outcomes.includes("too-many"), outcomes.join(" "));
    assert.ok(outcomes.indexOf("too-many") <= 4, outcomes.join(" "));
  });

  it("awaits the second factor of who has one, and begins no session before", async () => {
    const first = await lab.signIn("ben");
    assert.ok(first.state === "signed-in");
    const { userId } = first.session;
    await lab.world.database.superuser.query(
      "insert into factors (tenant_id, user_id, kind, name, sealed) values ($1, $2, 'totp', 'phone', '')",
      [lab.world.tenant.tenantId, userId],
    );
    const second = await lab.signIn("ben");
    assert.ok(second.state === "second-factor");
    assert.deepEqual(second.methods, ["totp"]);
    const { rows } = await lab.world.database.superuser.query("select via from pending_sign_ins where user_id = $1", [
      userId,
    ]);
    assert.deepEqual(rows, [{ via: "ldap" }]);
    assert.equal((await lab.world.unit("ldap.accepted")).next, "second-factor");
  });

  it("makes the account with the names of the directory", async () => {
    await lab.change({ timeoutMs: 2000 });
    const entered = await lab.signIn("anna");
    assert.ok(entered.state === "signed-in");
    const user = await withTenant(lab.world.pool, lab.world.tenant.principal, (tx) =>
      requireUser(tx, entered.session.userId),
    );
    assert.deepEqual([user.userName, user.displayName, user.source], ["anna", "The anna", "ldap"]);
  });
});
