import type { CheckNumber } from "../../../src/verifier/report.ts";
import type { Given, Lab } from "../../support/verifier-lab.ts";

/** One way to be wrong: `check` must fail, at a place that `place` matches. */
export type BrokenCase = {
  name: string;
  check: CheckNumber;
  place?: RegExp;
  make: (lab: Lab) => Promise<Given>;
};
