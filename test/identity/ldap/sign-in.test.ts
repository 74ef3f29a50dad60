import assert from "node:assert/strict";
import { withTenant } from "../../../src/audit/index.ts";
import { setMapping } from "../../../src/identity/directory/index.ts";
import type { MappingRule } from "../../../src/identity/directory/mapping.ts";
import { selectMapping } from "../../../src/identity/directory/store.ts";
import { accessOf, BUILTIN_ROLES, deactivateUser, requireUser } from "../../../src/identity/index.ts";
import {
  changeDirectory,
  createDirectory,
  removeDirectory,
  requireDirectory,
} from "../../../src/identity/ldap/configure.ts";
import { type LdapSignInDeps, signInByLdap } from "../../../src/identity/ldap/index.ts";
import type { LdapSettings } from "../../../src/identity/ldap/schema.ts";
import { AppError } from "../../../src/platform/errors.ts";
import { testDatabase } from "../../support/postgres.ts";
import { seedTenant } from "../../support/seed.ts";
import { type Slapd, startSlapd } from "../../support/slapd.ts";
import { makeWorld, rule, shown, verify, type World } from "../directory/fixture.ts";
import { addGroup, addPerson, addUnits, groupDn, personDn, settingsOf } from "./fixture.ts";

const isCode = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;
const everything = new Map([...BUILTIN_ROLES.owner].map((permission) => [permission, "all" as const]));

describe("ldap: from the sign-in page to a session", () => {
  let slapd: Slapd;
  let world: World;
  let deps: LdapSignInDeps;
  let directoryId: string;
  let ssoEnforced = false;
  before(async () => {
    slapd = await startSlapd();
    await addUnits(slapd);
    for (const uid of ["anna", "ben", "carl", "dora", "emil"]) await addPerson(slapd, uid);
    await addGroup(slapd, "guards", [personDn("anna"), personDn("dora"), personDn("emil")]);
    await addGroup(slapd, "staff", [groupDn("guards"), personDn("ben")]);
    world = await makeWorld(await testDatabase());
    deps = {
      ...world.deps,
      pool: world.pool,
      keyring: world.seed.keyring,
      resolveHost: async (host) => [host],
      isSsoEnforced: async () => ssoEnforced,
      refusalMs: 0,
    };
    const directory = await world.administering((tx) =>
      createDirectory(deps, tx, {
        name: "Staff",
        enabled: true,
        settings: settingsOf(slapd),
        bindPassword: slapd.service.password,
      }),
    );
    directoryId = directory.directoryId;
  });
  afterEach(() => verify(world));
  after(async () => {
    await slapd?.stop();
    await world?.database.stop();
  });

  const knock = () => ({
    tenantId: world.tenant.tenantId,
    address: "10.1.2.3",
    userAgent: "test",
    correlation: crypto.randomUUID(),
  });
  const signIn = (userName: string, password = `${userName}'s password`) =>
    signInByLdap(deps, knock(), { directoryId, userName, password });
  const map = (rules: MappingRule[]) =>
    world.administering(async (tx) =>
      setMapping(tx, everything, { version: (await selectMapping(tx)).version, rules, scimLinks: [] }),
    );
  const change = (settings: Partial<LdapSettings>, fields: object = {}) =>
    world.administering(async (tx) => {
      const { version, name, settings: before } = await requireDirectory(tx, directoryId);
      const bindPassword = slapd.service.password;
      const wanted = { name, enabled: true, version, settings: { ...before, ...settings }, bindPassword, ...fields };
      return changeDirectory(deps, tx, { directoryId, ...wanted });
    });
  const access = (userId: string) => world.administering(async (tx) => shown(await accessOf(tx, userId)));
  const refused = async (userName: string, password?: string) => {
    await assert.rejects(signIn(userName, password), isCode("sign-in-refused"));
    return (await world.unit("ldap.refused")).reason;
  };

  it("a group within a group gives a role over one site, and the session is by LDAP", async () => {
    const [north] = world.tenant.sites;
    await map([
      rule({ value: groupDn("staff"), builtinRole: "viewer", siteIds: [north!.siteId] }),
      rule({ value: groupDn("guards"), issuer: directoryId, builtinRole: "member" }),
    ]);
    const anna = await signIn("anna");
    assert.ok(anna.state === "signed-in");
    assert.equal(anna.session.via, "ldap");
    assert.equal((await access(anna.session.userId))["events:read"], "all");
    const ben = await signIn("ben");
    assert.ok(ben.state === "signed-in");
    assert.deepEqual((await access(ben.session.userId))["events:read"], [north!.siteId]);
    assert.equal((await access(ben.session.userId))["devices:write"], undefined);
    const actions = await world.actions();
    assert.ok(actions.includes("ldap.accepted") && actions.includes("session.started"));
  });

  it("who leaves a group loses its role with the next sign-in", async () => {
    await map([
      rule({ value: groupDn("staff"), builtinRole: "viewer" }),
      rule({ value: groupDn("guards"), builtinRole: "member" }),
    ]);
    const before = await signIn("emil");
    assert.ok(before.state === "signed-in");
    const { userId } = before.session;
    assert.equal((await access(userId))["devices:write"], "all");
    await slapd.asRoot(async (client) => {
      await client.del(groupDn("guards"));
    });
    await addGroup(slapd, "guards", [personDn("anna"), personDn("dora")]);
    assert.equal(await refused("emil"), "no-role");
    assert.deepEqual(await access(userId), {});
  });

  it("refuses with the same words for every reason, and the reason in the ledger", async () => {
    await map([rule({ value: groupDn("staff"), builtinRole: "viewer" })]);
    assert.equal(await refused("anna", "wrong"), "wrong-password");
    assert.equal(await refused("anna", ""), "empty-password");
    assert.equal(await refused("nobody"), "unknown-name");
    assert.equal(await refused("*)(uid=*"), "unknown-name");
    assert.equal(await refused("an\0na"), "unusable-name");
    assert.equal(await refused("carl"), "no-role");
    const words = await Promise.all(
      ["nobody-else", "carl"].map((name) =>
        signIn(name).catch((error: AppError) => [error.message, error.remedy, error.found]),
      ),
    );
    assert.deepEqual(words[0], words[1]);
  });

  it("keeps names and passwords out of the ledger's headers, and passwords out of it altogether", async () => {
    await refused("ben", "a-wrong-password");
    const { rows } = await world.database.superuser.query(
      "select r::text as row from ledger.rows r where action = 'ldap.refused'",
    );
    for (const { row } of rows) assert.ok(!/anna|ben|nobody/.test(row), row);
    const all = await world.database.superuser.query(
      "select string_agg(content, '') as text from ledger.openings where tenant_id = $1",
      [world.tenant.tenantId],
    );
    for (const secret of ["a-wrong-password", "anna's password", slapd.service.password]) {
      assert.ok(!all.rows[0].text.includes(secret));
    }
  });

  it("seals the service account's password: it is in no row of the database", async () => {
    const { rows } = await world.database.superuser.query(
      "select d::text as text, bind_password from ldap_directories d",
    );
    assert.ok(!rows[0].text.includes(slapd.service.password));
    assert.ok(!rows[0].bind_password.toString("latin1").includes(slapd.service.password));
  });

  it("sends the stored password to no other server: new settings of where it goes need it again", async () => {
    const elsewhere: Partial<LdapSettings>[] = [
      { url: "ldaps://evil.example.org" },
      { caPem: null },
      { serverName: "evil.example.org" },
      { bindDn: "cn=other,dc=example,dc=org" },
    ];
    for (const settings of elsewhere) {
      await assert.rejects(change(settings, { bindPassword: null }), isCode("invalid"), JSON.stringify(settings));
    }
    await change({ timeoutMs: 3000 }, { bindPassword: null });
    await assert.rejects(change({}, { version: 1 }), isCode("conflict"));
  });

  it("refuses who is deactivated here, although the directory takes him", async () => {
    const entered = await signIn("dora");
    assert.ok(entered.state === "signed-in");
    await world.administering((tx) => deactivateUser(world.deps, tx, entered.session.userId, "admin"));
    assert.equal(await refused("dora"), "deactivated");
  });

  it("makes nobody an account where accounts must be known, and nobody in while SAML is enforced", async () => {
    await change({ provisioning: "known-only" });
    await addPerson(slapd, "fritz");
    await slapd.asRoot(async (client) => {
      await client.del(groupDn("staff"));
    });
    await addGroup(slapd, "staff", [groupDn("guards"), personDn("ben"), personDn("fritz")]);
    assert.equal(await refused("fritz"), "unknown-user");
    await change({ provisioning: "jit" });
    ssoEnforced = true;
    assert.equal(await refused("anna"), "sso-enforced");
    ssoEnforced = false;
    assert.ok((await signIn("anna")).state === "signed-in");
  });

  it("asks no directory that is switched off, or another tenant's", async () => {
    await change({}, { enabled: false });
    assert.equal(await refused("anna"), "no-directory");
    await change({});

    const other = await seedTenant(world.seed, { name: "Other" });
    const attempt = { directoryId, userName: "anna", password: "anna's password" };
    await assert.rejects(
      signInByLdap(deps, { ...knock(), tenantId: other.tenantId }, attempt),
      isCode("sign-in-refused"),
    );
  });

  it("counts tries of one account together, however its name is spelt, and locks", async () => {
    const spellings = ["gerda", "GERDA", "ｇerda", "gｅrda", "geｒda", "gerｄa", "gerdａ", "Ｇerda"];
    await addPerson(slapd, "gerda");
    const outcomes = [];
    for (const name of spellings) outcomes.push(await signIn(name, "wrong").catch((error: AppError) => error.code));
    assert.ok(outcomes.includes("too-many"), outcomes.join(" "));
    assert.ok(outcomes.indexOf("too-many") <= 4, outcomes.join(" "));
  });

  it("says apart that the directory is away, with the step in the ledger", async () => {
    slapd.signal("SIGSTOP");
    try {
      await change({ timeoutMs: 500 });
      await assert.rejects(signIn("ben"), isCode("outbound-failed"));
      const { reason, step, message } = await world.unit("ldap.refused");
      assert.deepEqual([reason, step, message], ["directory-failed", "tls", "no answer in time"]);
    } finally {
      slapd.signal("SIGCONT");
    }
    deps.resolveHost = async () => {
      throw new AppError("destination-refused", "this destination may not be reached");
    };
    for (let n = 0; n < 12; n++) await assert.rejects(signIn("ben"), isCode("outbound-failed"));
    assert.equal((await world.unit("ldap.refused")).step, "address", "an outage locks nobody");
    deps.resolveHost = async (host) => [host];
  });

  it("is refused when the directory is switched off while it is asked", async () => {
    deps.resolveHost = async (host) => {
      await change({}, { enabled: false });
      return [host];
    };
    assert.equal(await refused("ben"), "no-directory");
    deps.resolveHost = async (host) => [host];
    await change({});
  });

  it("awaits the second factor of who has one, and begins no session before", async () => {
    const first = await signIn("ben");
    assert.ok(first.state === "signed-in");
    const { userId } = first.session;
    await world.database.superuser.query(
      "insert into factors (tenant_id, user_id, kind, name, sealed) values ($1, $2, 'totp', 'phone', '')",
      [world.tenant.tenantId, userId],
    );
    const second = await signIn("ben");
    assert.ok(second.state === "second-factor");
    assert.deepEqual(second.methods, ["totp"]);
    const { rows } = await world.database.superuser.query("select via from pending_sign_ins where user_id = $1", [
      userId,
    ]);
    assert.deepEqual(rows, [{ via: "ldap" }]);
    assert.equal((await world.unit("ldap.accepted")).next, "second-factor");
  });

  it("the account keeps its name where it was linked, and follows the directory where it was made for it", async () => {
    await change({ timeoutMs: 2000 });
    const entered = await signIn("anna");
    assert.ok(entered.state === "signed-in");
    const user = await withTenant(world.pool, world.tenant.principal, (tx) => requireUser(tx, entered.session.userId));
    assert.deepEqual([user.userName, user.displayName, user.source], ["anna", "The anna", "ldap"]);
  });

  it("takes what its groups gave when it is removed, and asks it no more", async () => {
    const entered = await signIn("anna");
    assert.ok(entered.state === "signed-in");
    const { userId } = entered.session;
    assert.equal((await access(userId))["images:read"], "all");
    await world.administering((tx) => removeDirectory(deps, tx, directoryId));
    assert.deepEqual(await access(userId), {});
    assert.equal(await refused("anna"), "no-directory");
    const { rows } = await world.database.superuser.query(
      "select octet_length(bind_password) as bytes from ldap_directories where directory_id = $1",
      [directoryId],
    );
    assert.deepEqual(rows, [{ bytes: 0 }]);
  });
});
