import assert from "node:assert/strict";
import { Agent, request } from "undici";
import { addGroup, addPerson, addUnits, groupDn, personDn, settingsOf } from "../identity/ldap/fixture.ts";
import { type Appliance, type ApplianceTenant, startAppliance } from "../support/appliance.ts";
import { freePort } from "../support/ports.ts";
import { type Slapd, startSlapd } from "../support/slapd.ts";

type Step = { step: string; ok: boolean; message: string };
type Directory = { directoryId: string; version: number; settings: object };

describe("journey: a company's own directory", function () {
  this.timeout(120_000);
  let slapd: Slapd;
  let appliance: Appliance;
  let tenant: ApplianceTenant;
  let agent: Agent;
  let directory: Directory;
  let north: string;
  const unguarded: { port?: number } = {};

  before(async () => {
    slapd = await startSlapd();
    await addUnits(slapd);
    for (const uid of ["anna", "ben"]) await addPerson(slapd, uid);
    await addGroup(slapd, "guards", [personDn("anna")]);
    await addGroup(slapd, "staff", [groupDn("guards")]);
    unguarded.port = await freePort();
    appliance = await startAppliance({
      // Its loopback stands for the company's network; only the directory's own port is open there.
      configure: (config) => {
        config.outbound = { loopbackPorts: [slapd.port] };
      },
    });
    tenant = await appliance.createTenant("Alder");
    agent = new Agent({ connect: { ca: appliance.ca } });
  });
  after(async () => {
    await agent?.close();
    await appliance?.stop();
    await slapd?.stop();
  });

  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const answer = await appliance.call(tenant.apiKey, method, `/api/v1${path}`, body);
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.body}`);
    return (answer.body === "" ? undefined : answer.json()) as T;
  };
  const signIn = async (userName: string, password: string) => {
    const { statusCode, headers, body } = await request(`${appliance.apiUrl}/api/v1/sign-in/alder/ldap`, {
      dispatcher: agent,
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ directoryId: directory.directoryId, userName, password }),
    });
    const cookies = [headers["set-cookie"] ?? []].flat().map((cookie) => cookie.split(";")[0]!);
    return { status: statusCode, cookie: cookies.join("; "), body: (await body.json()) as Record<string, unknown> };
  };
  const asPerson = async (cookie: string, path: string) => {
    const { statusCode, body } = await request(`${appliance.apiUrl}/api/v1${path}`, {
      dispatcher: agent,
      headers: { cookie },
    });
    return { status: statusCode, body: (await body.json()) as Record<string, unknown> };
  };

  it("is set up, tried step by step, and enabled", async () => {
    const settings = settingsOf(slapd);
    const added = { name: "Staff", settings, bindPassword: slapd.service.password };
    directory = await call<Directory>("POST", "/ldap/directories", added);
    assert.ok(!JSON.stringify(directory).includes(slapd.service.password));
    const path = `/ldap/directories/${directory.directoryId}`;
    const { steps, person } = await call<{ steps: Step[]; person: { groups: string[] } }>("POST", `${path}/test`, {
      userName: "anna",
    });
    assert.ok(
      steps.every(({ ok }) => ok),
      JSON.stringify(steps),
    );
    assert.deepEqual(person.groups.toSorted(), [groupDn("guards"), groupDn("staff")]);
    directory = await call<Directory>("PUT", path, { name: "Staff", enabled: true, version: 1, settings });
    assert.equal(directory.version, 2);
  });

  it("is tried on the box, by the same route", async () => {
    const args = ["ldap", "test", directory.directoryId, "--user-name", "ben", "--tenant", "alder", "--json"];
    const { steps, person } = JSON.parse(await appliance.cli(args));
    assert.ok(
      (steps as Step[]).every(({ ok }) => ok),
      JSON.stringify(steps),
    );
    assert.equal(person.dn, personDn("ben"));
  });

  it("is reached only where the operator allows it", async () => {
    const settings = settingsOf(slapd, { url: `ldaps://127.0.0.1:${unguarded.port}` });
    const { directoryId } = await call<Directory>("POST", "/ldap/directories", {
      name: "Inside",
      settings,
      bindPassword: "x",
    });
    const { steps } = await call<{ steps: Step[] }>("POST", `/ldap/directories/${directoryId}/test`, {});
    assert.deepEqual(
      steps.map(({ step, ok }) => [step, ok]),
      [["address", false]],
    );
    assert.match(steps[0]!.message, /may not be reached/);
    await call("DELETE", `/ldap/directories/${directoryId}`);
  });

  it("maps a group to a role over one site, after a preview", async () => {
    north = (await call<{ siteId: string }>("POST", "/sites", { name: "North" })).siteId;
    await call("POST", "/sites", { name: "South" });
    const rules = [{ kind: "ldap", value: groupDn("staff").toUpperCase(), builtinRole: "viewer", siteIds: [north] }];
    const asked = { kind: "ldap", issuer: directory.directoryId, groups: [groupDn("staff")], rules };
    const preview = await call<{ permissions: Record<string, string[]> }>("POST", "/directory/mapping/preview", asked);
    assert.deepEqual(preview.permissions["sites:read"], [north]);
    await call("PUT", "/directory/mapping", { version: 0, rules });
  });

  it("stands on the sign-in page, whose form lets the same people in", async () => {
    const page = await request(`${appliance.apiUrl}/login/alder`, { dispatcher: agent });
    const html = await page.body.text();
    assert.ok(html.includes("Staff") && html.includes(directory.directoryId), html);
    const post = async (password: string) => {
      const { statusCode, headers, body } = await request(`${appliance.apiUrl}/login/alder`, {
        dispatcher: agent,
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded", origin: appliance.apiUrl },
        body: new URLSearchParams({ userName: "anna", password, way: directory.directoryId }).toString(),
      });
      await body.text();
      return { status: statusCode, cookies: [headers["set-cookie"] ?? []].flat().join("; ") };
    };
    const wrong = await post("wrong");
    assert.deepEqual([wrong.status, wrong.cookies], [401, ""]);
    const right = await post("anna's password");
    assert.equal(right.status, 303);
    assert.match(right.cookies, /__Host-ledgerstone=/);
  });

  it("lets a person in, who sees that site alone, until the group is lost", async () => {
    const anna = await signIn("anna", "anna's password");
    assert.equal(anna.status, 200, JSON.stringify(anna.body));
    assert.equal(anna.body.state, "signed-in");
    const session = (await asPerson(anna.cookie, "/session")).body as {
      user: { source: string };
      session: { via: string };
    };
    assert.deepEqual([session.user.source, session.session.via], ["ldap", "ldap"]);
    const sites = (await asPerson(anna.cookie, "/sites")).body as { sites: { siteId: string }[] };
    assert.deepEqual(
      sites.sites.map(({ siteId }) => siteId),
      [north],
    );

    await slapd.asRoot(async (client) => client.del(groupDn("guards")));
    assert.equal((await signIn("anna", "anna's password")).status, 401);
    assert.equal(
      (await asPerson(anna.cookie, "/sites")).status,
      403,
      "what the group gave is gone from the old session too",
    );
  });

  it("refuses with one answer, whatever was wrong, and a correlation to ask about", async () => {
    const answers = [
      await signIn("ben", "wrong"),
      await signIn("nobody", "wrong"),
      await signIn("ben", ""),
      await signIn("*", "x"),
    ];
    for (const { status, body, cookie } of answers) {
      const { correlation, ...problem } = body;
      const { correlation: _, ...first } = answers[0]!.body;
      assert.equal(status, 401);
      assert.deepEqual(problem, first);
      assert.ok(correlation);
      assert.equal(cookie, "");
    }
    const { rows } = await appliance.superuser.query(
      "select action, actor_id, via, entity_id from ledger.rows where tenant_id = $1 and action = 'ldap.refused' order by seq desc limit 1",
      [tenant.tenantId],
    );
    assert.deepEqual(rows, [
      { action: "ldap.refused", actor_id: "sign-in", via: "ldap", entity_id: answers.at(-1)!.body.correlation },
    ]);
  });

  it("writes no password anywhere it can be read", async () => {
    const secrets = ["anna's password", slapd.service.password];
    for (const secret of secrets) {
      assert.ok(!appliance.app.output().includes(secret));
      assert.ok(!appliance.worker.output().includes(secret));
    }
    await appliance.cli(["verify"]);
  });
});
