import assert from "node:assert/strict";
import { createVerify, X509Certificate } from "node:crypto";
import { withTenant } from "../../../src/audit/index.ts";
import { grantRole } from "../../../src/identity/index.ts";
import { createUser } from "../../../src/identity/people/users.ts";
import { beginSignIn } from "../../../src/identity/saml/begin.ts";
import { newSpKey } from "../../../src/identity/saml/certificates.ts";
import { isSsoEnforced } from "../../../src/identity/saml/configure.ts";
import { signInPrincipal } from "../../../src/identity/saml/finish.ts";
import { addKey, listKeys, openKeys, removeKey, rotateSpKey } from "../../../src/identity/saml/sp-keys.ts";
import { openTest, readTest } from "../../../src/identity/saml/try-out.ts";
import { AppError } from "../../../src/platform/errors.ts";
import { createTestIdp, encryptAssertion, toBase64 } from "../../support/saml-idp.ts";
import { type Lab, openLab, respond } from "./lab.ts";

const isCode = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;

describe("identity/saml: settings and keys of a tenant", () => {
  let lab: Lab;
  before(async () => {
    lab = await openLab();
  });
  after(() => lab?.stop());

  const settled = async () => {
    const flow = await lab.alder.begin();
    return { flow, answer: (response: string) => lab.alder.answer(flow, response) };
  };

  it("a provider rolls its certificate over without anybody noticing: both are believed, then the new one alone", async () => {
    const next = { ...(await createTestIdp(lab.idp.entityId)) };
    const provider = (certificates: string[]) => ({
      idp: { entityId: lab.idp.entityId, ssoUrl: "https://idp.test/sso", certificates },
    });
    const tries = async () => {
      const kinds: string[] = [];
      for (const idp of [lab.idp, next]) {
        const { flow, answer } = await settled();
        kinds.push((await answer(respond(idp, flow.to))).kind);
      }
      return kinds;
    };
    assert.deepEqual(await tries(), ["signed-in", "refused"]);
    await lab.alder.configure(provider([lab.idp.certificate, next.certificate]));
    assert.deepEqual(await tries(), ["signed-in", "signed-in"]);
    await lab.alder.configure(provider([next.certificate]));
    assert.deepEqual(await tries(), ["refused", "signed-in"]);
    await lab.alder.configure();
  });

  it("our key rolls over: announced, in use, then only opening, then gone", async () => {
    const { alder, deps, idp } = lab;
    const opens = async (certificate: string) => {
      const { flow, answer } = await settled();
      const wrapAssertion = (xml: string) => encryptAssertion(xml, certificate);
      return (await answer(toBase64(idp.respond({ ...flow.to, wrapAssertion })))).kind;
    };
    const states = async () => (await alder.inTenant(listKeys)).map(({ state }) => state).sort();
    const [second, third] = [await newSpKey("a.test"), await newSpKey("a.test")];
    await assert.rejects(alder.inTenant(rotateSpKey), isCode("conflict"));
    await alder.inTenant((tx) => addKey(deps, tx, second));
    await assert.rejects(
      alder.inTenant((tx) => addKey(deps, tx, third)),
      isCode("conflict"),
    );
    assert.deepEqual(await states(), ["current", "next"]);
    assert.equal(await opens(second.certificate), "signed-in");
    await alder.inTenant(rotateSpKey);
    assert.deepEqual(await states(), ["current", "previous"]);
    assert.equal(await opens(alder.certificate), "signed-in");
    const previous = (await alder.inTenant(listKeys)).find(({ state }) => state === "previous")!;
    await alder.inTenant((tx) => removeKey(tx, previous.keyId));
    assert.equal(await opens(alder.certificate), "refused");
    const current = (await alder.inTenant(listKeys))[0]!;
    await assert.rejects(
      alder.inTenant((tx) => removeKey(tx, current.keyId)),
      isCode("conflict"),
    );
    const { rows } = await lab.database.superuser.query("select private_key from saml_keys where key_id = $1", [
      previous.keyId,
    ]);
    assert.deepEqual(rows, [{ private_key: null }]);
  });

  it("private keys are sealed: in the table stands none", async () => {
    const { rows } = await lab.database.superuser.query<{ private_key: Buffer }>(
      "select private_key from saml_keys where private_key is not null",
    );
    assert.ok(rows.length > 0 && rows.every(({ private_key }) => !private_key.includes("PRIVATE KEY")));
    const [pem] = await lab.alder.inTenant((tx) => openKeys(lab.deps, tx));
    assert.match(pem!, /^-----BEGIN PRIVATE KEY-----/);
  });

  it("requests are signed with the key in use", async () => {
    const { redirectUrl } = await withTenant(
      lab.deps.pool,
      signInPrincipal(lab.alder.tenantId, crypto.randomUUID()),
      (tx) => beginSignIn(lab.deps, tx, { binding: undefined, device: "d", testId: null }),
    );
    const [signed, signature] = redirectUrl.split("?")[1]!.split("&Signature=");
    const current = (await lab.alder.inTenant(listKeys)).find(({ state }) => state === "current")!;
    const verifier = createVerify("RSA-SHA256").update(signed!);
    const { publicKey } = new X509Certificate(current.certificate);
    assert.ok(verifier.verify(publicKey, Buffer.from(decodeURIComponent(signature!), "base64")));
    assert.match(signed!, /SigAlg=http%3A%2F%2Fwww.w3.org%2F2001%2F04%2Fxmldsig-more%23rsa-sha256/);
  });

  it("a browser that begins twice keeps one cookie, and is given no other's choice", async () => {
    const { alder, deps } = lab;
    const begin = (binding: string | undefined) =>
      withTenant(deps.pool, signInPrincipal(alder.tenantId, crypto.randomUUID()), (tx) =>
        beginSignIn(deps, tx, { binding, device: "d", testId: null }),
      );
    const first = await begin(undefined);
    assert.equal((await begin(first.binding)).binding, first.binding);
    assert.notEqual((await begin("not one of ours")).binding, "not one of ours");
  });

  it("a test shows what the provider says, and signs nobody in", async () => {
    const { alder, deps, idp } = lab;
    const { testId } = await alder.inTenant((tx) => openTest(deps, tx));
    await alder.configure({ enabled: false, attributes: { groups: "groups", email: "mail" } });
    const principal = signInPrincipal(alder.tenantId, crypto.randomUUID());
    const begin = (id: string | null) =>
      withTenant(deps.pool, principal, (tx) => beginSignIn(deps, tx, { binding: undefined, device: "d", testId: id }));
    await assert.rejects(begin(null), isCode("not-found"));
    await assert.rejects(begin(crypto.randomUUID()), isCode("not-found"));
    const read = () => alder.inTenant((tx) => readTest(deps, tx, testId));
    assert.equal((await read()).result, null);

    const flow = await lab.alder.begin(testId);
    const attributes = { groups: ["staff", "other"], mail: ["anna@x.test"] };
    assert.deepEqual(await alder.answer(flow, respond(idp, { ...flow.to, nameId: "tester", attributes })), {
      kind: "tested",
    });
    const { result } = await read();
    assert.ok(result?.ok);
    assert.deepEqual(result.person, {
      userName: "tester",
      displayName: "tester",
      email: "anna@x.test",
      groups: ["staff", "other"],
    });
    const { rows } = await lab.database.superuser.query("select from users where user_name = 'tester'");
    assert.equal(rows.length, 0);

    const again = await lab.alder.begin(testId);
    await alder.answer(again, respond(lab.stranger, again.to));
    const refused = (await read()).result;
    assert.ok(refused && !refused.ok && refused.reason === "signature");
    await alder.configure();
  });

  it("enforcing needs SAML switched on and a local owner, who may always get in", async () => {
    const { alder, deps } = lab;
    const enforced = () => alder.inTenant(isSsoEnforced);
    assert.equal(await enforced(), false);
    await assert.rejects(alder.configure({ enforce: true, enabled: false }), isCode("invalid"));
    await assert.rejects(alder.configure({ enforce: true }), isCode("conflict"));
    await alder.inTenant(async (tx) => {
      const owner = {
        userName: "owner",
        displayName: "Owner",
        email: null,
        source: "local",
        externalId: null,
      } as const;
      const { userId } = await createUser(deps, tx, owner);
      await grantRole(tx, null, { to: { userId }, role: { builtin: "owner" }, siteIds: null, expiresAt: null });
    });
    await alder.configure({ enforce: true });
    assert.equal(await enforced(), true);
    assert.equal(await lab.birch.inTenant(isSsoEnforced), false);
    await alder.configure();
    assert.equal(await enforced(), false);
  });

  it("each change is a version with its row, and owners are told of it", async () => {
    const { alder, database } = lab;
    const { rows } = await database.superuser.query<{ action: string }>(
      "select distinct action from ledger.rows where tenant_id = $1",
      [alder.tenantId],
    );
    const actions = new Set(rows.map(({ action }) => action));
    for (const action of [
      "saml.configured",
      "saml.key.added",
      "saml.key.rotated",
      "saml.key.removed",
      "saml.test.opened",
      "saml.test.ended",
      "anomaly.sign-in-changed",
    ]) {
      assert.ok(actions.has(action), action);
    }
    const versions = await database.superuser.query(
      "select count(*)::int as n from saml_configurations where tenant_id = $1",
      [alder.tenantId],
    );
    const changes = (await alder.details("saml.configured")).length;
    assert.equal(versions.rows[0].n, changes);
  });

  it("an authentication context that says so counts as a second factor, when it was shown now", async () => {
    const { alder, idp } = lab;
    const password = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password";
    await alder.configure({ secondFactorContexts: [password] });
    const { flow, answer } = await settled();
    assert.equal((await answer(respond(idp, flow.to))).kind, "signed-in");
    assert.equal((await alder.details("saml.signed-in"))[0]?.strength, 2);
    const earlier = await settled();
    const morning = new Date(Date.now() - 20 * 60_000).toISOString();
    const assertion = (xml: string) => xml.replace(/ AuthnInstant="[^"]*"/, ` AuthnInstant="${morning}"`);
    assert.equal((await earlier.answer(respond(idp, { ...earlier.flow.to, edit: { assertion } }))).kind, "signed-in");
    assert.equal((await alder.details("saml.signed-in"))[0]?.strength, 1);
    await alder.configure();
  });

  it("a session ends when the provider's does, and never after the tenant's own limit", async () => {
    const { alder, idp, database } = lab;
    for (const [inMinutes, expected] of [
      [30, 31],
      [10_000, 720],
    ] as const) {
      const { flow, answer } = await settled();
      const end = new Date(Date.now() + inMinutes * 60_000).toISOString();
      const assertion = (xml: string) => xml.replace(/ SessionNotOnOrAfter="[^"]*"/, ` SessionNotOnOrAfter="${end}"`);
      assert.equal((await answer(respond(idp, { ...flow.to, edit: { assertion } }))).kind, "signed-in");
      const { sessionId } = (await alder.details("saml.signed-in"))[0]!;
      const { rows } = await database.superuser.query<{ minutes: number }>(
        "select round(extract(epoch from expires_at - created_at) / 60)::int as minutes from sessions where session_id = $1",
        [sessionId],
      );
      assert.equal(rows[0]?.minutes, expected);
    }
  });

  it("an account that was deactivated, or is not known where none is made, is refused with its reason", async () => {
    const { alder, idp } = lab;
    await alder.configure({ provisioning: "known-only" });
    const { flow, answer } = await settled();
    assert.deepEqual(await answer(respond(idp, { ...flow.to, nameId: "unknown" })), {
      kind: "refused",
      reason: "unknown-user",
    });
    await alder.configure();
  });
});
