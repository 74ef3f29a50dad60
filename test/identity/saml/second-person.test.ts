import assert from "node:assert/strict";
import { exampleCertificate } from "../../../src/identity/saml/example-certificate.ts";
import { type Appliance, type ApplianceTenant, startAppliance } from "../../support/appliance.ts";
import { openPersons, type Person, type Persons } from "../persons.ts";

const settings = {
  enabled: false,
  idp: {
    entityId: "https://idp.example.org",
    ssoUrl: "https://idp.example.org/sso",
    certificates: [exampleCertificate],
  },
};
type Shown = { configuration: { version: number; madeBy: string } | null; keys: { state: string }[] };

describe("identity/saml: who may change how people sign in", function () {
  this.timeout(180_000);
  let appliance: Appliance;
  let persons: Persons;
  let tenant: ApplianceTenant;
  let ada: Person;
  let ben: Person;
  let mia: Person;

  before(async () => {
    appliance = await startAppliance();
    persons = await openPersons(appliance);
    tenant = await appliance.createTenant("Alder");
    ada = await persons.make(tenant.tenantId, "ada", [{ role: "owner" }]);
    ben = await persons.make(tenant.tenantId, "ben", [{ role: "owner" }]);
    mia = await persons.make(tenant.tenantId, "mia", [{ role: "member" }]);
  });
  after(async () => {
    await persons?.stop();
    await appliance?.stop();
  });

  const shown = async (): Promise<Shown> => (await ada.call("GET", "/api/v1/saml")).json<Shown>();

  it("settings wait for another owner, and are then put in force once, by who asked", async () => {
    const asked = await ada.call("PUT", "/api/v1/saml", settings);
    assert.equal(asked.status, 202, asked.body);
    const { approvalId } = asked.json<{ approval: { approvalId: string } }>().approval;
    assert.equal((await shown()).configuration, null);
    assert.equal((await ada.call("POST", `/api/v1/approvals/${approvalId}/approve`)).status, 403);
    const approved = await ben.call("POST", `/api/v1/approvals/${approvalId}/approve`);
    assert.equal(approved.status, 200, approved.body);
    const { configuration, keys } = await shown();
    assert.deepEqual([configuration?.version, configuration?.madeBy], [1, `user ${ada.userId}`]);
    assert.deepEqual(
      keys.map(({ state }) => state),
      ["current"],
    );
  });

  it("a rotation of our key waits too", async () => {
    assert.equal((await ada.call("POST", "/api/v1/saml/keys")).status, 201);
    assert.equal((await ada.call("POST", "/api/v1/saml/keys/rotate")).status, 202);
    const states = (await shown()).keys.map(({ state }) => state).sort();
    assert.deepEqual(states, ["current", "next"]);
  });

  it("a member neither sees nor changes any of it", async () => {
    for (const [method, path, body] of [
      ["GET", "", undefined],
      ["PUT", "", settings],
      ["POST", "/keys", undefined],
      ["POST", "/tests", undefined],
      ["POST", "/metadata", { xml: "<a/>" }],
    ] as const) {
      const answer = await mia.call(method, `/api/v1/saml${path}`, body);
      assert.equal(answer.status, 403, `${method} ${path}: ${answer.body}`);
    }
  });

  it("whoever has not shown a second factor now is asked for it", async () => {
    const answer = await (await ada.again(1)).call("PUT", "/api/v1/saml", settings);
    assert.equal(answer.status, 403);
    assert.match(answer.body, /second factor/);
  });

  it("settings that somebody else has changed meanwhile are not overwritten", async () => {
    const { etag } = (await ada.call("GET", "/api/v1/saml")).headers;
    assert.match(etag ?? "", /^"/);
    const put = (match: string) => ada.call("PUT", "/api/v1/saml", settings, { "if-match": match });
    assert.equal((await put('"another"')).status, 412);
    assert.equal((await put(etag!)).status, 202);
  });
});
