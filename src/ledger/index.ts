export { listChecks, requestCheck, runCheck } from "./check.ts";
export { listCheckpoints } from "./checkpoints.ts";
export { listActions, listRows, type Reader, showRow } from "./rows.ts";
