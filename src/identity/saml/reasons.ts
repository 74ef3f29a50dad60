/**
 * Why a response is refused: what the ledger's row says, and docs/saml.md. The person at the browser sees none of it.
 */
export const refusalReasons = {
  // The transaction
  "not-configured": "SAML is not set up, or switched off, for this tenant",
  "relay-state":
    "no sign-in under this RelayState is open here: unsolicited, of another tenant, used, or older than 10 minutes",
  browser: "the browser is not the one that began this sign-in",
  replayed: "the request or the assertion was used before",
  // The text, before any parser sees it
  form: "the form holds something else than one SAMLResponse and one RelayState",
  base64: "SAMLResponse is not strict base64",
  utf8: "SAMLResponse is not UTF-8",
  declaration: "a DOCTYPE, CDATA section or comment",
  "processing-instruction": "a processing instruction",
  "too-many-elements": "more than 4,000 tags",
  algorithm: "an algorithm that is not allowed, such as SHA-1 or RSA 1.5",
  // Its structure
  xml: "not the XML that SAML needs",
  structure: "not one response with one assertion, or signatures where none belong",
  "duplicate-id": "two elements with one id",
  // The signature
  signature: "no valid signature by a configured certificate over what is to be believed",
  library: "the SAML library refused it",
  decryption: "the encrypted assertion does not open with one of our keys",
  "timed-out": "validation took too long, or too much memory, and was stopped",
  overloaded: "too many validations at once",
  // What the signed bytes say
  version: "not SAML 2.0",
  destination: "Destination is missing or another address",
  status: "the identity provider reports that sign-in failed",
  "response-issuer": "the response's Issuer is missing or another provider",
  "assertion-issuer": "the assertion's Issuer is missing or another provider",
  "in-response-to": "InResponseTo is missing or another request",
  "issue-instant": "IssueInstant is missing, older than 5 minutes, or in the future",
  subject: "no NameID, or one that cannot stand for a person",
  "transient-name-id": "the NameID changes with each sign-in",
  confirmation: "no bearer SubjectConfirmation, or another method besides",
  recipient: "Recipient is missing or another address",
  "confirmation-time": "SubjectConfirmationData is without NotOnOrAfter, or outside its time",
  conditions: "Conditions are missing, outside their time, or hold one that is not known",
  audience: "the assertion is for somebody else",
  "authn-statement": "no AuthnStatement, or one from the future",
  "session-ended": "SessionNotOnOrAfter has passed",
  attributes: "an attribute statement that cannot be read",
  "identity-differs": "the library read another identity than we did",
  // The person (src/identity/directory)
  "invalid-person": "name, e-mail or group values that no account can have",
  "unknown-user": "no account is linked, and this tenant makes none at sign-in",
  "user-name-taken": "another account has this user name",
  deactivated: "the account is deactivated",
  "no-role": "neither groups nor a grant give a role",
} as const;

export type RefusalReason = keyof typeof refusalReasons;

/** A response that is not believed. `detail` is for the ledger's row and names values, at most 300 characters. */
export class SamlRefusal extends Error {
  override name = "SamlRefusal";
  readonly reason: RefusalReason;
  readonly detail: string | undefined;

  constructor(reason: RefusalReason, detail?: string) {
    super(refusalReasons[reason]);
    this.reason = reason;
    this.detail = detail?.slice(0, 300);
  }
}
