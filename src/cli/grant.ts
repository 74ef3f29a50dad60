import { routeCommands } from "./route-commands.ts";

export const grantCommand = routeCommands("grant", "who has which role, where, until when", {
  list: "get /api/v1/grants",
  give: "post /api/v1/grants",
  revoke: "delete /api/v1/grants/:grantId",
});
