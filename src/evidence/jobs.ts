import type { JobHandlers, Round } from "../tasks/index.ts";
import { clearPlacesByHand } from "./by-hand.ts";
import { expireExports } from "./expire.ts";
import { type EvidenceDeps, runExport } from "./run.ts";

/** Task kind → the function that does it. */
export const evidenceHandlers: JobHandlers<EvidenceDeps> = { "evidence.export": runExport };

/** What comes round by the clock, by scheduler name. */
export function evidenceRounds(deps: EvidenceDeps): Record<string, Round> {
  return {
    "evidence.expire": {
      everyMs: 600_000,
      async run(signal) {
        await expireExports(deps, signal);
        await clearPlacesByHand(deps, signal);
      },
    },
  };
}
