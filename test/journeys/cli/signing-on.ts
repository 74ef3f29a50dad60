import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { providerMetadata } from "../../support/saml-metadata.ts";
import { type CliWorld, tenantLine } from "./world.ts";

type Saml = {
  configuration: { settings: { enabled: boolean; enforce: boolean; idp: { entityId: string }; attributes: object } };
  keys: { keyId: string; state: string }[];
};
const entityId = "https://idp.example.org/metadata";

/** A tenant's ways in, from none to an enforced identity provider. */
export function signingOn(world: () => CliWorld): void {
  const { run, show } = tenantLine(world, "elm");
  const states = ({ keys }: Saml) => keys.map(({ state }) => state).sort();

  it("connects an identity provider from its metadata, and changes one setting without losing another", async () => {
    const { appliance, here } = world();
    await here("tenant", "create", "--name", "Elm");
    const file = join(appliance.directory, "idp.xml");
    await writeFile(file, providerMetadata);
    await assert.rejects(show("saml", "enforce"), /no identity provider is configured; begin with 'saml connect'/);
    assert.match(await show("saml", "metadata", "--xml-file", file), new RegExp(`entityId +${entityId}`));
    const made = await run<Saml>("saml", "connect", "--xml-file", file);
    assert.deepEqual(states(made), ["current"]);
    await run("saml", "set", "--attributes-groups", "groups", "--second-factor-contexts", "urn:mfa");
    const on = await run<Saml>("saml", "set", "--enabled", "true");
    assert.equal(on.configuration.settings.enabled, true);
    assert.deepEqual(
      { ...on.configuration.settings.attributes },
      { ...made.configuration.settings.attributes, groups: "groups" },
    );
    const again = await run<Saml>("saml", "connect", "--xml-file", file);
    assert.deepEqual(again.configuration.settings, on.configuration.settings);
    assert.match(await show("saml", "show"), new RegExp(`configuration.settings.idp.entityId +${entityId}`));
  });

  it("adds, switches and retires its keys, and opens a test", async () => {
    assert.deepEqual(states(await run<Saml>("saml", "add-key")), ["current", "next"]);
    const rotated = await run<Saml>("saml", "rotate-key");
    assert.deepEqual(states(rotated), ["current", "previous"]);
    const { keyId } = rotated.keys.find(({ state }) => state === "previous")!;
    assert.equal((await show("saml", "remove-key", keyId)).trim(), "done");
    const { testId } = await run("saml", "test");
    assert.equal((await run<{ result: null }>("saml", "test-result", testId!)).result, null);
  });

  it("keeps an LDAP directory whose password no process list shows, and tells each step of a test", async () => {
    const password = join(world().appliance.directory, "bind-password");
    await writeFile(password, "of the service account\n");
    const { directoryId } = await run(
      ...[
        "ldap",
        "add",
        "--name",
        "Staff",
        "--url",
        "ldaps://dc1.corp.example",
        "--bind-dn",
        "cn=s,dc=corp,dc=example",
      ],
      ...["--bind-password-file", password, "--user-base", "dc=corp,dc=example", "--user-filter", "(uid={user})"],
      ...["--subject-attribute", "entryUUID", "--attributes-user-name", "uid", "--groups-base", "dc=corp,dc=example"],
    );
    await run("ldap", "change", directoryId!, "--name", "Everybody");
    const changed = await run<{ name: string; settings: { userFilter: string } }>("ldap", "show", directoryId!);
    assert.deepEqual([changed.name, changed.settings.userFilter], ["Everybody", "(uid={user})"]);
    assert.match(await show("ldap", "test", directoryId!, "--user-name", "anna"), /address +false/);
    await show("ldap", "remove", directoryId!);
    await run("mapping", "set", "--rules", JSON.stringify([{ kind: "saml", value: "staff", builtinRole: "viewer" }]));
    assert.match(
      await show("mapping", "preview", "--kind", "saml", "--issuer", entityId, "--groups", "staff"),
      /sites:read/,
    );
  });

  it("sets what acts need, where no people are yet", async () => {
    await run("approval", "set-rule", "hold.release", "--second-person", "off", "--builtin", "owner");
    assert.match(await show("approval", "rules"), /hold\.release .*off/);
    await assert.rejects(show("approval", "set-rule", "hold.release", "--second-person", "on"), /nobody could decide/);
    await run("approval", "set-rule", "hold.release", "--second-person", "when-two", "--any-role");
    assert.match(await show("approval", "rules"), /hold\.release .*when-two/);
  });

  it("enforces the provider as soon as a local owner can get in without it", async () => {
    await assert.rejects(show("saml", "enforce"), /no active local owner/);
    await run("user", "invite", "--user-name", "olga", "--display-name", "Olga", "--role", "owner");
    const { configuration } = await run<Saml>("saml", "enforce");
    assert.deepEqual([configuration.settings.enforce, configuration.settings.enabled], [true, true]);
  });
}
