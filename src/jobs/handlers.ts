import type { EvidenceDeps } from "../evidence/index.ts";
import { evidenceHandlers, evidenceRounds } from "../evidence/jobs.ts";
import type { RetentionDeps } from "../retention/index.ts";
import { retentionHandlers, retentionRounds } from "../retention/jobs.ts";
import { type BoundHandlers, bindHandlers, type Round } from "../tasks/index.ts";

export type HandlerDeps = { retention: RetentionDeps; evidence: EvidenceDeps };

/** Every task kind → the feature function that does it. */
export function jobHandlers({ retention, evidence }: HandlerDeps): BoundHandlers {
  return new Map([...bindHandlers(retention, retentionHandlers), ...bindHandlers(evidence, evidenceHandlers)]);
}

/** What comes round by the clock. */
export function jobRounds({ retention, evidence }: HandlerDeps): Record<string, Round> {
  return { ...retentionRounds(retention), ...evidenceRounds(evidence) };
}
