import { routeCommands } from "./route-commands.ts";

export const sessionCommand = routeCommands("session", "where people are signed in", {
  list: "get /api/v1/users/:userId/sessions",
  "list-all": "get /api/v1/tenant/sessions",
  end: "delete /api/v1/users/:userId/sessions/:sessionId",
  "end-all": "post /api/v1/users/:userId/log-out-everywhere",
});
