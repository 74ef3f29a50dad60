import type { CheckDeps } from "../audit/index.ts";
import type { JobHandlers } from "../tasks/index.ts";
import { runCheck } from "./check.ts";

/** Task kind → the function that does it. */
export const ledgerHandlers: JobHandlers<CheckDeps> = { "ledger.verify": runCheck };
