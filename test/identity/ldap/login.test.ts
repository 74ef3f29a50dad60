import assert from "node:assert/strict";
import { Attribute, Change, Client } from "ldapts";
import { authenticate } from "../../../src/identity/ldap/authenticate.ts";
import { checkPersonFilter } from "../../../src/identity/ldap/filter.ts";
import { type Slapd, startSlapd } from "../../support/slapd.ts";
import { accessTo, addGroup, addPerson, addUnits, groupDn, groups, people, personDn, tryLogin } from "./fixture.ts";

describe("ldap: signing in at a directory", () => {
  let slapd: Slapd;
  before(async () => {
    slapd = await startSlapd();
    await addUnits(slapd);
    await addPerson(slapd, "anna", { mail: "anna@example.org" });
    await addPerson(slapd, "ben");
    await addPerson(slapd, "Jörg (extern) *", { userPassword: "geheim" }, people);
    await addPerson(slapd, "dora", { objectClass: ["inetOrgPerson", "adAccount"], userAccountControl: "514" });
    await addPerson(slapd, "emil", { objectClass: ["inetOrgPerson", "adAccount"], userAccountControl: "512" });
    await slapd.add(`ou=branch,${people}`, { objectClass: "organizationalUnit", ou: "branch" });
    await addPerson(slapd, "twin");
    await addPerson(slapd, "twin", { userPassword: "the other's" }, `ou=branch,${people}`);
    await addGroup(slapd, "staff", [personDn("anna"), personDn("ben")]);
  });
  after(() => slapd?.stop());

  it("takes the right password and brings name, address, groups and a subject that stays", async () => {
    const outcome = await tryLogin(accessTo(slapd), "ANNA", "anna's password");
    assert.ok(outcome.ok, JSON.stringify(outcome));
    const { subject, ...person } = outcome.person;
    assert.match(subject, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.deepEqual(person, {
      userName: "anna",
      displayName: "The anna",
      email: "anna@example.org",
      groups: [groupDn("staff")],
    });
    const again = await tryLogin(accessTo(slapd), "anna", "anna's password");
    assert.ok(again.ok && again.person.subject === subject);
  });

  it("refuses a wrong password, an unknown name, and a name without password", async () => {
    const reason = async (name: string, password: string) => {
      const outcome = await tryLogin(accessTo(slapd), name, password);
      return outcome.ok ? "signed in" : outcome.reason;
    };
    assert.equal(await reason("anna", "ben's password"), "wrong-password");
    assert.equal(await reason("anna", "anna's password\0"), "wrong-password");
    assert.equal(await reason("nobody", "anna's password"), "unknown-name");
    assert.equal(await reason("anna", ""), "empty-password");
  });

  it("without that guard an empty password would be a success: the directory says yes to nobody", async () => {
    const client = new Client({ url: `ldap://${slapd.host}:${slapd.plainPort}` });
    await client.bind(personDn("anna"), "");
    assert.equal(client.isBound, true, "this directory takes unauthenticated binds, as Active Directory does");
    await client.unbind();
  });

  it("takes a name as a value, whatever filter syntax it contains", async () => {
    const attacks = [
      "*",
      "a*",
      "*)(uid=*",
      "anna)(|(uid=*",
      "anna)(cn=*))(|(uid=anna",
      "\\2a",
      "anna\\00",
      "(uid=anna)",
      "{user}",
    ];
    for (const name of attacks) {
      const outcome = await tryLogin(accessTo(slapd), name, "anna's password");
      assert.deepEqual(outcome, { ok: false, reason: "unknown-name" }, name);
    }
    for (const name of ["anna\0", "an\nna", "", "   ", "\ud800", "x".repeat(257)]) {
      const outcome = await tryLogin(accessTo(slapd), name, "anna's password");
      assert.deepEqual(outcome, { ok: false, reason: "unusable-name" }, JSON.stringify(name));
    }
  });

  it("pasted into the filter as text, the same names find other people", async () => {
    const template = "(&(objectClass=inetOrgPerson)(uid={user}))";
    const find = (name: string) =>
      slapd.asRoot(async (client) => {
        const { searchEntries } = await client.search(people, { filter: template.replace("{user}", name) });
        return searchEntries.map(({ dn }) => dn);
      });
    assert.ok((await find("a*")).includes(personDn("anna")), "a guess of one letter finds anna");
    assert.deepEqual(await find("*)(mail=a*"), [personDn("anna")], "letter by letter, an attribute that nobody shows");
    assert.ok((await find("*")).length > 4, "a star finds everybody");
  });

  it("finds a person whose name is full of special characters and letters beyond ASCII", async () => {
    const outcome = await tryLogin(accessTo(slapd), "Jörg (extern) *", "geheim");
    assert.ok(outcome.ok, JSON.stringify(outcome));
    assert.equal(outcome.person.userName, "Jörg (extern) *");
  });

  it("binds and looks for groups by a distinguished name full of special characters", async () => {
    const name = 'Müller, "Eva" <e+m>; #1=\\x';
    const dn = `uid=M\u00fcller\\, \\"Eva\\" \\<e\\+m\\>\\; #1\\=\\\\x,${people}`;
    await slapd.add(dn, { objectClass: "inetOrgPerson", uid: name, cn: name, sn: "x", userPassword: "eva" });
    await slapd.add(`cn=special\\, one,${groups}`, { objectClass: "groupOfNames", cn: "special, one", member: dn });
    const outcome = await tryLogin(accessTo(slapd), name, "eva");
    assert.ok(outcome.ok, JSON.stringify(outcome));
    assert.equal(outcome.person.groups.length, 1);
    assert.match(outcome.person.groups[0]!, /^cn=special\\(,|2c) one,/i);
  });

  it("refuses a name that two entries have, with either password", async () => {
    for (const password of ["twin's password", "the other's"]) {
      const outcome = await tryLogin(accessTo(slapd), "twin", password);
      assert.deepEqual(outcome, { ok: false, reason: "ambiguous-name" });
    }
  });

  it("refuses an account that userAccountControl disables, although its password is right", async () => {
    const outcome = await tryLogin(accessTo(slapd), "dora", "dora's password");
    assert.ok(!outcome.ok);
    assert.equal(outcome.reason, "account-disabled");
    assert.ok((await tryLogin(accessTo(slapd), "emil", "emil's password")).ok);
  });

  it("names a person by objectGUID as Windows prints it, and refuses one who has none", async () => {
    const bytes = Buffer.from("00112233445566778899aabbccddeeff", "hex");
    const values = { objectClass: ["inetOrgPerson", "adAccount"] };
    await addPerson(slapd, "frida", values);
    await slapd.asRoot((client) =>
      client.modify(
        personDn("frida"),
        new Change({ operation: "add", modification: new Attribute({ type: "objectGUID", values: [bytes] }) }),
      ),
    );
    const access = accessTo(slapd, { subjectAttribute: "objectGUID" });
    const outcome = await tryLogin(access, "frida", "frida's password");
    assert.ok(outcome.ok, JSON.stringify(outcome));
    assert.equal(outcome.person.subject, "33221100-5544-7766-8899-aabbccddeeff");
    assert.deepEqual(await tryLogin(access, "anna", "anna's password"), { ok: false, reason: "incomplete-entry" });
  });

  it("is told who was found before the password is tried, and stops when told to", async () => {
    const found: string[] = [];
    const attempt = (userName: string) =>
      authenticate(accessTo(slapd), {
        userName,
        password: "wrong",
        afterSearch: async (subject) => {
          found.push(subject!);
          if (found.length > 2) throw new Error("throttled");
        },
      });
    await attempt("anna");
    await attempt("ANNA");
    // Directories compare by NFKC: another spelling, the same account.
    await assert.rejects(attempt("ａｎｎａ"), /throttled/);
    assert.equal(new Set(found).size, 1, "every spelling of a name counts for one account");
  });

  it("writes no password to the directory's log or into an error", async () => {
    const password = "a-password-to-look-for";
    await tryLogin(accessTo(slapd), "anna", password);
    const wrong = { ...accessTo(slapd), bindPassword: password };
    const failure = await tryLogin(wrong, "anna", password).catch((error: Error) => error);
    assert.ok(failure instanceof Error);
    for (let error: unknown = failure; error instanceof Error; error = error.cause) {
      assert.ok(!`${error.stack} ${JSON.stringify(error)}`.includes(password));
    }
    assert.ok(!slapd.output().includes(password));
  });

  it("refuses templates in which the name is no whole value", () => {
    for (const template of [
      "(uid=*{user}*)",
      "(uid=x{user})",
      "(!(uid={user}))",
      "(uid=*)",
      "uid={user}",
      "(uid={user}",
      "(&(a=b)(c=\\c3\\a4)(uid={user}))",
    ]) {
      assert.notEqual(checkPersonFilter(template), null, template);
    }
    assert.equal(checkPersonFilter("(&(objectClass=person)(|(uid={user})(mail={user})))"), null);
  });
});
