import assert from "node:assert/strict";
import { Client } from "ldapts";
import { authenticate, type LdapAccess } from "../../../src/identity/ldap/authenticate.ts";
import { LdapFailure } from "../../../src/identity/ldap/failure.ts";
import { probe } from "../../../src/identity/ldap/probe.ts";
import { settingsSchema } from "../../../src/identity/ldap/schema.ts";
import { domain, type Samba, startSamba, users } from "../../support/samba.ts";

const password = (name: string) => `Pass-of-${name}-9`;

function activeDirectory(this: Mocha.Suite): void {
  this.timeout(120_000);
  let samba: Samba;
  before(async () => {
    samba = await startSamba();
    for (const name of ["ledgerstone", "anna", "ben"]) await samba.addUser(name, password(name));
    await samba.addUser("dora", password("dora"), { userAccountControl: "514" });
    await samba.addUser("emil", password("emil"), { pwdLastSet: "0" });
    await samba.addGroup("Guards", ["anna"]);
    await samba.addGroup("Security", ["Guards"]);
    await samba.addGroup("Company", ["Security"]);
    // Each holds the other.
    await samba.tool("group", "addmembers", "Security", "Company");
  });
  after(() => samba?.stop());

  const access = (fields: Record<string, unknown> = {}): LdapAccess => ({
    settings: settingsSchema.parse({
      url: `ldaps://${samba.host}`,
      caPem: samba.ca.cert,
      serverName: samba.name,
      bindDn: "ledgerstone@corp.example.org",
      userBase: domain,
      userFilter: "(&(objectClass=user)(objectCategory=person)(sAMAccountName={user}))",
      subjectAttribute: "objectGUID",
      attributes: { userName: "sAMAccountName" },
      groups: { base: users, filter: "(objectClass=group)" },
      ...fields,
    }),
    bindPassword: password("ledgerstone"),
    resolveHost: async (host) => [host],
  });
  const login = (userName: string, given = password(userName), fields = {}) =>
    authenticate(access(fields), { userName, password: given });
  const reason = async (userName: string, given?: string) => {
    const outcome = await login(userName, given);
    return outcome.ok ? "signed in" : outcome.reason;
  };

  it("takes a person, over either port, by objectGUID as its own tools print it", async () => {
    const outcome = await login("ANNA", password("anna"));
    assert.ok(outcome.ok, JSON.stringify(outcome));
    const shown = await samba.tool("user", "show", "anna", "--attributes=objectGUID");
    assert.ok(shown.includes(outcome.person.subject), shown);
    assert.equal(outcome.person.userName, "anna");
    assert.ok((await login("anna", password("anna"), { url: `ldap://${samba.host}` })).ok);
    assert.ok((await login("anna", password("anna"), { bindDn: "CORP\\ledgerstone" })).ok);
  });

  it("follows groups in groups by the directory's own rule, by members and by memberOf, to the same end", async () => {
    const wanted = ["Company", "Guards", "Security"].map((name) => `CN=${name},${users}`);
    for (const lookup of ["auto", "member", "memberOf"]) {
      const outcome = await login("anna", password("anna"), {
        groups: { base: users, lookup, filter: "(objectClass=group)" },
      });
      assert.ok(outcome.ok);
      assert.deepEqual(outcome.person.groups.toSorted(), wanted, lookup);
    }
    const groups = { base: users, filter: "(objectClass=group)", nested: false };
    const direct = await login("anna", password("anna"), { groups });
    assert.deepEqual(direct.ok && direct.person.groups, [`CN=Guards,${users}`]);
  });

  it("tells a wrong password from a disabled account and an expired password", async () => {
    assert.equal(await reason("anna", "wrong"), "wrong-password");
    assert.equal(await reason("anna", ""), "empty-password");
    assert.equal(await reason("nobody"), "unknown-name");
    assert.equal(await reason("*"), "unknown-name");
    assert.equal(await reason("dora"), "account-disabled");
    assert.equal(await reason("emil"), "password-expired");
  });

  it("takes no password in plain text, and we send none", async () => {
    const plain = new Client({ url: `ldap://${samba.host}`, timeout: 5000 });
    await assert.rejects(plain.bind("anna@corp.example.org", password("anna")), /0x8/);
    await plain.unbind();
  });

  it("is tried step by step", async () => {
    const { steps, person } = await probe(access(), "dora");
    assert.deepEqual(
      steps.map(({ ok }) => ok),
      [true, true, true, true, true, true],
    );
    assert.equal(person?.disabled, true);
    const wrong = { ...access(), bindPassword: "wrong" };
    await assert.rejects(authenticate(wrong, { userName: "anna", password: "x" }), LdapFailure);
  });
}

describe("ldap: Active Directory", () => {
  // Samba serves LDAP on 389 and 636 alone, which only root opens.
  if (process.getuid?.() === 0) describe("as Samba has it", activeDirectory);
  else it("is tried where the tests run as root", () => assert.notEqual(process.getuid?.(), 0));
});
