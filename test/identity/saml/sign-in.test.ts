import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { createSessionVerifier } from "../../../src/identity/index.ts";
import { encryptAssertion } from "../../support/saml-idp.ts";
import { type Lab, openLab, respond } from "./lab.ts";

describe("identity/saml: sign-in", () => {
  let lab: Lab;
  before(async () => {
    lab = await openLab();
  });
  after(() => lab?.stop());

  it("somebody new whose group is mapped gets an account, a session and a row", async () => {
    const { alder, idp, deps } = lab;
    const flow = await alder.begin();
    const outcome = await alder.answer(flow, respond(idp, flow.to));
    assert.ok(outcome.kind === "signed-in", JSON.stringify(outcome));
    const verified = await createSessionVerifier({ pool: deps.pool }).verify(outcome.token, {
      address: "192.0.2.1",
      correlation: randomUUID(),
    });
    assert.equal(verified?.principal.actor.id, outcome.userId);
    assert.equal(verified.session.via, "saml");
    assert.equal(verified.session.strength, 1);
    assert.equal(verified.access.get("events:read"), "all");
    const [row] = await alder.details("saml.signed-in");
    assert.equal(row?.issuer, idp.entityId);
  });

  it("the same NameID is the same person, another address or not", async () => {
    const { alder, idp } = lab;
    const sign = async (nameId: string, mail: string) => {
      const flow = await alder.begin();
      const attributes = { groups: ["staff"], mail: [mail] };
      return alder.answer(flow, respond(idp, { ...flow.to, nameId, attributes }));
    };
    const [one, again, other] = [
      await sign("u-17", "a@x.test"),
      await sign("u-17", "b@x.test"),
      await sign("u-18", "b@x.test"),
    ];
    assert.ok(one.kind === "signed-in" && again.kind === "signed-in" && other.kind === "signed-in");
    assert.equal(one.userId, again.userId);
    assert.notEqual(one.userId, other.userId);
  });

  it("an encrypted assertion opens, by GCM and, under the response's signature, by CBC", async () => {
    const { alder, idp } = lab;
    for (const cipher of ["aes128-gcm", "aes256-cbc"] as const) {
      const flow = await alder.begin();
      const wrapAssertion = (xml: string) => encryptAssertion(xml, alder.certificate, { cipher });
      const outcome = await alder.answer(flow, respond(idp, { ...flow.to, wrapAssertion }));
      assert.equal(outcome.kind, "signed-in", JSON.stringify(outcome));
    }
  });

  it("somebody whose groups are mapped to nothing gets no account", async () => {
    const { alder, idp } = lab;
    const flow = await alder.begin();
    const outcome = await alder.answer(
      flow,
      respond(idp, { ...flow.to, nameId: "nobody", attributes: { groups: ["x"] } }),
    );
    assert.deepEqual(outcome, { kind: "refused", reason: "no-role" });
  });
});
