import type { SamlTest } from "../../api/types.ts";

type Result = NonNullable<SamlTest["result"]>;
export type Check = { title: string; state: "passed" | "failed" | "not reached" };

/** What a response is asked, in this order, and the reasons (docs/saml.md) by which it fails there. */
const checks: readonly { title: string; reasons: readonly string[] }[] = [
  { title: "SAML is set up here", reasons: ["not-configured"] },
  { title: "The answer came back to this browser, once", reasons: ["relay-state", "browser", "replayed"] },
  {
    title: "It is one well-formed response",
    reasons: [
      "form",
      "base64",
      "utf8",
      "declaration",
      "processing-instruction",
      "too-many-elements",
      "xml",
      "structure",
      "duplicate-id",
    ],
  },
  {
    title: "It is signed by a certificate of the provider, with strong algorithms",
    reasons: ["algorithm", "signature", "library", "decryption", "timed-out", "overloaded"],
  },
  {
    title: "It is the provider's success, for this request and address",
    reasons: [
      "version",
      "destination",
      "status",
      "response-issuer",
      "assertion-issuer",
      "in-response-to",
      "issue-instant",
    ],
  },
  {
    title: "It is about one person, for us, now",
    reasons: [
      "subject",
      "transient-name-id",
      "confirmation",
      "recipient",
      "confirmation-time",
      "conditions",
      "audience",
      "authn-statement",
      "session-ended",
      "identity-differs",
    ],
  },
  { title: "Its attributes can be read", reasons: ["attributes", "invalid-person"] },
];

/** How far a test came. A reason of a later release fails the last check. */
export function checksOf(result: Result): Check[] {
  const failed = result.ok ? checks.length : checks.findIndex(({ reasons }) => reasons.includes(result.reason));
  const at = failed < 0 ? checks.length - 1 : failed;
  return checks.map(({ title }, index) => ({
    title,
    state: index < at ? "passed" : index === at ? "failed" : "not reached",
  }));
}
