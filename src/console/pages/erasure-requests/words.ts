import type { ErasureCaseSummary, ErasureRequest } from "../../api/types.ts";

export const stateWords: Readonly<Record<ErasureCaseSummary["state"], string>> = {
  unconfirmed: "Not confirmed",
  received: "Received",
  identifying: "More asked of the person",
  identified: "Identity checked",
  accepted: "Accepted, being erased",
  refused: "Refused",
  executed: "Erased",
};

export const channelWords: Readonly<Record<ErasureCaseSummary["channel"], string>> = {
  page: "The public page",
  staff: "Recorded by hand",
};

export const lawWords: Readonly<Record<ErasureCaseSummary["law"], string>> = {
  gdpr: "GDPR: one month",
  ccpa: "CCPA: 45 days",
};

export const methodWords: Readonly<Record<string, string>> = {
  "signed-in": "Signed in with their account",
  "email-reply": "Answered from the address that we know",
  "document-seen": "Showed a document",
  "in-person": "Came in person, known to us",
  "shared-secret": "Knew a shared secret",
  callback: "Called back at a number that we know",
  representative: "A representative with a mandate",
};

export const requestStateWords: Readonly<Record<ErasureRequest["state"], string>> = {
  open: "Being erased",
  held: "Waits for a hold",
  done: "Erased",
  cancelled: "Cancelled",
};

/** What a request is to erase, as far as it is known without its subject, which is kept as an HMAC alone. */
export function scopeWords({ userId, hasSubject, eventIds, imagesOnly, basis }: ErasureRequest): string {
  if (basis === "offboarding") return "Everything: the organisation leaves";
  if (userId) return "An account here, and all about it";
  if (hasSubject) return "All about one subject";
  const count = `${eventIds ?? 0} ${eventIds === 1 ? "event" : "events"}`;
  return imagesOnly ? `Images of ${count}` : count;
}
