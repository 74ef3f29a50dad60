import { routeCommands } from "./route-commands.ts";

export const groupCommand = routeCommands("group", "groups of people", {
  list: "get /api/v1/groups",
  show: "get /api/v1/groups/:groupId",
  create: "post /api/v1/groups",
  rename: "patch /api/v1/groups/:groupId",
  delete: "delete /api/v1/groups/:groupId",
  members: "get /api/v1/groups/:groupId/members",
  "change-members": "post /api/v1/groups/:groupId/members",
});
