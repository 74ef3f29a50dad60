import type { RetentionDeps } from "../retention/index.ts";
import { retentionHandlers, retentionRounds } from "../retention/jobs.ts";
import { type BoundHandlers, bindHandlers, type Round } from "../tasks/index.ts";

export type HandlerDeps = { retention: RetentionDeps };

/** Every task kind → the feature function that does it. */
export function jobHandlers({ retention }: HandlerDeps): BoundHandlers {
  return new Map([...bindHandlers(retention, retentionHandlers)]);
}

/** What comes round by the clock. */
export function jobRounds({ retention }: HandlerDeps): Record<string, Round> {
  return { ...retentionRounds(retention) };
}
