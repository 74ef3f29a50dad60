import { type ResponseTo, toBase64 } from "../../support/saml-idp.ts";
import { type Case, replace, time } from "./cases.ts";

// Signed by the right provider, with the right key: for another purpose, another receiver, another time, or carelessly.

const minute = 60_000;
const edited = (name: string, reason: Case["reason"], edit: (to: ResponseTo) => ResponseTo["edit"]): Case => ({
  name,
  reason,
  make: ({ idp, to }) => toBase64(idp.respond({ ...to, edit: edit(to) ?? {} })),
});
const response = (name: string, reason: Case["reason"], pattern: RegExp, by: string): Case =>
  edited(name, reason, () => ({ response: replace(pattern, by) }));
const assertion = (name: string, reason: Case["reason"], pattern: RegExp, by: string): Case =>
  edited(name, reason, () => ({ assertion: replace(pattern, by) }));

const issuer = (by: string) => replace(/<saml:Issuer( [^>]*)?>[^<]*<\/saml:Issuer>/, by);
const otherIssuer = '<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">https://other.test</saml:Issuer>';
const confirmation = /<saml:SubjectConfirmation .*<\/saml:SubjectConfirmation>/;
const confirmedBy = (method: string) =>
  replace(/urn:oasis:names:tc:SAML:2\.0:cm:bearer/, `urn:oasis:names:tc:SAML:2.0:cm:${method}`);
const failed = "urn:oasis:names:tc:SAML:2.0:status:Responder";

export const contentCases: Case[] = [
  response("wrong Destination", "destination", / Destination="[^"]*"/, ' Destination="https://other.test/acs"'),
  response("missing Destination", "destination", / Destination="[^"]*"/, ""),
  assertion("wrong Recipient", "recipient", / Recipient="[^"]*"/, ' Recipient="https://other.test/acs"'),
  assertion("missing Recipient", "recipient", / Recipient="[^"]*"/, ""),
  edited("wrong Issuer of the response", "response-issuer", () => ({ response: issuer(otherIssuer) })),
  edited("missing Issuer of the response", "response-issuer", () => ({ response: issuer("") })),
  edited("wrong Issuer of the assertion", "assertion-issuer", () => ({
    assertion: issuer("<saml:Issuer>https://other.test</saml:Issuer>"),
  })),
  edited("missing Issuer of the assertion", "assertion-issuer", () => ({ assertion: issuer("") })),
  response("Status other than success", "status", /urn:oasis:names:tc:SAML:2\.0:status:Success/, failed),
  response("no Status", "status", /<samlp:Status>.*<\/samlp:Status>/, ""),
  edited("sender-vouches", "confirmation", () => ({ assertion: confirmedBy("sender-vouches") })),
  edited("holder-of-key", "confirmation", () => ({ assertion: confirmedBy("holder-of-key") })),
  assertion("no SubjectConfirmation", "confirmation", confirmation, ""),
  edited("bearer, and sender-vouches besides", "confirmation", () => ({
    assertion: (xml) => xml.replace(confirmation, (one) => one + confirmedBy("sender-vouches")(one)),
  })),
  assertion(
    "SubjectConfirmationData without NotOnOrAfter",
    "confirmation-time",
    /( InResponseTo="[^"]*") NotOnOrAfter="[^"]*"/,
    "$1",
  ),
  edited("SubjectConfirmationData expired", "confirmation-time", () => ({
    assertion: replace(/( InResponseTo="[^"]*") NotOnOrAfter="[^"]*"/, `$1 NotOnOrAfter="${time(-2 * minute)}"`),
  })),
  assertion("no AuthnStatement", "authn-statement", /<saml:AuthnStatement.*<\/saml:AuthnStatement>/, ""),
  edited("AuthnInstant in the future", "authn-statement", () => ({
    assertion: replace(/ AuthnInstant="[^"]*"/, ` AuthnInstant="${time(5 * minute)}"`),
  })),
  edited("SessionNotOnOrAfter in the past", "session-ended", () => ({
    assertion: replace(/ SessionNotOnOrAfter="[^"]*"/, ` SessionNotOnOrAfter="${time(-2 * minute)}"`),
  })),
  edited("IssueInstant of the response in the future", "issue-instant", () => ({
    response: replace(/ IssueInstant="[^"]*"/, ` IssueInstant="${time(5 * minute)}"`),
  })),
  edited("IssueInstant of the assertion in the future", "issue-instant", () => ({
    assertion: replace(/ IssueInstant="[^"]*"/, ` IssueInstant="${time(5 * minute)}"`),
  })),
  edited("an assertion ten minutes old", "issue-instant", () => ({
    assertion: replace(/ IssueInstant="[^"]*"/, ` IssueInstant="${time(-10 * minute)}"`),
  })),
  edited("Conditions expired", "conditions", () => ({
    assertion: replace(/(<saml:Conditions [^>]*NotOnOrAfter=)"[^"]*"/, `$1"${time(-2 * minute)}"`),
  })),
  edited("Conditions not yet valid", "conditions", () => ({
    assertion: replace(/(<saml:Conditions NotBefore=)"[^"]*"/, `$1"${time(2 * minute)}"`),
  })),
  assertion(
    "a condition that nobody knows",
    "conditions",
    /<\/saml:Conditions>/,
    '<x:Only xmlns:x="urn:x"></x:Only></saml:Conditions>',
  ),
  assertion("no Conditions", "conditions", /<saml:Conditions.*<\/saml:Conditions>/, ""),
  assertion("wrong audience", "audience", /<saml:Audience>[^<]*/, "<saml:Audience>https://other.test/metadata"),
  assertion("no AudienceRestriction", "audience", /<saml:AudienceRestriction>.*<\/saml:AudienceRestriction>/, ""),
  response(
    "InResponseTo of the response is another request",
    "in-response-to",
    / InResponseTo="[^"]*"/,
    ' InResponseTo="_other"',
  ),
  assertion(
    "InResponseTo of the subject is another request",
    "in-response-to",
    / InResponseTo="[^"]*"/,
    ' InResponseTo="_other"',
  ),
  assertion("InResponseTo of the subject is missing", "in-response-to", / InResponseTo="[^"]*"/, ""),
  response("unsolicited: no InResponseTo", "in-response-to", / InResponseTo="[^"]*"/, ""),
  {
    name: "an attribute named nameID as the identity",
    reason: "subject",
    make: ({ idp, to }) =>
      toBase64(
        idp.respond({
          ...to,
          attributes: { ...to.attributes, nameID: ["admin@example.test"] },
          edit: { assertion: replace(/<saml:NameID.*<\/saml:NameID>/, "") },
        }),
      ),
  },
  assertion("an empty NameID", "subject", /(<saml:NameID[^>]*>)[^<]*/, "$1"),
  assertion("a NameID with an element in it", "subject", /(<saml:NameID[^>]*>)([^<]*)/, "$1<saml:X>$2</saml:X>"),
  assertion("two NameIDs", "subject", /(<saml:NameID.*<\/saml:NameID>)/, "$1$1"),
  assertion("a transient NameID", "transient-name-id", /1\.1:nameid-format:unspecified/, "2.0:nameid-format:transient"),
  response("another version of SAML", "version", / Version="2\.0"/, ' Version="1.1"'),
];
