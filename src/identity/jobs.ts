import { mailKind, type NoticeDeps, recordEnds, type SendDeps, sendQueuedMail, tidyIdentity } from "./index.ts";

type Run = { tenantId: string; arguments: Record<string, unknown> };

/** Task kind → the function that does it. */
export const identityHandlers = { [mailKind]: (deps: SendDeps, task: Run) => sendQueuedMail(deps, task) };

/** What comes round by the clock, by scheduler name. */
export function identityRounds(deps: Pick<SendDeps, "pool" | "log"> & { notices?: NoticeDeps }) {
  return {
    "identity.upkeep": { everyMs: 3_600_000, run: (signal: AbortSignal) => tidyIdentity(deps, signal) },
    "identity.expiries": { everyMs: 60_000, run: (signal: AbortSignal) => recordEnds(deps, signal) },
  };
}
