import assert from "node:assert/strict";
import { probe } from "../../../src/identity/ldap/probe.ts";
import { AppError } from "../../../src/platform/errors.ts";
import { certificateAuthority } from "../../support/pki.ts";
import { type Slapd, startSlapd } from "../../support/slapd.ts";
import { accessTo, addGroup, addPerson, addUnits, groupDn, personDn } from "./fixture.ts";

describe("ldap: trying a directory", () => {
  let slapd: Slapd;
  before(async () => {
    slapd = await startSlapd();
    await addUnits(slapd);
    await addPerson(slapd, "anna");
    await addGroup(slapd, "staff", [personDn("anna")]);
  });
  after(() => slapd?.stop());

  const steps = async (fields: Record<string, unknown>, userName: string | null = "anna") => {
    const result = await probe(accessTo(slapd, fields), userName);
    assert.ok(!JSON.stringify(result).includes(slapd.service.password));
    return result.steps.map(({ step, ok, message }) => (ok ? step : `${step}: ${message}`));
  };
  const all = ["address", "connect", "tls", "bind", "search", "groups"];

  it("goes through every step, and finds a person with groups", async () => {
    assert.deepEqual(await steps({}), all);
    const { person } = await probe(accessTo(slapd), "anna");
    assert.equal(person?.dn, personDn("anna"));
    assert.deepEqual(person?.groups, [groupDn("staff")]);
    assert.deepEqual(await steps({}, null), all);
  });

  it("says at which step it ends and why", async () => {
    const stranger = await certificateAuthority("Stranger");
    const last = async (fields: Record<string, unknown>, userName?: string) => (await steps(fields, userName)).at(-1)!;
    assert.match(await last({ caPem: stranger.cert }), /^tls: .*CA that this configuration does not trust/);
    assert.match(await last({ serverName: "x.example.org" }), /^tls: .*another name/);
    assert.match(
      await last({ bindDn: "cn=nobody,dc=example,dc=org" }),
      /^bind: the directory refused the service account/,
    );
    assert.match(await last({ userBase: "ou=nowhere,dc=example,dc=org" }), /^search: .*does not exist/);
    assert.match(await last({}, "nobody"), /^search: nobody has this name/);
    assert.match(await last({ groups: { base: "ou=nowhere,dc=example,dc=org" } }), /^groups: .*does not exist/);
    const refused = {
      ...accessTo(slapd),
      resolveHost: () => Promise.reject(new AppError("destination-refused", "not allowed")),
    };
    const { steps: tried } = await probe(refused, null);
    assert.deepEqual(tried, [{ step: "address", ok: false, message: "not allowed", remedy: null }]);
  });
});
