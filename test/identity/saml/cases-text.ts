import { encryptAssertion, toBase64 } from "../../support/saml-idp.ts";
import { type Bench, type Case, replace } from "./cases.ts";

// What parsers are attacked with, and what hides in ciphertext.

const both = ({ idp, to }: Bench): string => idp.respond(to);
const tampered = (name: string, reason: Case["reason"], tamper: (xml: string, bench: Bench) => string): Case => ({
  name,
  reason,
  make: (bench) => toBase64(tamper(both(bench), bench)),
});
const nameId = /(<saml:NameID[^>]*>)[^<]*/;
const siblings = (count: number) => "<a></a>".repeat(count);

const encrypted = (
  name: string,
  reason: Case["reason"],
  wrap: (xml: string, bench: Bench) => string,
  profile?: Case["profile"],
): Case => ({
  name,
  reason,
  ...(profile && { profile }),
  make: (bench) => toBase64(bench.idp.respond({ ...bench.to, wrapAssertion: (xml) => wrap(xml, bench) })),
});

export const textCases: Case[] = [
  {
    name: "bad base64",
    reason: "base64",
    make: (bench) => `${toBase64(both(bench)).slice(0, -8)}!!${toBase64(both(bench)).slice(-8)}`,
  },
  {
    name: "base64 with spaces in it",
    reason: "base64",
    make: (bench) => toBase64(both(bench)).replace(/(.{100})/, "$1 "),
  },
  {
    name: "bytes that are no UTF-8",
    reason: "utf8",
    make: (bench) =>
      Buffer.concat([
        Buffer.from(both(bench).replace(/<\/samlp:Response>$/, "")),
        Buffer.from([0xff]),
        Buffer.from("</samlp:Response>"),
      ]).toString("base64"),
  },
  tampered("DOCTYPE", "declaration", (xml) => `<!DOCTYPE samlp:Response>${xml}`),
  tampered(
    "DOCTYPE with an entity",
    "declaration",
    (xml) => `<!DOCTYPE r [<!ENTITY who "admin@example.test">]>${replace(nameId, "$1&who;")(xml)}`,
  ),
  tampered("processing instruction", "processing-instruction", (xml) => `<?xml version="1.0"?><?php x?>${xml}`),
  {
    name: "comment in the NameID",
    reason: "declaration",
    make: ({ idp, to }) =>
      toBase64(
        replace(
          /admin@example\.test/,
          "admin@example.test<!---->",
        )(idp.respond({ ...to, nameId: "admin@example.test.evil.test" })),
      ),
  },
  tampered("CDATA in the NameID", "declaration", replace(nameId, "$1<![CDATA[admin@example.test]]>")),
  tampered("an entity that nobody declared", "xml", replace(nameId, "$1&admin;")),
  {
    name: "20,000 sibling elements",
    reason: "too-many-elements",
    slow: true,
    make: ({ idp, to }) => {
      const edit = {
        response: (xml: string) => xml.replace("</samlp:Response>", `${siblings(20_000)}</samlp:Response>`),
      };
      return toBase64(idp.respond({ ...to, edit }));
    },
  },
  {
    name: "elements nested 1,000 deep",
    reason: "xml",
    make: ({ idp, to }) => {
      const deep = `${"<samlp:X>".repeat(1_000)}${"</samlp:X>".repeat(1_000)}`;
      return toBase64(
        idp.respond({
          ...to,
          edit: { response: (xml) => xml.replace("</samlp:Response>", `${deep}</samlp:Response>`) },
        }),
      );
    },
  },
  {
    name: "10,000 attributes on an element",
    reason: "xml",
    make: ({ idp, to }) => {
      const many = Array.from({ length: 10_000 }, (_, n) => ` a${n}="1"`).join("");
      return toBase64(idp.respond(to).replace("<samlp:Status>", `<samlp:Status${many}>`));
    },
  },
  encrypted("encrypted: DOCTYPE inside", "declaration", (xml, { certificate }) =>
    encryptAssertion(`<!DOCTYPE a>${xml}`, certificate),
  ),
  encrypted("encrypted: comment in the NameID inside", "declaration", (xml, { certificate }) =>
    encryptAssertion(replace(nameId, "$1admin<!---->@x")(xml), certificate),
  ),
  {
    name: "encrypted: 18,000 sibling elements inside",
    reason: "too-many-elements",
    slow: true,
    make: ({ idp, to, certificate }) => {
      const edit = {
        assertion: (xml: string) => xml.replace("</saml:Assertion>", `${siblings(18_000)}</saml:Assertion>`),
      };
      return toBase64(idp.respond({ ...to, edit, wrapAssertion: (xml) => encryptAssertion(xml, certificate) }));
    },
  },
  encrypted("encrypted: for a key that is not ours", "decryption", (xml, { stranger }) =>
    encryptAssertion(xml, stranger.certificate),
  ),
  encrypted("encrypted: RSA 1.5", "algorithm", (xml, { certificate }) =>
    encryptAssertion(xml, certificate, { keyMethod: "http://www.w3.org/2001/04/xmlenc#rsa-1_5" }),
  ),
  {
    name: "encrypted: CBC under no signature",
    reason: "algorithm",
    profile: "assertion-only",
    make: ({ idp, to, certificate }) =>
      toBase64(
        idp.respond({
          ...to,
          signed: "assertion",
          wrapAssertion: (xml) => encryptAssertion(xml, certificate, { cipher: "aes256-cbc" }),
        }),
      ),
  },
];
