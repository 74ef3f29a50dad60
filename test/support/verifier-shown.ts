import type { Verdict } from "../../src/verifier/verify.ts";
import type { Shown } from "./verifier-page.ts";

/** What the page must show of a verdict. */
export function shownOf(verdict: Verdict): Shown {
  return {
    result: verdict.result,
    exitCode: verdict.exitCode,
    checks: verdict.checks.map(({ number, state, place, detail, furtherFailures, notes }) => ({
      number,
      state,
      place,
      details: [
        ...(detail ? [detail] : []),
        ...(furtherFailures > 0 ? [`and ${furtherFailures} more places`] : []),
        ...notes,
      ],
    })),
  };
}
