export { ACT_NAMES, ACTS, type Act, isAct } from "./acts.ts";
export type { RunAct } from "./decide.ts";
export type { ApprovalDeps } from "./deps.ts";
export { askSecondPerson } from "./request.ts";
export { askedAnswer } from "./schema.ts";
export { tellOfApprovals } from "./tell.ts";
export { tidyApprovals } from "./upkeep.ts";
export { type ApprovalView, approvalView } from "./view.ts";
