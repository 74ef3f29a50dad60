import assert from "node:assert/strict";
import { inflateRawSync } from "node:zlib";
import type { Page } from "playwright-core";
import type { Person } from "../../identity/persons.ts";
import { createTestIdp, type TestIdp, toBase64 } from "../../support/saml-idp.ts";
import { idpMetadata } from "../../support/saml-metadata.ts";
import { assertAccessible, assertFaultless, type World } from "./world.ts";

const entityId = "https://idp.example.org/metadata";

/** Single sign-on, provisioning, API keys, health and notices of a tenant of their own, and what the operator sees. */
export function systemsPages(world: () => World): void {
  let tenantId: string;
  let north: string;
  let owner: Person;
  let auditor: Person;
  let viewer: Person;
  let operator: Person;
  let idp: TestIdp;

  before(async () => {
    const { persons, appliance } = world();
    const tenant = await appliance.createTenant("Cedar Systems");
    tenantId = tenant.tenantId;
    owner = await persons.make(tenantId, "cora.cedar", [{ role: "owner" }]);
    for (const name of ["North", "South"]) {
      const made = await owner.call("POST", "/api/v1/sites", { name: `${name} of Cedar` });
      north ??= made.json<{ siteId: string }>().siteId;
    }
    auditor = await persons.make(tenantId, "aron.cedar", [{ role: "auditor" }]);
    viewer = await persons.make(tenantId, "vito.cedar", [{ role: "viewer", sites: [north] }]);
    const args = ["operator", "create", "--user-name", "otis", "--name", "Otis Operator", "--json"];
    const made = JSON.parse(await appliance.cli(args)) as { tenantId: string; userId: string };
    operator = await persons.signIn(made.tenantId, { userId: made.userId, userName: "otis" });
    idp = await createTestIdp(entityId);
  });

  const button = (page: Page, name: string | RegExp) => page.getByRole("button", { name, exact: true });
  const keys = async () =>
    (await owner.call("GET", "/api/v1/api-keys")).json<{ apiKeys: { keyId: string; name: string }[] }>().apiKeys;

  it("makes a key that is shown once and does what was chosen, and revokes it", async () => {
    const { appliance } = world();
    const { page } = await world().open(owner, "/console/access/api-keys");
    await button(page, "Make a key").first().click();
    await page.getByRole("textbox", { name: "Name" }).fill("Site list");
    await page.getByLabel("See sites").check();
    assert.equal(
      await page.getByLabel("Keep people and groups by SCIM").count(),
      0,
      "a directory's token is no such key",
    );
    await page.getByLabel("Only these").check();
    await page.getByLabel("North of Cedar").check();
    await assertAccessible(page, "make a key");
    await button(page, "Make the key").click();
    const shown = page.getByRole("dialog", { name: "The key of Site list" });
    const key = await shown.getByRole("textbox").inputValue();
    assert.match(key, /^atc_live_\w{12}_\w{38}$/);
    await page.keyboard.press("Escape");
    assert.equal(await button(page, "Close").isDisabled(), true, "it closes only after it was stored");
    const { sites } = (await appliance.call(key, "GET", "/api/v1/sites")).json<{ sites: { siteId: string }[] }>();
    assert.deepEqual(
      sites.map(({ siteId }) => siteId),
      [north],
    );
    assert.equal((await appliance.call(key, "GET", "/api/v1/events")).status, 403);
    await shown.getByLabel("I have stored it").check();
    await button(page, "Close").click();
    assert.ok(!(await page.content()).includes(key), "nothing of the page has it any more");
    await page.getByRole("link", { name: "Site list" }).click();
    await page.getByRole("heading", { name: "Site list" }).waitFor();
    await button(page, "Revoke…").click();
    await button(page, "Revoke").click();
    await page.getByText("revoked").first().waitFor();
    assert.equal((await appliance.call(key, "GET", "/api/v1/sites")).status, 401);
    await page.context().close();
  });

  it("reads a provider's metadata from a file, shows what it would change, and saves it switched off", async () => {
    const { page } = await world().open(owner, "/console/access/sign-on");
    await button(page, "Make our key").click();
    await button(page, "Import the provider's metadata…").click();
    const body = idp.certificate.replace(/-----[^-]+-----|\s/g, "");
    const buffer = Buffer.from(idpMetadata({ certificates: [body] }));
    await page.setInputFiles("input[type=file]", { name: "idp.xml", mimeType: "text/xml", buffer });
    await button(page, "Read it").click();
    await page.getByRole("dialog", { name: "What the metadata would change" }).getByText(entityId).waitFor();
    const before = (await owner.call("GET", "/api/v1/saml")).json<{ configuration: unknown }>();
    assert.equal(before.configuration, null, "nothing is in force before it is saved");
    await assertAccessible(page, "what the metadata would change");
    await button(page, "Save").click();
    await page.getByRole("heading", { name: "SAML is set up and switched off" }).waitFor();
    await page.context().close();
  });

  /** The provider's part of a test sign-in, in the owner's browser. */
  async function passProvider(page: Page, loginUrl: string, signer: TestIdp): Promise<void> {
    const { addresses } = (await owner.call("GET", "/api/v1/saml")).json<{
      addresses: { entityId: string; acsUrl: string };
    }>();
    const begun = await page.context().request.get(loginUrl, { maxRedirects: 0 });
    const asked = new URL(begun.headers().location!);
    const request = inflateRawSync(Buffer.from(asked.searchParams.get("SAMLRequest")!, "base64")).toString();
    const xml = signer.respond({
      requestId: / ID="([^"]+)"/.exec(request)![1]!,
      acsUrl: addresses.acsUrl,
      spEntityId: addresses.entityId,
      attributes: { groups: ["guards"] },
    });
    await page.context().request.post(addresses.acsUrl, {
      form: { SAMLResponse: toBase64(xml), RelayState: asked.searchParams.get("RelayState")! },
    });
  }

  it("tells of a test sign-in check by check, and of one that was refused at which", async () => {
    const { page } = await world().open(owner, "/console/access/sign-on");
    await button(page, "Try it…").click();
    const way = page.getByRole("link", { name: "Open the provider's sign-in" });
    await passProvider(page, (await way.getAttribute("href"))!, idp);
    await page.getByText("anna@example.test would be signed in").waitFor();
    assert.equal(
      await page
        .getByRole("dialog")
        .getByLabel(/: passed$/)
        .count(),
      7,
    );
    await assertAccessible(page, "what came of a test");
    await button(page, "Try again").click();
    await passProvider(page, (await way.getAttribute("href"))!, await createTestIdp(entityId));
    await page
      .getByText(/^Danger alert:Refused|Refused: no valid signature/)
      .first()
      .waitFor();
    await page.getByLabel("It is signed by a certificate of the provider, with strong algorithms: failed").waitFor();
    assert.equal(await page.getByLabel(/: not reached$/).count(), 3);
    await page.context().close();
  });

  it("maps a group to a role over one site, and says what it gives", async () => {
    const { page } = await world().open(owner, "/console/access/sign-on");
    await button(page, "Add a rule…").click();
    await page.getByRole("textbox", { name: "Group there" }).fill("guards");
    await page.getByLabel("Gives here").selectOption("builtin member");
    await page.getByLabel("Only these").check();
    await page.getByLabel("North of Cedar").check();
    await button(page, "Save").click();
    await page.getByRole("gridcell", { name: "member at North of Cedar" }).waitFor();
    await button(page, "Try groups…").click();
    await page.getByRole("textbox", { name: "Groups there" }).fill("guards");
    await button(page, "Ask").click();
    await page.getByRole("dialog").getByText("member at North of Cedar").waitFor();
    await page.context().close();
  });

  it("enforces sign-on only after its warning was read, and announces and switches our key", async () => {
    const { page } = await world().open(owner, "/console/access/sign-on");
    await button(page, "Switch it on…").click();
    await button(page, "Switch on").click();
    await button(page, "Enforce it…").click();
    assert.equal(await button(page, "Enforce").isDisabled(), true);
    await page.getByText("local owners are the only way in").waitFor();
    await page.getByLabel(/a local owner can sign in here/).check();
    await button(page, "Enforce").click();
    await button(page, "Stop enforcing…").waitFor();
    await button(page, "Announce a next key…").click();
    await button(page, "Announce it").click();
    await button(page, "Switch to the next key…").click();
    await button(page, "Switch").click();
    await button(page, "Retire…").waitFor();
    await page.context().close();
  });

  it("makes a directory's token, by which SCIM answers, and shows when it was used", async () => {
    const { page } = await world().open(owner, "/console/access/provisioning");
    await button(page, "Make a token…").click();
    await page.getByRole("textbox", { name: "Directory" }).fill("Entra ID");
    await button(page, "Make the token").click();
    const shown = page.getByRole("dialog", { name: "The key of Entra ID" });
    const token = await shown.getByRole("textbox").inputValue();
    await shown.getByLabel("I have stored it").check();
    await button(page, "Close").click();
    const added = { schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], userName: "dora", externalId: "d-1" };
    assert.equal((await world().appliance.call(token, "POST", "/scim/v2/Users", added)).status, 201);
    assert.equal((await world().appliance.call(token, "GET", "/api/v1/provisioning")).status, 403);
    await page.reload();
    await page.getByText("1 people, 0 of earlier").waitFor();
    assert.equal(await page.getByText("none yet").count(), 0, "the last request and change show");
    await page.context().close();
  });

  it("shows notices until they are read, and what was unusual", async () => {
    const { page } = await world().open(owner, "/console/notices");
    await page.getByText("The way people sign in was changed").first().waitFor();
    await page.getByRole("button", { name: /[1-9]\d* new notices?/ }).waitFor();
    await button(page, "Mark all as read").click();
    await page.getByRole("button", { name: "0 new notices" }).waitFor();
    await page.getByRole("tab", { name: "What was unusual" }).click();
    await page.getByRole("gridcell", { name: "An API key with wide rights was made" }).waitFor();
    await page.getByRole("tab", { name: "E-mails" }).click();
    await page.getByText("This appliance sends no e-mails").waitFor();
    assert.equal((await owner.call("POST", "/api/v1/notices/test-mail")).status, 409);
    await page.context().close();
  });

  it("says that all parts answer, changes the data key, and tells a tenant nothing that tenants share", async () => {
    const { page } = await world().open(owner, "/console/system");
    await page.getByText("answers").nth(3).waitFor();
    await button(page, "New data key…").click();
    await button(page, "Make it").click();
    await page.getByRole("gridcell", { name: "2", exact: true }).waitFor();
    await page.context().close();
    const own = (await owner.call("GET", "/api/v1/health")).body;
    for (const shared of ["freeBytes", "databaseBytes", "queues", "signing"]) assert.ok(!own.includes(shared), shared);
  });

  it("shows each page in light and dark, with nothing that the policy or axe-core finds serious", async () => {
    const [newest] = await keys();
    const access = ["sign-on", "sign-on/ldap", "provisioning", "api-keys", `api-keys/${newest!.keyId}`];
    const pages = [...access.map((path) => `access/${path}`), "system", "notices", "notices/mail"];
    for (const path of pages) await assertFaultless(world(), owner, path);
    for (const path of ["tenants", "system"]) await assertFaultless(world(), operator, path);
  });

  it("shows an auditor all of it and offers nothing, and refuses what is forced", async () => {
    const offered = [/^Make/, /…$/, /^New data key/];
    for (const path of ["access/sign-on", "access/provisioning", "access/api-keys", "system"]) {
      const { page } = await world().open(auditor, `/console/${path}`);
      await page.getByRole("heading", { level: 1 }).waitFor();
      for (const name of offered) {
        const found = page.getByRole("main").getByRole("button", { name }).filter({ hasNotText: "Try groups" });
        assert.equal(await found.count(), 0, `${path}: ${name}`);
      }
      await page.context().close();
    }
    const forced: [string, string, unknown][] = [
      ["POST", "/api/v1/api-keys", { name: "mine", permissions: ["sites:read"] }],
      [
        "PUT",
        "/api/v1/saml",
        { enabled: false, idp: { entityId, ssoUrl: `${entityId}/sso`, certificates: [idp.certificate] } },
      ],
      ["POST", "/api/v1/saml/tests", undefined],
      ["PUT", "/api/v1/directory/mapping", { version: 1, rules: [] }],
      ["POST", "/api/v1/keys/data/rotate", undefined],
    ];
    for (const [method, path, body] of forced) {
      assert.equal((await auditor.call(method, path, body)).status, 403, `${method} ${path}`);
    }
  });

  it("leads a viewer of one site to none of it, and refuses what is forced", async () => {
    const { page } = await world().open(viewer, "/console/notices");
    await page.getByRole("heading", { name: "Notices" }).waitFor();
    const nav = page.getByRole("navigation", { name: "Pages" });
    await nav.getByRole("link", { name: "Notices" }).waitFor();
    for (const name of ["Single sign-on", "Provisioning", "API keys", "Health", "Tenants"]) {
      assert.equal(await nav.getByRole("link", { name }).count(), 0, name);
    }
    assert.equal(await page.getByRole("tab", { name: "What was unusual" }).count(), 0);
    await page.context().close();
    for (const path of ["saml", "provisioning", "api-keys", "health", "keys", "anomalies", "appliance/health"]) {
      assert.equal((await viewer.call("GET", `/api/v1/${path}`)).status, 403, path);
    }
  });

  it("shows the operator tenants by name and number and the appliance's health, without content or paths", async () => {
    const { appliance } = world();
    const { page } = await world().open(operator, "/console/");
    await page.getByRole("gridcell", { name: "Cedar Systems" }).waitFor();
    const links = await page.getByRole("navigation", { name: "Pages" }).getByRole("link").allTextContents();
    assert.deepEqual(links, ["Tenants", "Health", "Notices"]);
    await page.getByRole("link", { name: "Health" }).click();
    await page.getByText("1 of 1 can be written").waitFor();
    await page.context().close();
    const { body } = await operator.call("GET", "/api/v1/appliance/health");
    const { queues } = JSON.parse(body) as { queues: { workers: number }[] };
    assert.ok(queues.length > 3 && queues.every(({ workers }) => workers === 1), body);
    for (const told of [appliance.directory, "Cedar", "North", tenantId]) assert.ok(!body.includes(told), told);
    assert.equal((await owner.call("GET", "/api/v1/appliance/health")).status, 403);
  });
}
