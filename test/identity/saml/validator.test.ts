import assert from "node:assert/strict";
import { createRequire } from "node:module";
import type { ValidationJob } from "../../../src/identity/saml/validate.ts";
import { createValidator, type Validator, type ValidatorOptions } from "../../../src/identity/saml/validator.ts";
import { createTestIdp, newId, type TestIdp, toBase64 } from "../../support/saml-idp.ts";

describe("identity/saml: threads that validate", function () {
  this.timeout(30_000);
  let idp: TestIdp;
  const open: Validator[] = [];
  before(async () => {
    idp = await createTestIdp("https://idp.test");
  });
  after(() => Promise.all(open.map((validator) => validator.stop())));

  const start = (options: ValidatorOptions): Validator => {
    const validator = createValidator(options);
    open.push(validator);
    return validator;
  };
  const to = { requestId: newId(), acsUrl: "https://sp.test/acs", spEntityId: "https://sp.test" };
  const job = (response = toBase64(idp.respond(to))): ValidationJob => ({
    ...to,
    response,
    now: Date.now(),
    idpEntityId: idp.entityId,
    profile: "response-and-assertion",
    certificates: [idp.certificate],
    decryptionKeys: [],
  });
  /** As much work as the checks of the text let through. */
  const heavy = (): ValidationJob => {
    const filler = `${"<samlp:X>".repeat(40)}${"</samlp:X>".repeat(40)}`.repeat(48);
    const edit = { response: (xml: string) => xml.replace("</samlp:Response>", `${filler}</samlp:Response>`) };
    return job(toBase64(idp.respond({ ...to, edit })));
  };

  it("the heaviest response that the checks let through takes less than the limit", async () => {
    const validator = start({ threads: 1 });
    await validator.validate(job());
    const began = Date.now();
    const { ok } = await validator.validate(heavy());
    assert.equal(ok, true);
    assert.ok(Date.now() - began < 5_000, `${Date.now() - began} ms`);
  });

  it("what takes longer than the limit is stopped, and the next one is validated by another thread", async () => {
    const validator = start({ threads: 1, timeLimitMs: 20 });
    const began = Date.now();
    assert.deepEqual(await validator.validate(heavy()), { ok: false, reason: "timed-out" });
    assert.ok(Date.now() - began < 10_000);
    const patient = start({ threads: 1 });
    assert.equal((await patient.validate(job())).ok, true);
    const [slow, next] = await Promise.all([validator.validate(heavy()), validator.validate(job("!"))]);
    assert.deepEqual(slow, { ok: false, reason: "timed-out" });
    assert.deepEqual(next, { ok: false, reason: "base64", detail: undefined });
  });

  it("beyond what may wait, it says so at once", async () => {
    const validator = start({ threads: 1, mostWaiting: 2 });
    const results = await Promise.all(Array.from({ length: 6 }, () => validator.validate(job())));
    const reasons = results.map((result) => (result.ok ? "ok" : result.reason)).sort();
    assert.deepEqual(reasons, ["ok", "ok", "ok", "overloaded", "overloaded", "overloaded"]);
  });

  it("stopping refuses what is under way, and what comes after", async () => {
    const validator = start({ threads: 1 });
    const pending = [validator.validate(job()), validator.validate(job())];
    await validator.stop();
    for (const result of await Promise.all(pending)) assert.deepEqual(result, { ok: false, reason: "timed-out" });
    assert.deepEqual(await validator.validate(job()), { ok: false, reason: "overloaded" });
  });

  it("the XML libraries below are no older than those that were looked into", () => {
    const load = createRequire(import.meta.resolve("@node-saml/passport-saml"));
    const versionOf = (name: string) => load(`${name}/package.json`).version.split(".").map(Number) as number[];
    const least: Record<string, number[]> = { "xml-crypto": [6, 3, 2], "@xmldom/xmldom": [0, 8, 15] };
    for (const [name, [major, minor, patch]] of Object.entries(least)) {
      const found = versionOf(name);
      assert.deepEqual(
        found.slice(0, 2),
        [major, minor],
        `${name} ${found.join(".")}: run the hostile suite, then raise this`,
      );
      assert.ok(found[2]! >= patch!, `${name} ${found.join(".")}`);
    }
  });

  it("an assertion with 1,000 groups gives all of them", async () => {
    const groups = Array.from({ length: 1_000 }, (_, n) => `cn=group-${n},ou=groups,dc=example,dc=test`);
    const validator = start({ threads: 1 });
    const result = await validator.validate(job(toBase64(idp.respond({ ...to, attributes: { groups } }))));
    assert.ok(result.ok);
    assert.deepEqual(result.identity.attributes, [["groups", groups]]);
  });
});
