import assert from "node:assert/strict";
import { mostDepth, mostGroups } from "../../../src/identity/ldap/groups.ts";
import { type Slapd, startSlapd, suffix } from "../../support/slapd.ts";
import { accessTo, addGroup, addPerson, addUnits, groupDn, groups, personDn, tryLogin } from "./fixture.ts";

describe("ldap: groups", () => {
  let slapd: Slapd;
  before(async () => {
    slapd = await startSlapd({
      database: [`limits dn.exact="cn=ledgerstone,${suffix}" size.soft=500 size.prtotal=unlimited`],
    });
    await addUnits(slapd);
    for (const uid of ["anna", "ben", "carl"]) await addPerson(slapd, uid);
    await addGroup(slapd, "guards", [personDn("anna")]);
    await addGroup(slapd, "security", [groupDn("guards"), groupDn("company")]);
    // Everybody holds everybody: company → security → company.
    await addGroup(slapd, "company", [groupDn("security")]);
    await addGroup(slapd, "visitors", [personDn("ben")]);
    await slapd.add(`ou=elsewhere,${suffix}`, { objectClass: "organizationalUnit", ou: "elsewhere" });
    await slapd.add(`cn=admins,ou=elsewhere,${suffix}`, {
      objectClass: "groupOfNames",
      cn: "admins",
      member: [personDn("anna"), groupDn("guards")],
    });
  });
  after(() => slapd?.stop());

  const groupsOf = async (uid: string, fields: object = {}) => {
    const settings = { base: groups, filter: "(objectClass=groupOfNames)", ...fields };
    const outcome = await tryLogin(accessTo(slapd, { groups: settings }), uid, `${uid}'s password`);
    if (!outcome.ok) return outcome.reason;
    return outcome.person.groups.map((dn) => dn.split(",")[0]!.slice(3)).sort();
  };

  for (const lookup of ["auto", "member", "memberOf"]) {
    it(`follows groups in groups through a loop, each once, and none outside the base (${lookup})`, async () => {
      assert.deepEqual(await groupsOf("anna", { lookup }), ["company", "guards", "security"]);
      assert.deepEqual(await groupsOf("anna", { lookup, nested: false }), ["guards"]);
      assert.deepEqual(await groupsOf("ben", { lookup }), ["visitors"]);
      assert.deepEqual(await groupsOf("carl", { lookup }), []);
    });
  }

  it("takes groups of the filter alone", async () => {
    assert.deepEqual(await groupsOf("anna", { filter: "(cn=guards)" }), ["guards"]);
  });

  it("finds groups of posixGroup by the user name", async () => {
    await slapd.add(`cn=posix,${groups}`, {
      objectClass: "posixGroup",
      cn: "posix",
      gidNumber: "100",
      memberUid: "anna",
    });
    const posix = { filter: "(objectClass=posixGroup)", memberAttribute: "memberUid", memberIs: "userName" };
    assert.deepEqual(await groupsOf("anna", posix), ["posix"]);
    assert.deepEqual(await groupsOf("ben", posix), []);
  });

  it("goes no deeper than its limit", async () => {
    await addGroup(slapd, "level-1", [personDn("carl")]);
    for (let level = 2; level <= mostDepth + 3; level++) {
      await addGroup(slapd, `level-${level}`, [groupDn(`level-${level - 1}`)]);
    }
    const found = await groupsOf("carl");
    assert.equal(found.length, mostDepth);
    assert.ok(!found.includes(`level-${mostDepth + 1}`));
  });

  it("refuses a person with more groups than its limit, rather than to choose among them", async function () {
    this.timeout(60_000);
    await addPerson(slapd, "everywhere");
    await slapd.asRoot(async (client) => {
      for (let n = 0; n <= mostGroups; n++) {
        await client.add(groupDn(`many-${n}`), {
          objectClass: "groupOfNames",
          cn: `many-${n}`,
          member: personDn("everywhere"),
        });
      }
    });
    assert.equal(await groupsOf("everywhere"), "too-many-groups");
  });
});
