import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Redis } from "ioredis";
import { Secret, TOTP } from "otpauth";
import { newApiKey } from "../../src/identity/index.ts";
import { newSpKey } from "../../src/identity/saml/certificates.ts";
import type { Answer } from "../support/appliance.ts";
import { directorySettings } from "../support/ldap-settings.ts";
import { freePort } from "../support/ports.ts";
import { type ScimClient, scimClient, scimToken } from "../support/scim.ts";
import { type SmtpServer, startSmtp } from "../support/smtp.ts";
import { type Visitor, visitor } from "../support/visitor.ts";
import { openSamlWorld, type SamlWorld } from "./saml-world.ts";

const scimSchemas = {
  user: "urn:ietf:params:scim:schemas:core:2.0:User",
  patch: "urn:ietf:params:scim:api:messages:2.0:PatchOp",
};

describe("journeys: a directory's person joins by SAML, and no log or queue has what anybody showed", function () {
  this.timeout(240_000);
  let world: SamlWorld;
  let smtp: SmtpServer;
  let scim: ScimClient;
  let by: Visitor;
  let ldapPort: number;
  /** Everything that must stand in no log and no queue, by what it is. */
  const planted = new Map<string, string>();
  const plant = (name: string, value: string): string => {
    planted.set(name, value);
    return value;
  };

  before(async () => {
    smtp = await startSmtp({ login: { user: "ledgerstone", password: plant("SMTP password", "planted-smtp-horse") } });
    ldapPort = await freePort();
    world = await openSamlWorld(await newSpKey("provider"), (config) => {
      Object.assign(config, { logLevel: "trace", smtp: smtp.section, retention: { reconcileSeconds: 1 } });
      config.http!.publicUrl = `https://localhost:${config.http!.port}`;
      (config.outbound!.loopbackPorts as number[]).push(ldapPort);
    });
    const { token } = await scimToken(world.appliance, world.alder.apiKey, { holder: "tenant" });
    plant("API key", world.alder.apiKey);
    scim = scimClient(world.appliance, plant("SCIM token", token));
    by = visitor(world.appliance);
  });
  after(async () => {
    await by?.close();
    await scim?.close();
    await world?.stop();
    await smtp?.stop();
  });

  const ok = <T>(answer: Answer): T => {
    assert.ok(answer.status < 300, `${answer.status} ${answer.body}`);
    return (answer.body === "" ? undefined : answer.json()) as T;
  };

  it("whom SCIM made signs in by the subject alone, as that account, and is out when SCIM says so", async () => {
    const { alder, api, connect, inBrowser, passProvider, session, signsIn, reasons, provider } = world;
    const userName = plant("user name of SCIM", "planted.carla@scim.example");
    const emails = [{ value: plant("address of SCIM", "planted-mail@scim.example"), type: "work", primary: true }];
    const person = {
      schemas: [scimSchemas.user],
      userName,
      externalId: "carla",
      displayName: "Carla",
      emails,
      active: true,
    };
    const { id } = ok<{ id: string }>(await scim.send("POST", "/Users", person));
    await connect(alder, { provisioning: "known-only" });
    assert.equal(await signsIn(alder, "carla"), undefined, "an external id is no subject until an owner says so");
    assert.equal((await reasons(alder)).at(-1), "unknown-user");
    const mapping = await api<{ version: number; rules: object[] }>(alder, "GET", "/directory/mapping");
    const scimLinks = [{ kind: "saml", issuer: provider.entityId }];
    await api(alder, "PUT", "/directory/mapping", { version: mapping.version, rules: mapping.rules, scimLinks });
    await inBrowser(async (page, context) => {
      let response = "";
      await page.route(alder.acsUrl, async (route) => {
        response = new URLSearchParams(route.request().postData() ?? "").get("SAMLResponse") ?? "";
        await route.continue();
      });
      await passProvider(page, "carla", alder.loginUrl);
      plant("SAML response", response.slice(200, 400));
      plant("assertion", /<saml:Attribute\b[\s\S]{60}/.exec(Buffer.from(response, "base64").toString())![0]);
      const cookies = await context.cookies();
      plant("session token of SAML", cookies.find(({ name }) => name === "__Host-ledgerstone")!.value);
      const found = (await session(context))!;
      assert.deepEqual([found.user.userName, found.user.source], [userName, "scim"]);
      assert.equal(found.access["events:read"], "all", "by the groups that SAML says");
      const { links } = await api<{ links: { linkedBy: string; subject: string }[] }>(
        alder,
        "GET",
        `/users/${id}/links`,
      );
      assert.deepEqual(
        links.map(({ linkedBy, subject }) => [linkedBy, subject]),
        [["scim", "carla"]],
      );
      const off = { schemas: [scimSchemas.patch], Operations: [{ op: "Replace", path: "active", value: "False" }] };
      ok(await scim.send("PATCH", `/Users/${id}`, off));
      assert.equal(await session(context), undefined, "with her next request");
    });
    assert.equal(await signsIn(alder, "carla"), undefined);
    assert.equal((await reasons(alder)).at(-1), "deactivated");
    assert.equal(await signsIn(alder, "anna"), undefined, "whom SCIM did not make");
    assert.equal((await reasons(alder)).at(-1), "unknown-user");
    const found = await world.appliance.superuser.query("select user_id from users where tenant_id = $1", [
      alder.tenantId,
    ]);
    assert.deepEqual(
      found.rows.map(({ user_id }) => user_id),
      [id],
      "one account",
    );
  });

  it("a person signs in, steps up, fails, makes keys, and is asked about; mails go out and are refused", async () => {
    const { alder, api, appliance } = world;
    const email = plant("address", "planted-olga@site.example");
    await api(alder, "POST", "/invitations", { userName: "planted.olga", displayName: "Olga", email, role: "owner" });
    plant("user name", "planted.olga");
    const { text } = await smtp.mailTo(email);
    const token = plant("setup link", /#([\w-]{40,})/.exec(text)![1]!);
    const password = plant("password", "planted gravel umbrella");
    const sign = `/api/v1/sign-in/${alder.slug}`;
    const entered = ok<{ csrfToken: string }>(await by.send("POST", `${sign}/link`, { token, password }));
    by.csrf = entered.csrfToken;
    const factors = "/api/v1/account/factors";
    const { secret } = ok<{ secret: string }>(await by.send("POST", `${factors}/totp/begin`));
    plant("TOTP secret", secret);
    const code = () => new TOTP({ secret: Secret.fromBase32(secret) }).generate();
    const added = await by.send("POST", `${factors}/totp`, { name: "planted phone", code: plant("code", code()) });
    const codes = ok<{ recoveryCodes: string[]; csrfToken: string }>(added);
    by.csrf = codes.csrfToken;
    codes.recoveryCodes.forEach((each, n) => void plant(`recovery code ${n}`, each));
    plant("session token", by.cookies.get("__Host-ledgerstone")!);
    plant("browser's token", by.cookies.get("__Host-ledgerstone-device")!);
    ok(await by.send("POST", `${factors}/email/begin`));
    const mailed = await smtp.mailTo(email, ({ text: words }) => /\b\d{6}\b/.test(words));
    plant("mailed code", /\b\d{6}\b/.exec(mailed.text)![0]);
    await by.send("POST", `${factors}/email`, { name: "mail", code: "000000" });
    const made = { name: "planted", permissions: ["sites:read", "access:write"] };
    const { key } = ok<{ key: string }>(await by.send("POST", "/api/v1/api-keys", made));
    ok(await appliance.call(plant("person's key", key), "GET", "/api/v1/sites"));
    await appliance.call(plant("key that nobody has", newApiKey("live").key), "GET", "/api/v1/sites");
    await appliance.call(`${key.slice(0, -40)}`, "GET", "/api/v1/sites");

    const other = visitor(appliance);
    await other.send("POST", `${sign}/password`, {
      userName: "planted.olga",
      password: plant("wrong password", "planted wrong one"),
    });
    await other.send("POST", `${sign}/password`, { userName: plant("name of nobody", "planted.nobody"), password });
    ok(await other.send("POST", `${sign}/password`, { userName: "planted.olga", password }));
    plant("pending sign-in", other.cookies.get("__Host-ledgerstone-pending")!);
    await other.send("POST", `${sign}/second-factor`, {
      kind: "recovery",
      code: plant("wrong recovery code", "PLNT-PLNT-PLNT-PLNT"),
    });
    ok(await other.send("POST", `${sign}/second-factor`, { kind: "recovery", code: codes.recoveryCodes[0] }));
    plant("another session's token", other.cookies.get("__Host-ledgerstone")!);
    await other.close();

    // Whom the mail server refuses.
    const refused = plant("address that is refused", "planted-nobody@refused.example");
    const invited = { userName: "planted.refused", displayName: "Nobody", email: refused, role: "viewer" };
    const { link } = await api<{ link: { url: string } }>(alder, "POST", "/invitations", invited);
    const third = visitor(appliance);
    const handed = plant("link handed over", link.url.split("#")[1]!);
    third.csrf = ok<{ csrfToken: string }>(
      await third.send("POST", `${sign}/link`, {
        token: handed,
        password: plant("another password", "planted cobble lantern"),
      }),
    ).csrfToken;
    assert.equal((await third.send("POST", `${factors}/email/begin`)).status, 502);
    await third.close();

    const bindPassword = plant("bind password", "planted-bind-pass");
    const settings = { ...directorySettings, url: `ldaps://127.0.0.1:${ldapPort}` };
    const { directoryId } = await api<{ directoryId: string }>(alder, "POST", "/ldap/directories", {
      name: "Directory",
      enabled: true,
      settings,
      bindPassword,
    });
    const given = { userName: "planted.ldap", password: plant("LDAP password", "planted-ldap-pass") };
    assert.equal((await by.send("POST", `${sign}/ldap`, { directoryId, ...given })).status, 502);

    const { siteId } = await api<{ siteId: string }>(alder, "POST", "/sites", { name: "Gate" });
    const subjects = [plant("subject", "plate:PLANTED123")];
    const event = {
      kind: "gate.opened",
      occurred: new Date().toISOString(),
      body: { driver: plant("content", "planted driver") },
      subjects,
    };
    await api(alder, "POST", `/events?site=${siteId}`, [event]);
    const erasure = { subject: subjects[0], reason: "test" };
    assert.equal((await appliance.call(alder.apiKey, "POST", "/api/v1/erasure-requests", erasure)).status, 202);
    // What the database refuses, too.
    await appliance.call(alder.apiKey, "POST", "/api/v1/users", {
      userName: "planted.olga",
      displayName: "Other",
      email,
    });
  });

  it("neither log, nor what Redis was ever told, has any of it", async () => {
    const { appliance } = world;
    const { host, port, password } = appliance.redis;
    const redis = new Redis({ host, port, password });
    const [, directory] = (await redis.config("GET", "dir")) as [string, string];
    const keys = (await redis.keys("*")).join("\n");
    await redis.quit();
    const log = join(directory, "appendonlydir");
    const told = await Promise.all((await readdir(log)).map((name) => readFile(join(log, name), "latin1")));
    const places = {
      "the app's log": appliance.app.output(),
      "the worker's log": appliance.worker.output(),
      "Redis' keys": keys,
      "what Redis was told": told.join("\n"),
    };
    // There is something to search: requests were refused and failed, tasks ran, limits were counted.
    assert.match(places["the app's log"], /request failed/);
    assert.match(places["what Redis was told"], /taskId/);
    assert.match(places["Redis' keys"], /limit-auth/);
    assert.ok(planted.size > 40, `${planted.size}`);
    const found: string[] = [];
    for (const [name, value] of planted) {
      assert.ok(value.length >= 6, name);
      const forms = [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)];
      if (value.length > 6)
        forms.push(Buffer.from(value).toString("base64").slice(0, -4), Buffer.from(value).toString("hex"));
      for (const [place, text] of Object.entries(places)) {
        const isThere = (form: string) =>
          value.length > 6 ? text.includes(form) : new RegExp(`\\b${form}\\b`).test(text);
        if (forms.some(isThere)) found.push(`${place}: ${name}`);
      }
    }
    assert.deepEqual(found, []);
  });
});
