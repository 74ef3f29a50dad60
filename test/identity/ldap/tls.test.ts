import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { LdapFailure, type LdapStep } from "../../../src/identity/ldap/failure.ts";
import { certificateAuthority } from "../../support/pki.ts";
import { freePort } from "../../support/ports.ts";
import { type Slapd, startSlapd } from "../../support/slapd.ts";
import { accessTo, addPerson, addUnits, tryLogin } from "./fixture.ts";

describe("ldap: the connection", () => {
  let slapd: Slapd;
  before(async () => {
    slapd = await startSlapd({ names: ["localhost", "127.0.0.1", "ldap.example.org"] });
    await addUnits(slapd);
    await addPerson(slapd, "anna");
  });
  after(() => slapd?.stop());

  const login = (fields: Record<string, unknown>) => tryLogin(accessTo(slapd, fields), "anna", "anna's password");
  const failsAt = (step: LdapStep, words: RegExp) => (error: unknown) =>
    error instanceof LdapFailure && error.step === step && words.test(error.message);
  const startTlsUrl = () => `ldap://${slapd.host}:${slapd.plainPort}`;

  it("is TLS on either port", async () => {
    assert.ok((await login({})).ok);
    assert.ok((await login({ url: startTlsUrl() })).ok);
    assert.ok((await login({ url: `ldaps://localhost:${slapd.port}` })).ok);
  });

  it("trusts the CA of its configuration and no other", async () => {
    const stranger = await certificateAuthority("Stranger");
    for (const url of [startTlsUrl(), `ldaps://${slapd.host}:${slapd.port}`]) {
      await assert.rejects(
        login({ url, caPem: stranger.cert }),
        failsAt("tls", /CA that this configuration does not trust/),
      );
      await assert.rejects(login({ url, caPem: null }), failsAt("tls", /CA that this configuration does not trust/));
    }
    assert.ok((await login({ caPem: `${stranger.cert}${slapd.ca.cert}` })).ok, "one of several");
  });

  it("wants the certificate to be the server's own", async () => {
    await assert.rejects(login({ serverName: "other.example.org" }), failsAt("tls", /for another name/));
    await assert.rejects(
      login({ serverName: "other.example.org", url: startTlsUrl() }),
      failsAt("tls", /for another name/),
    );
    assert.ok((await login({ serverName: "ldap.example.org" })).ok);
  });

  it("says in words that nothing listens, or that the port speaks something else", async () => {
    const url = `ldaps://${slapd.host}:${await freePort()}`;
    await assert.rejects(login({ url }), failsAt("connect", /nothing listens there/));
    await assert.rejects(
      login({ url: `ldaps://${slapd.host}:${slapd.plainPort}` }),
      failsAt("tls", /closed|did not speak TLS/),
    );
    await assert.rejects(
      login({ url: `ldap://${slapd.host}:${slapd.port}` }),
      failsAt("tls", /none of LDAP|no answer/),
    );
  });

  it("gives up on a directory that hangs, and takes it again afterwards", async () => {
    slapd.signal("SIGSTOP");
    try {
      const began = performance.now();
      await assert.rejects(login({ timeoutMs: 500 }), failsAt("tls", /no answer in time/));
      await assert.rejects(login({ timeoutMs: 500, url: startTlsUrl() }), failsAt("tls", /no answer in time/));
      assert.ok(performance.now() - began < 3000);
    } finally {
      slapd.signal("SIGCONT");
    }
    await sleep(100);
    assert.ok((await login({})).ok);
  });

  it("says that the service account's password is wrong, apart from a person's", async () => {
    const access = { ...accessTo(slapd), bindPassword: "wrong" };
    await assert.rejects(tryLogin(access, "anna", "anna's password"), failsAt("bind", /refused the service account/));
  });

  it("says that a base does not exist", async () => {
    await assert.rejects(login({ userBase: "ou=nowhere,dc=example,dc=org" }), failsAt("search", /does not exist/));
    const groups = { base: "ou=nowhere,dc=example,dc=org" };
    await assert.rejects(login({ groups }), failsAt("groups", /does not exist/));
  });
});
