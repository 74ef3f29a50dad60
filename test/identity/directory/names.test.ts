import assert from "node:assert/strict";
import { canonicalDn, escapeDnValue, parseDn } from "../../../src/identity/directory/dn.ts";
import { dueBy, metRules } from "../../../src/identity/directory/mapping.ts";
import { rule } from "./fixture.ts";

describe("directory: distinguished names", () => {
  it("two spellings of a name are equal", () => {
    const spellings = [
      "CN=Night Staff,OU=Groups,DC=example,DC=org",
      "cn=night staff, ou=groups, dc=example, dc=org",
      "cn = Night  Staff ,ou=GROUPS,dc=Example,dc=ORG",
      "cn=\\4eight\\20Staff,ou=groups,dc=example,dc=org",
    ];
    assert.equal(new Set(spellings.map(canonicalDn)).size, 1);
    assert.equal(canonicalDn("cn=Zürich"), canonicalDn("CN=Z\\c3\\bcrich"));
    assert.equal(canonicalDn("cn=a+sn=b,dc=x"), canonicalDn("SN=B+CN=A,dc=x"));
    assert.equal(canonicalDn("cn=a\\,b"), canonicalDn("cn=a\\2cb"));
  });

  it("names that differ stay apart, whatever their values contain", () => {
    const names = [
      "cn=a,dc=x",
      "cn=a\\,dc=x",
      "cn=a\\+dc=x",
      "cn=a+dc=x",
      "cn=a\\\\,dc=x",
      'cn=\\"a\\",dc=x',
      "cn=a,dc=x,dc=x",
    ];
    assert.equal(new Set(names.map(canonicalDn)).size, names.length);
  });

  it("what is no name is none: unescaped specials, broken escapes, bytes that are no UTF-8, half characters", () => {
    const wrong = [
      "",
      "x",
      "=a",
      "cn",
      "cn=a,",
      ",cn=a",
      "cn=a;dc=b",
      'cn="a"',
      "cn=a<b",
      "cn=\\zz",
      "cn=\\ff",
      "cn=\\",
      "c n=a",
      "1=a",
      "cn=\ud800",
      "cn=a\0",
    ];
    for (const text of wrong) assert.equal(canonicalDn(text), null, JSON.stringify(text));
  });

  it("an escaped value reads back as it was", () => {
    const values = [" lead", "trail ", "#hash", 'a"b+c,d;e<f>g\\h=i', "line\nbreak\0", "Ü 漢字 🙂", ""];
    for (const value of values) {
      assert.deepEqual(parseDn(`cn=${escapeDnValue(value)}`), [[{ type: "cn", value }]], JSON.stringify(value));
    }
  });
});

describe("directory: rules", () => {
  const staff = "cn=staff,dc=example,dc=org";
  const named = { sites: new Set(["site-1"]), roles: new Set(["role-1"]), groups: new Set(["group-1"]) };

  it("a rule is met by its kind, its issuer and its group alone", () => {
    const ldap = rule({ value: "CN=Staff,DC=example,DC=org", builtinRole: "viewer" });
    const one = rule({ value: staff, issuer: "directory-1", builtinRole: "member" });
    const saml = rule({ kind: "saml", value: staff, builtinRole: "owner" });
    const rules = [ldap, one, saml];
    assert.deepEqual(metRules(rules, { kind: "ldap", issuer: "directory-1" }, [staff]), [ldap, one]);
    assert.deepEqual(metRules(rules, { kind: "ldap", issuer: "directory-2" }, [staff]), [ldap]);
    assert.deepEqual(metRules(rules, { kind: "saml", issuer: "x" }, [staff]), [saml]);
    assert.deepEqual(
      metRules(rules, { kind: "saml", issuer: "x" }, [staff.toUpperCase()]),
      [],
      "SAML values are exact",
    );
    assert.deepEqual(metRules(rules, { kind: "ldap", issuer: "x" }, ["no name", ""]), []);
  });

  it("a rule gives nothing that is gone, and never more when a site is gone", () => {
    const rules = [
      rule({ value: staff, builtinRole: "viewer", siteIds: ["site-1", "gone"] }),
      rule({ value: staff, builtinRole: "member", siteIds: ["gone"] }),
      rule({ value: staff, roleId: "gone" }),
      rule({ value: staff, roleId: "role-1" }),
      rule({ value: staff, roleId: "role-1" }),
      rule({ value: staff, groupId: "gone" }),
      rule({ value: staff, groupId: "group-1" }),
    ];
    assert.deepEqual(dueBy(rules, named), {
      grants: [
        { builtinRole: "viewer", roleId: null, siteIds: ["site-1"] },
        { builtinRole: null, roleId: "role-1", siteIds: null },
      ],
      groupIds: ["group-1"],
    });
  });
});
