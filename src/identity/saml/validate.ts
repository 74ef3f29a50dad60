import { type CacheProvider, SAML, type SamlConfig, ValidateInResponseTo } from "@node-saml/passport-saml";
import {
  checkAssertion,
  checkResponse,
  type Expectations,
  maxAgeMs,
  type SamlIdentity,
  skewMs,
} from "./check-signed.ts";
import { openAssertion } from "./decrypt.ts";
import { ns } from "./names.ts";
import { checkShape, checkText, decodeResponse, readStrictly } from "./precheck.ts";
import { type RefusalReason, SamlRefusal } from "./reasons.ts";
import { childrenOf, type XmlElement } from "./xml-tree.ts";

export type SignatureProfile = "response-and-assertion" | "assertion-only";

/** All that validation depends on; can be sent to a thread. */
export type ValidationJob = Expectations & {
  /** The form's SAMLResponse. */
  response: string;
  profile: SignatureProfile;
  /** The provider's, PEM: any of them may have signed. */
  certificates: readonly string[];
  /** Our private keys, PEM: any of them may open the assertion. */
  decryptionKeys: readonly string[];
};

export type Validation =
  | { ok: true; identity: SamlIdentity }
  | { ok: false; reason: RefusalReason; detail?: string | undefined };

/** Options of the library for one response; the same that the comparison in docs/saml.md is made with. */
export function libraryOptions(job: Omit<ValidationJob, "response" | "decryptionKeys">): SamlConfig {
  return {
    issuer: job.spEntityId,
    audience: job.spEntityId,
    callbackUrl: job.acsUrl,
    idpCert: [...job.certificates],
    idpIssuer: job.idpEntityId,
    wantAuthnResponseSigned: job.profile === "response-and-assertion",
    wantAssertionsSigned: true,
    validateInResponseTo: ValidateInResponseTo.always,
    requestIdExpirationPeriodMs: 600_000,
    acceptedClockSkewMs: skewMs,
    maxAssertionAgeMs: maxAgeMs,
    signatureAlgorithm: "sha256",
    identifierFormat: null,
    disableRequestedAuthnContext: true,
    cacheProvider: oneRequest(job.requestId, job.now),
  };
}

// Postgres holds the requests and uses each up (store-transactions.ts); the library sees the one that this response must answer.
function oneRequest(requestId: string, now: number): CacheProvider {
  const value = new Date(now).toISOString();
  return {
    saveAsync: async () => null,
    getAsync: async (key) => (key === requestId ? value : null),
    removeAsync: async () => null,
  };
}

/**
 * Believes a response or says why not. Never throws for what the response holds. Takes long for hostile ones: run it in a
 * thread (validator.ts).
 */
export async function validateResponse(job: ValidationJob): Promise<Validation> {
  try {
    return { ok: true, identity: await validate(job) };
  } catch (error) {
    if (error instanceof SamlRefusal) return { ok: false, reason: error.reason, detail: error.detail };
    return { ok: false, reason: libraryReason(error), detail: String((error as Error)?.message).slice(0, 300) };
  }
}

async function validate(job: ValidationJob): Promise<SamlIdentity> {
  const xml = decodeResponse(job.response);
  checkText(xml);
  const response = readStrictly(xml);
  checkShape(response, "Response");
  const saml = new CheckedSaml(job, response);
  const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: job.response });
  const identity = saml.identity;
  if (!identity) throw new SamlRefusal("signature", "nothing was signed");
  if (profile?.nameID?.trim() !== identity.nameId) throw new SamlRefusal("identity-differs");
  return identity;
}

/** The library's check of signatures, with ours between them and everything that follows from them. */
class CheckedSaml extends SAML {
  identity: SamlIdentity | undefined;
  readonly #job: ValidationJob;
  readonly #response: XmlElement;

  constructor(job: ValidationJob, response: XmlElement) {
    super(libraryOptions(job));
    this.#job = job;
    this.#response = response;
    let key: string | undefined;
    // Read when the library comes to decrypt: with signed responses, after it has checked that signature.
    Object.defineProperty(this.options, "decryptionPvk", {
      get: () => {
        key ??= this.#openFirst();
        return key;
      },
    });
  }

  // The plaintext is held to the same rules before the library parses it.
  #openFirst(): string {
    const { decryptionKeys: keys, profile } = this.#job;
    const encrypted = childrenOf(this.#response, ns.assertion, "EncryptedAssertion")[0];
    if (!encrypted) throw new SamlRefusal("structure", "no EncryptedAssertion in its place");
    const opened = openAssertion(encrypted, { keys, authenticated: profile === "response-and-assertion" });
    checkText(opened.xml);
    checkShape(readStrictly(opened.xml), "Assertion");
    return opened.key;
  }

  /** `signedXml`: the canonical bytes under the outermost valid signature. All that is believed comes out of them. */
  protected override async getSignedAssertion(signedXml: string): Promise<string | null> {
    const signed = readStrictly(signedXml);
    const isResponse = signed.namespace === ns.protocol && signed.name === "Response";
    if (!isResponse && this.#job.profile !== "assertion-only") throw new SamlRefusal("signature", "no signed response");
    // Signed by whom, if not by the provider?
    if (!isResponse && childrenOf(this.#response, ns.signature, "Signature").length > 0) {
      throw new SamlRefusal("signature", "the response's own signature does not verify");
    }
    checkResponse(isResponse ? signed : this.#response, this.#job, isResponse);
    const assertionXml = await super.getSignedAssertion(signedXml);
    if (assertionXml === null) throw new SamlRefusal("structure", "no assertion in the signed bytes");
    const inPlace = isResponse ? childrenOf(signed, ns.assertion, "Assertion")[0] : signed;
    const assertion = inPlace ?? readStrictly(assertionXml);
    checkShape(assertion, "Assertion");
    this.identity = checkAssertion(assertion, this.#job);
    return assertionXml;
  }
}

function libraryReason(error: unknown): RefusalReason {
  const message = error instanceof Error ? error.message : "";
  if (/InResponseTo/.test(message)) return "in-response-to";
  if (message.startsWith("SAML provider returned")) return "status";
  if (message === "Missing SAML assertion") return "structure";
  return /signature/i.test(message) ? "signature" : "library";
}
