import { createHmac } from "node:crypto";
import { newId, toBase64 } from "../../support/saml-idp.ts";
import { type Bench, type Case, replace } from "./cases.ts";

// Signatures by nobody, by somebody else, with what is broken; and signature wrapping (Somorovsky et al., XSW 1 to 8).

const admin = "admin@example.test";
const nameId = /(<saml:NameID[^>]*>)[^<]*/;
const signature = /<ds:Signature .*?<\/ds:Signature>/;
const assertion = /<saml:Assertion .*<\/saml:Assertion>/;
const pick = (pattern: RegExp, xml: string): string => pattern.exec(xml)![0];
const without = (pattern: RegExp, xml: string): string => xml.replace(pattern, "");
/** Another id, another person. */
const evil = (xml: string): string => replace(nameId, `$1${admin}`)(xml.replace(/ ID="[^"]*"/, ` ID="${newId()}"`));

/** Of a response whose own signature is the first in it. */
const wrapResponse = (
  name: string,
  wrap: (parts: { whole: string; bare: string; signature: string }) => string,
): Case => ({
  name,
  reason: "structure",
  make({ idp, to }) {
    const whole = idp.respond(to);
    return toBase64(wrap({ whole, bare: without(signature, whole), signature: pick(signature, whole) }));
  },
});

/** Of a response that nobody signed around an assertion that the provider did. */
const wrapAssertion = (
  name: string,
  wrap: (parts: { signed: string; bare: string; signature: string; evil: string }) => string,
): Case => ({
  name,
  reason: "structure",
  profile: "assertion-only",
  make({ idp, to }) {
    const whole = idp.respond({ ...to, signed: "assertion" });
    const signed = pick(assertion, whole);
    const bare = without(signature, signed);
    return toBase64(
      whole.replace(assertion, () => wrap({ signed, bare, signature: pick(signature, signed), evil: evil(bare) })),
    );
  },
});

const into = (outer: string, end: string, inner: string): string => outer.replace(end, () => inner + end);
const afterIssuer = (xml: string, added: string): string =>
  xml.replace("</saml:Issuer>", () => `</saml:Issuer>${added}`);

const wrappingCases: Case[] = [
  wrapResponse("XSW 1: the signed response inside the signature of a copy", ({ bare, signature: s }) =>
    afterIssuer(evil(bare), into(s, "</ds:Signature>", bare)),
  ),
  wrapResponse("XSW 2: the signed response beside its signature in a copy", ({ bare, signature: s }) =>
    afterIssuer(evil(bare), bare + s),
  ),
  wrapAssertion("XSW 3: a copy before the signed assertion", ({ evil: e, signed }) => e + signed),
  wrapAssertion("XSW 4: the signed assertion inside a copy", ({ evil: e, signed }) =>
    into(e, "</saml:Assertion>", signed),
  ),
  wrapAssertion(
    "XSW 5: a copy with the signature, the original at the end",
    ({ evil: e, signature: s, bare }) => afterIssuer(e, s) + bare,
  ),
  wrapAssertion("XSW 6: a copy whose signature holds the original", ({ evil: e, signature: s, bare }) =>
    afterIssuer(e, into(s, "</ds:Signature>", bare)),
  ),
  wrapAssertion(
    "XSW 7: a copy in Extensions",
    ({ evil: e, signed }) => `<samlp:Extensions>${e}</samlp:Extensions>${signed}`,
  ),
  wrapAssertion("XSW 8: a copy whose signature holds the original in an Object", ({ evil: e, signature: s, bare }) =>
    afterIssuer(e, into(s, "</ds:Signature>", `<ds:Object>${bare}</ds:Object>`)),
  ),
];

const signed = (name: string, reason: Case["reason"], change: (bench: Bench) => Partial<Bench["to"]>): Case => ({
  name,
  reason,
  make: (bench) => toBase64(bench.idp.respond({ ...bench.to, ...change(bench) })),
});
const tampered = (name: string, reason: Case["reason"], tamper: (xml: string, bench: Bench) => string): Case => ({
  name,
  reason,
  make: (bench) => toBase64(tamper(bench.idp.respond(bench.to), bench)),
});
const sha1 = "http://www.w3.org/2000/09/xmldsig#sha1";

export const signatureCases: Case[] = [
  signed("nothing signed", "signature", () => ({ signed: "none" })),
  signed("the response alone signed", "signature", () => ({ signed: "response" })),
  signed("the assertion alone signed, where both must be", "signature", () => ({ signed: "assertion" })),
  {
    name: "a broken signature on the response, where the assertion's is enough",
    reason: "signature",
    profile: "assertion-only",
    make: ({ idp, to }) => toBase64(idp.respond(to).replace("<samlp:Status>", " <samlp:Status>")),
  },
  signed("SHA-1 signature", "algorithm", () => ({
    signature: { method: "http://www.w3.org/2000/09/xmldsig#rsa-sha1" },
  })),
  signed("SHA-1 digest", "algorithm", () => ({ signature: { digest: sha1 } })),
  signed("foreign KeyInfo: another's key and its certificate", "signature", ({ stranger }) => {
    const body = stranger.certificate.replace(/-----[^-]+-----|\s/g, "");
    const keyInfo = `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${body}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`;
    return { signature: { key: stranger.key, keyInfo } };
  }),
  tampered("NameID changed after signing", "signature", replace(nameId, `$1${admin}`)),
  tampered("a group added after signing", "signature", (xml) =>
    xml.replace("<saml:AttributeValue>", "<saml:AttributeValue>owners</saml:AttributeValue><saml:AttributeValue>"),
  ),
  tampered("HMAC keyed with the provider's certificate", "algorithm", (xml, { idp }) => {
    const changed = replace(/xmldsig-more#rsa-sha256/, "xmldsig-more#hmac-sha256")(replace(nameId, `$1${admin}`)(xml));
    const value = createHmac("sha256", idp.certificate).update(changed).digest("base64");
    return replace(/<ds:SignatureValue>[^<]*/, `<ds:SignatureValue>${value}`)(changed);
  }),
  tampered(
    "an XSLT transform",
    "algorithm",
    replace(/(<ds:Transform Algorithm=")[^"]*/, "$1http://www.w3.org/TR/1999/REC-xslt-19991116"),
  ),
  tampered("two references in a signature", "structure", (xml) =>
    xml.replace(/<ds:Reference .*?<\/ds:Reference>/, (one) => one + one),
  ),
  tampered("two signatures on the response", "structure", (xml) => xml.replace(signature, (one) => one + one)),
  tampered("duplicate ids", "duplicate-id", (xml) => {
    const id = / ID="([^"]+)"/.exec(xml)![1]!;
    return xml.replace("<samlp:Status>", `<samlp:Status ID="${id}">`);
  }),
  tampered("duplicate ids, one of them spelt Id", "duplicate-id", (xml) => {
    const id = / ID="([^"]+)"/.exec(xml)![1]!;
    return xml.replace("<samlp:Status>", `<samlp:Status Id="${id}">`);
  }),
  tampered("two assertions", "structure", (xml) =>
    into(xml, "</samlp:Response>", evil(without(signature, pick(assertion, xml)))),
  ),
  ...wrappingCases,
];
