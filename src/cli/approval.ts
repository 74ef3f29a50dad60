import { routeCommands } from "./route-commands.ts";

/** People decide, in their own sessions: nobody on the box does it for them. */
export const approvalCommand = routeCommands("approval", "requests for a second person, and what needs one", {
  list: "get /api/v1/approvals",
  show: "get /api/v1/approvals/:approvalId",
  withdraw: "delete /api/v1/approvals/:approvalId",
  rules: "get /api/v1/approval-rules",
  "set-rules": "patch /api/v1/approval-rules",
});
