import { routeCommands } from "./route-commands.ts";

export const roleCommand = routeCommands("role", "what may be given to people", {
  list: "get /api/v1/roles",
  show: "get /api/v1/roles/:roleId",
  create: "post /api/v1/roles",
  change: "patch /api/v1/roles/:roleId",
  delete: "delete /api/v1/roles/:roleId",
});
