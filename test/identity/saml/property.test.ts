import assert from "node:assert/strict";
import fc from "fast-check";
import { newSpKey } from "../../../src/identity/saml/certificates.ts";
import { type SignatureProfile, type Validation, validateResponse } from "../../../src/identity/saml/validate.ts";
import { readXml, XmlError } from "../../../src/identity/saml/xml.ts";
import { createTestIdp, encryptAssertion, newId, type TestIdp, toBase64 } from "../../support/saml-idp.ts";

/** Cuts, doubles, swaps and puts in: pieces of the document itself, and what parsers stumble over. */
type Mutation = { kind: "cut" | "copy" | "insert" | "replace"; at: number; length: number; to: number; text: string };

const morsels = [
  "<!---->",
  "<![CDATA[x]]>",
  "<!DOCTYPE a>",
  "<?x?>",
  "&#0;",
  "&lt;",
  "&#x41;",
  "&x;",
  "]]>",
  " ",
  "\n",
  "\r",
  "\t",
  "\u0000",
  "\u202e",
  "admin",
  'ID="x"',
  "<saml:NameID>admin</saml:NameID>",
  "</saml:NameID>",
  "<saml:Assertion/>",
  'xmlns="urn:x"',
  'xmlns:saml="urn:x"',
  "<ds:Object/>",
  "'",
  '"',
  ">",
  "/",
];

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom("cut", "copy", "insert", "replace"),
  at: fc.nat(100_000),
  length: fc.integer({ min: 1, max: 400 }),
  to: fc.nat(100_000),
  text: fc.oneof(fc.constantFrom(...morsels), fc.string({ maxLength: 8 })),
});

function mutate(xml: string, { kind, at, length, to, text }: Mutation): string {
  // Half of the time at a tag, where it hurts most.
  const tags = [...xml.matchAll(/[<>]/g)].map(({ index }) => index);
  const place = (n: number) => (n % 2 ? n % xml.length : tags[n % tags.length]!);
  const [from, target] = [place(at), place(to)];
  const piece = xml.slice(from, from + length);
  if (kind === "cut") return xml.slice(0, from) + xml.slice(from + length);
  if (kind === "copy") return xml.slice(0, target) + piece + xml.slice(target);
  if (kind === "insert") return xml.slice(0, from) + text + xml.slice(from);
  return xml.slice(0, from) + text + xml.slice(from + text.length);
}

describe("identity/saml: a changed document", function () {
  this.timeout(120_000);
  let idp: TestIdp;
  const to = { requestId: newId(), acsUrl: "https://sp.test/acs", spEntityId: "https://sp.test" };
  const attributes = { groups: ["staff", "admins"], mail: ["anna@example.test"] };
  before(async () => {
    idp = await createTestIdp("https://idp.test");
  });

  const validate = (xml: string, profile: SignatureProfile, decryptionKeys: string[] = []): Promise<Validation> =>
    validateResponse({
      ...to,
      response: toBase64(xml),
      now: Date.now(),
      idpEntityId: idp.entityId,
      profile,
      certificates: [idp.certificate],
      decryptionKeys,
    });

  const holds = async (xml: string, profile: SignatureProfile, keys: string[] = []) => {
    const original = await validate(xml, profile, keys);
    assert.ok(original.ok, JSON.stringify(original));
    const property = fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 4 }), async (mutations) => {
      const found = await validate(mutations.reduce(mutate, xml), profile, keys);
      if (found.ok) assert.deepEqual(found.identity, original.identity);
    });
    await fc.assert(property, { numRuns: 800 });
  };

  it("is refused or gives the identical identity, where response and assertion are signed", async () => {
    await holds(idp.respond({ ...to, attributes }), "response-and-assertion");
  });

  it("is refused or gives the identical identity, where the assertion alone is signed", async () => {
    await holds(idp.respond({ ...to, attributes, signed: "assertion" }), "assertion-only");
  });

  it("is refused or gives the identical identity, where the assertion is encrypted", async () => {
    const { certificate, privateKey } = await newSpKey("sp.test");
    const wrapAssertion = (xml: string) => encryptAssertion(xml, certificate);
    await holds(idp.respond({ ...to, attributes, wrapAssertion }), "response-and-assertion", [privateKey]);
  });

  it("a change that signatures do not see is believed, so the property is no empty one", async () => {
    const xml = idp.respond({ ...to, attributes });
    const found = await validate(xml.replace(" Version=", "\n Version="), "response-and-assertion");
    assert.ok(found.ok);
  });

  it("of any text the reader gives a tree or an XmlError, in linear time", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...morsels, "<a>", "</a>", "<a b='1'>"), fc.string()), { maxLength: 50 }),
        (parts) => {
          try {
            readXml(parts.join(""));
          } catch (error) {
            assert.ok(error instanceof XmlError);
          }
        },
      ),
      { numRuns: 2_000 },
    );
    const began = Date.now();
    for (const text of [
      "<".repeat(250_000),
      "<a ".repeat(80_000),
      `<a ${"b".repeat(250_000)}`,
      `<a>${"&".repeat(250_000)}`,
      `<a>${"]".repeat(250_000)}`,
      `<a b="${" ".repeat(250_000)}`,
      `<a${" ".repeat(250_000)}`,
    ]) {
      assert.throws(() => readXml(text), XmlError);
    }
    assert.ok(Date.now() - began < 2_000, `${Date.now() - began} ms`);
  });
});
