import { bearer, entityFormat, ns, success, transientFormat } from "./names.ts";
import { type RefusalReason, SamlRefusal } from "./reasons.ts";
import { attributeOf, childrenOf, textOf, type XmlElement } from "./xml-tree.ts";

export type Expectations = {
  /** Milliseconds since the epoch. */
  now: number;
  acsUrl: string;
  spEntityId: string;
  idpEntityId: string;
  requestId: string;
};

/** Whom the provider vouches for, from signed bytes alone. */
export type SamlIdentity = {
  nameId: string;
  nameIdFormat: string | null;
  assertionId: string;
  /** AuthnContextClassRef: how the person proved who they are. */
  authnContext: string | null;
  /** When they did, milliseconds since the epoch: hours ago, where the provider had a session. */
  authnInstant: number;
  /** When the provider's own session ends, milliseconds since the epoch; null when it does not say. */
  sessionEnd: number | null;
  /** Name → values, as they came. */
  attributes: [name: string, values: string[]][];
};

export const skewMs = 60_000;
export const maxAgeMs = 300_000;

/**
 * What the response itself says (SAML profiles 4.1.4.3). A response that nobody signed may leave Destination and Issuer out, but
 * may not say anything wrong.
 */
export function checkResponse(response: XmlElement, expected: Expectations, signed: boolean): void {
  if (attributeOf(response, "Version") !== "2.0") throw new SamlRefusal("version");
  const destination = attributeOf(response, "Destination");
  if (destination !== expected.acsUrl && (signed || destination !== undefined)) {
    throw new SamlRefusal("destination", destination ?? "none");
  }
  if (attributeOf(response, "InResponseTo") !== expected.requestId) throw new SamlRefusal("in-response-to");
  checkInstant(response, expected);
  if (signed || childrenOf(response, ns.assertion, "Issuer").length > 0) {
    checkIssuer(response, expected, "response-issuer");
  }
  const [status, another] = childrenOf(response, ns.protocol, "Status");
  const codes = status && !another ? childrenOf(status, ns.protocol, "StatusCode") : [];
  const code = codes.length === 1 ? attributeOf(codes[0]!, "Value") : undefined;
  if (code !== success) throw new SamlRefusal("status", statusDetail(codes[0]));
}

function statusDetail(code: XmlElement | undefined): string {
  if (!code) return "none";
  const inner = childrenOf(code, ns.protocol, "StatusCode")[0];
  return [attributeOf(code, "Value"), inner && attributeOf(inner, "Value")].filter(Boolean).join(" ");
}

/** What the assertion says. Returns the identity when all of it holds. */
export function checkAssertion(assertion: XmlElement, expected: Expectations): SamlIdentity {
  if (attributeOf(assertion, "Version") !== "2.0") throw new SamlRefusal("version");
  const assertionId = attributeOf(assertion, "ID");
  if (!assertionId || assertionId.length > 256) throw new SamlRefusal("structure", "the assertion's ID");
  checkInstant(assertion, expected);
  checkIssuer(assertion, expected, "assertion-issuer");
  const subject = only(assertion, "Subject", "subject");
  const nameId = readNameId(subject);
  checkConfirmations(childrenOf(subject, ns.assertion, "SubjectConfirmation"), expected);
  checkConditions(only(assertion, "Conditions", "conditions"), expected);
  const authn = checkStatements(childrenOf(assertion, ns.assertion, "AuthnStatement"), expected);
  return { ...nameId, assertionId, ...authn, attributes: readAttributes(assertion) };
}

function only(parent: XmlElement, name: string, reason: RefusalReason): XmlElement {
  const found = childrenOf(parent, ns.assertion, name);
  if (found.length !== 1) throw new SamlRefusal(reason, `${found.length} elements ${name}`);
  return found[0]!;
}

function checkInstant(element: XmlElement, { now }: Expectations): void {
  const issued = timeOf(element, "IssueInstant");
  if (issued === undefined || issued > now + skewMs || issued < now - maxAgeMs - skewMs) {
    throw new SamlRefusal("issue-instant", `${element.name} ${attributeOf(element, "IssueInstant") ?? "none"}`);
  }
}

function checkIssuer(element: XmlElement, { idpEntityId }: Expectations, reason: RefusalReason): void {
  const issuer = only(element, "Issuer", reason);
  const format = attributeOf(issuer, "Format");
  const text = textOf(issuer);
  if (text !== idpEntityId || (format !== undefined && format !== entityFormat)) throw new SamlRefusal(reason, text);
}

function readNameId(subject: XmlElement): { nameId: string; nameIdFormat: string | null } {
  const element = only(subject, "NameID", "subject");
  const nameId = textOf(element);
  const nameIdFormat = attributeOf(element, "Format") ?? null;
  if (!nameId || nameId.length > 512) throw new SamlRefusal("subject", "an empty NameID, or one that is too long");
  if (nameIdFormat === transientFormat) throw new SamlRefusal("transient-name-id");
  return { nameId, nameIdFormat };
}

function checkConfirmations(confirmations: XmlElement[], expected: Expectations): void {
  if (confirmations.length === 0) throw new SamlRefusal("confirmation", "none");
  for (const confirmation of confirmations) {
    const method = attributeOf(confirmation, "Method");
    if (method !== bearer) throw new SamlRefusal("confirmation", method ?? "no method");
    const data = only(confirmation, "SubjectConfirmationData", "confirmation");
    const recipient = attributeOf(data, "Recipient");
    if (recipient !== expected.acsUrl) throw new SamlRefusal("recipient", recipient ?? "none");
    if (attributeOf(data, "InResponseTo") !== expected.requestId) throw new SamlRefusal("in-response-to");
    if (!isWithin(data, expected.now, { endRequired: true })) throw new SamlRefusal("confirmation-time");
  }
}

const knownConditions = new Set(["AudienceRestriction", "OneTimeUse", "ProxyRestriction"]);

function checkConditions(conditions: XmlElement, { now, spEntityId }: Expectations): void {
  if (!isWithin(conditions, now, { endRequired: false })) throw new SamlRefusal("conditions", "outside their time");
  const restrictions: XmlElement[] = [];
  for (const child of conditions.children) {
    if (typeof child === "string") continue;
    if (child.namespace !== ns.assertion || !knownConditions.has(child.name)) {
      throw new SamlRefusal("conditions", child.name);
    }
    if (child.name === "AudienceRestriction") restrictions.push(child);
  }
  if (restrictions.length === 0) throw new SamlRefusal("audience", "none");
  for (const restriction of restrictions) {
    const audiences = childrenOf(restriction, ns.assertion, "Audience").map(textOf);
    if (!audiences.includes(spEntityId)) throw new SamlRefusal("audience", audiences.join(" "));
  }
}

function checkStatements(
  statements: XmlElement[],
  { now }: Expectations,
): Pick<SamlIdentity, "authnContext" | "authnInstant" | "sessionEnd"> {
  if (statements.length === 0) throw new SamlRefusal("authn-statement", "none");
  let sessionEnd: number | null = null;
  for (const statement of statements) {
    const at = timeOf(statement, "AuthnInstant");
    if (at === undefined || at > now + skewMs) throw new SamlRefusal("authn-statement", "AuthnInstant");
    if (attributeOf(statement, "SessionNotOnOrAfter") === undefined) continue;
    const end = timeOf(statement, "SessionNotOnOrAfter");
    if (end === undefined || end <= now - skewMs) throw new SamlRefusal("session-ended");
    sessionEnd = Math.min(end, sessionEnd ?? end);
  }
  const context = childrenOf(statements[0]!, ns.assertion, "AuthnContext")[0];
  const reference = context && childrenOf(context, ns.assertion, "AuthnContextClassRef")[0];
  return {
    authnContext: (reference && textOf(reference)) ?? null,
    authnInstant: timeOf(statements[0]!, "AuthnInstant")!,
    sessionEnd,
  };
}

function readAttributes(assertion: XmlElement): [string, string[]][] {
  const found = new Map<string, string[]>();
  for (const statement of childrenOf(assertion, ns.assertion, "AttributeStatement")) {
    for (const attribute of childrenOf(statement, ns.assertion, "Attribute")) {
      const name = attributeOf(attribute, "Name");
      if (!name) throw new SamlRefusal("attributes", "an attribute without a name");
      const values = found.get(name) ?? [];
      found.set(name, values);
      for (const value of childrenOf(attribute, ns.assertion, "AttributeValue")) {
        const text = textOf(value);
        if (text) values.push(text);
      }
    }
  }
  return [...found];
}

// xs:dateTime in UTC with a Z, as SAML core 1.3.3 demands.
const dateTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/;

/** Undefined when it is missing or no time. */
function timeOf(element: XmlElement, name: string): number | undefined {
  const text = attributeOf(element, name);
  const time = text !== undefined && dateTime.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

function isWithin(element: XmlElement, now: number, { endRequired }: { endRequired: boolean }): boolean {
  const [begin, end] = [timeOf(element, "NotBefore"), timeOf(element, "NotOnOrAfter")];
  if (begin === undefined && attributeOf(element, "NotBefore") !== undefined) return false;
  if (end === undefined && (endRequired || attributeOf(element, "NotOnOrAfter") !== undefined)) return false;
  return (begin === undefined || begin <= now + skewMs) && (end === undefined || end > now - skewMs);
}
