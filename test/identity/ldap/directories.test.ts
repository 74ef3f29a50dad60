import assert from "node:assert/strict";
import { removeDirectory } from "../../../src/identity/ldap/configure.ts";
import { signInByLdap } from "../../../src/identity/ldap/index.ts";
import type { LdapSettings } from "../../../src/identity/ldap/schema.ts";
import { AppError } from "../../../src/platform/errors.ts";
import { seedTenant } from "../../support/seed.ts";
import { rule, verify } from "../directory/fixture.ts";
import { groupDn } from "./fixture.ts";
import { isCode, type Lab, startLab } from "./lab.ts";

describe("ldap: directories of a tenant", () => {
  let lab: Lab;
  before(async () => {
    lab = await startLab();
    await lab.map([rule({ value: groupDn("staff"), builtinRole: "viewer" })]);
  });
  afterEach(() => verify(lab.world));
  after(() => lab?.stop());

  it("keeps names and passwords out of the ledger's headers, and passwords out of it altogether", async () => {
    await lab.refused("ben", "a-wrong-password");
    const { rows } = await lab.world.database.superuser.query(
      "select r::text as row from ledger.rows r where action = 'ldap.refused'",
    );
    for (const { row } of rows) assert.ok(!/anna|ben|nobody/.test(row), row);
    const all = await lab.world.database.superuser.query(
      "select string_agg(content, '') as text from ledger.openings where tenant_id = $1",
      [lab.world.tenant.tenantId],
    );
    for (const secret of ["a-wrong-password", "anna's password", lab.slapd.service.password]) {
      assert.ok(!all.rows[0].text.includes(secret));
    }
  });

  it("seals the service account's password: it is in no row of the database", async () => {
    const { rows } = await lab.world.database.superuser.query(
      "select d::text as text, bind_password from ldap_directories d",
    );
    assert.ok(!rows[0].text.includes(lab.slapd.service.password));
    assert.ok(!rows[0].bind_password.toString("latin1").includes(lab.slapd.service.password));
  });

  it("sends the stored password to no other server: new settings of where it goes need it again", async () => {
    const elsewhere: Partial<LdapSettings>[] = [
      { url: "ldaps://evil.example.org" },
      { caPem: null },
      { serverName: "evil.example.org" },
      { bindDn: "cn=other,dc=example,dc=org" },
    ];
    for (const settings of elsewhere) {
      await assert.rejects(lab.change(settings, { bindPassword: null }), isCode("invalid"), JSON.stringify(settings));
    }
    await lab.change({ timeoutMs: 3000 }, { bindPassword: null });
    await assert.rejects(lab.change({}, { version: 1 }), isCode("conflict"));
  });

  it("asks no directory that is switched off, or another tenant's", async () => {
    await lab.change({}, { enabled: false });
    assert.equal(await lab.refused("anna"), "no-directory");
    await lab.change({});

    const other = await seedTenant(lab.world.seed, { name: "Other" });
    const attempt = { directoryId: lab.directoryId, userName: "anna", password: "anna's password" };
    await assert.rejects(
      signInByLdap(lab.deps, { ...lab.knock(), tenantId: other.tenantId }, attempt),
      isCode("sign-in-refused"),
    );
  });

  it("says apart that the directory is away, with the step in the ledger", async () => {
    lab.slapd.signal("SIGSTOP");
    try {
      await lab.change({ timeoutMs: 500 });
      await assert.rejects(lab.signIn("ben"), isCode("outbound-failed"));
      const { reason, step, message } = await lab.world.unit("ldap.refused");
      assert.deepEqual([reason, step, message], ["directory-failed", "tls", "no answer in time"]);
    } finally {
      lab.slapd.signal("SIGCONT");
    }
    lab.deps.resolveHost = async () => {
      throw new AppError("destination-refused", "this destination may not be reached");
    };
    for (let n = 0; n < 12; n++) await assert.rejects(lab.signIn("ben"), isCode("outbound-failed"));
    assert.equal((await lab.world.unit("ldap.refused")).step, "address", "an outage locks nobody");
    lab.deps.resolveHost = async (host) => [host];
  });

  it("is refused when the directory is switched off while it is asked", async () => {
    lab.deps.resolveHost = async (host) => {
      await lab.change({}, { enabled: false });
      return [host];
    };
    assert.equal(await lab.refused("ben"), "no-directory");
    lab.deps.resolveHost = async (host) => [host];
    await lab.change({});
  });

  it("takes what its groups gave when it is removed, and asks it no more", async () => {
    const entered = await lab.signIn("anna");
    assert.ok(entered.state === "signed-in");
    const { userId } = entered.session;
    assert.equal((await lab.access(userId))["images:read"], "all");
    await lab.world.administering((tx) => removeDirectory(lab.deps, tx, lab.directoryId));
    assert.deepEqual(await lab.access(userId), {});
    assert.equal(await lab.refused("anna"), "no-directory");
    const { rows } = await lab.world.database.superuser.query(
      "select octet_length(bind_password) as bytes from ldap_directories where directory_id = $1",
      [lab.directoryId],
    );
    assert.deepEqual(rows, [{ bytes: 0 }]);
  });
});
