import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { certificateFacts, newSpKey } from "../../../src/identity/saml/certificates.ts";
import { exampleCertificate } from "../../../src/identity/saml/example-certificate.ts";
import { readIdpMetadata } from "../../../src/identity/saml/idp-metadata.ts";
import { samlSettings } from "../../../src/identity/saml/schema.ts";
import { spAddresses, spMetadata } from "../../../src/identity/saml/service-provider.ts";
import { readXml } from "../../../src/identity/saml/xml.ts";
import { attributeOf, childrenOf, everyElement, textOf } from "../../../src/identity/saml/xml-tree.ts";
import { AppError } from "../../../src/platform/errors.ts";
import { type CertificateOptions, selfSigned } from "../../support/saml-idp.ts";
import { idpMetadata, providerMetadata } from "../../support/saml-metadata.ts";

const bodyOf = (pem: string) => pem.replace(/-----[^-]+-----|\s/g, "");
const invalid = (pattern: RegExp) => (error: unknown) =>
  error instanceof AppError && error.code === "invalid" && pattern.test(error.message);

async function certificate(options: CertificateOptions & { bits?: number; ec?: true } = {}): Promise<string> {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: options.bits ?? 2048 });
  return selfSigned(privateKey, publicKey, "CN=provider", options);
}

describe("identity/saml: a provider's metadata", () => {
  it("gives entity id, address for redirects and certificates", () => {
    const { entityId, ssoUrl, certificates, warnings } = readIdpMetadata(providerMetadata);
    assert.equal(entityId, "https://idp.example.org/metadata");
    assert.equal(ssoUrl, "https://idp.example.org/sso?a=1&b=2");
    assert.equal(
      certificates[0]?.facts.fingerprint,
      (certificateFacts(exampleCertificate) as { fingerprint: string }).fingerprint,
    );
    assert.deepEqual(warnings, []);
  });

  it("gives each of several certificates once, as a rollover needs", async () => {
    const next = bodyOf(await certificate());
    const { certificates } = readIdpMetadata(idpMetadata({ certificates: [bodyOf(exampleCertificate), next, next] }));
    assert.equal(certificates.length, 2);
    assert.equal(bodyOf(certificates[1]!.pem), next);
  });

  it("warns of expired certificates and of SHA-1, and leaves out what cannot be verified with", async () => {
    const expired = await certificate({ notAfter: new Date(Date.now() - 86_400_000) });
    const soon = await certificate({ notAfter: new Date(Date.now() + 86_400_000) });
    const sha1 = await certificate({ hash: "SHA-1" });
    const small = await certificate({ bits: 1024 });
    const { certificates, warnings } = readIdpMetadata(
      idpMetadata({ certificates: [expired, soon, sha1, small].map(bodyOf).concat("AAAA") }),
    );
    assert.equal(certificates.length, 3);
    const told = warnings.join("\n");
    for (const word of [/is expired/, /expires within 30 days/, /signed with SHA-1/, /1024 bits/, /cannot be read/])
      assert.match(told, word);
  });

  it("takes a file with a byte order mark, comments and an encryption key", () => {
    const extra =
      '<KeyDescriptor use="encryption"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"/></KeyDescriptor>';
    assert.equal(
      readIdpMetadata(`\ufeff${idpMetadata({ extra, before: '<?xml version="1.0" encoding="utf-8"?>\r\n<!-- x -->' })}`)
        .certificates.length,
      1,
    );
  });

  it("refuses a DOCTYPE, a processing instruction, CDATA, a comment inside text, and 30,000 elements", () => {
    for (const [xml, word] of [
      [idpMetadata({ before: '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' }), /DOCTYPE/],
      [idpMetadata({ before: '<?xml-stylesheet href="x"?>' }), /processing instruction/],
      [idpMetadata({ extra: "<Extensions><![CDATA[x]]></Extensions>" }), /CDATA/],
      [idpMetadata({ extra: "<Extensions>a<!-- x -->b</Extensions>" }), /comment inside text/],
      [idpMetadata({ extra: "<Extensions/>".repeat(30_000) }), /more than 20000 elements/],
      [idpMetadata({ extra: "&xxe;" }), /entity/],
    ] as const) {
      assert.throws(() => readIdpMetadata(xml), invalid(word));
    }
  });

  it("refuses what is no provider's, or offers no redirect, or no key", () => {
    assert.throws(() => readIdpMetadata("<a/>"), invalid(/not of one identity provider/));
    assert.throws(() => readIdpMetadata(idpMetadata({ binding: "SOAP" })), invalid(/HTTP-Redirect/));
    assert.throws(() => readIdpMetadata(idpMetadata({ certificates: [] })), invalid(/no certificate/));
    const two = `<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata">${providerMetadata}${providerMetadata}</EntitiesDescriptor>`;
    assert.throws(() => readIdpMetadata(two), invalid(/not of one identity provider/));
    assert.equal(readIdpMetadata(two.replace(providerMetadata, "")).certificates.length, 1);
  });
});

describe("identity/saml: our own metadata", () => {
  it("names our addresses, and the keys in use and to come for signing and for encryption", async () => {
    const [current, next] = [await newSpKey("a.test"), await newSpKey("a.test")];
    const addresses = spAddresses("https://a.test/", "alder");
    const xml = spMetadata({
      addresses,
      certificates: [current.certificate, next.certificate],
      profile: "response-and-assertion",
    });
    const root = readXml(xml);
    assert.equal(attributeOf(root, "entityID"), "https://a.test/saml/alder/metadata");
    const found = (name: string) => [...everyElement(root)].filter((element) => element.name === name);
    assert.deepEqual(
      found("KeyDescriptor").map((key) => attributeOf(key, "use")),
      ["signing", "signing", "encryption", "encryption"],
    );
    const bodies = found("X509Certificate").map(textOf);
    assert.deepEqual(
      bodies,
      [current, next, current, next].map((pair) => bodyOf(pair.certificate)),
    );
    const [acs] = found("AssertionConsumerService");
    assert.equal(acs && attributeOf(acs, "Location"), "https://a.test/saml/alder/acs");
    const [role] = childrenOf(root, root.namespace, "SPSSODescriptor");
    assert.equal(role && attributeOf(role, "WantAssertionsSigned"), "true");
    assert.ok(!spMetadata({ addresses, certificates: [], profile: "assertion-only" }).includes("-cbc"));
  });
});

describe("identity/saml: settings", () => {
  const provider = { entityId: "https://idp.test", ssoUrl: "https://idp.test/sso", certificates: [exampleCertificate] };
  const accepts = (change: object) =>
    samlSettings.safeParse({ enabled: true, idp: { ...provider, ...change } }).success;

  it("take sign-on addresses over TLS alone, but for this very machine", () => {
    assert.ok(accepts({}));
    assert.ok(accepts({ ssoUrl: "http://127.0.0.1:8080/sso" }));
    for (const ssoUrl of [
      "http://idp.test/sso",
      "javascript:alert(1)",
      "https://a:b@idp.test/",
      "https://idp.test/#x",
      "/sso",
    ]) {
      assert.ok(!accepts({ ssoUrl }), ssoUrl);
    }
  });

  it("take certificates with an RSA key of 2,048 bits or more, one to ten", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });
    const small = await selfSigned(privateKey, publicKey, "CN=small");
    for (const certificates of [
      [],
      [small],
      ["x"],
      [exampleCertificate + exampleCertificate],
      Array(11).fill(exampleCertificate),
    ]) {
      assert.ok(!accepts({ certificates }));
    }
  });
});
