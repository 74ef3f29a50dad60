import type { RefusalReason } from "../../../src/identity/saml/reasons.ts";
import type { SignatureProfile } from "../../../src/identity/saml/validate.ts";
import type { Edit, ResponseTo, TestIdp } from "../../support/saml-idp.ts";

/** What a case is made of. */
export type Bench = {
  idp: TestIdp;
  stranger: TestIdp;
  to: ResponseTo;
  /** What the provider encrypts for. */
  certificate: string;
};

/** One attack: a response that must not be believed, in base64. */
export type Case = {
  name: string;
  reason: RefusalReason;
  make(bench: Bench): string;
  profile?: SignatureProfile;
  /** The library alone would work for longer than our limit: it is given that long, in a thread. */
  slow?: true;
};

export const replace =
  (pattern: RegExp, by: string): Edit =>
  (xml) => {
    if (!pattern.test(xml)) throw new Error(`found nothing like ${pattern} to change`);
    return xml.replace(pattern, by);
  };

export const time = (fromNowMs: number): string => new Date(Date.now() + fromNowMs).toISOString();
