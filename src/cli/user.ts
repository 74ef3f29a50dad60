import { routeCommands } from "./route-commands.ts";

export const userCommand = routeCommands("user", "accounts of people", {
  list: "get /api/v1/users",
  show: "get /api/v1/users/:userId",
  create: "post /api/v1/users",
  change: "patch /api/v1/users/:userId",
  deactivate: "post /api/v1/users/:userId/deactivate",
  reactivate: "post /api/v1/users/:userId/reactivate",
  access: "get /api/v1/users/:userId/access",
  "sign-in": "get /api/v1/users/:userId/sign-in",
  invite: "post /api/v1/invitations",
  link: "post /api/v1/users/:userId/sign-in-link",
  unlock: "post /api/v1/users/:userId/unlock",
  "reset-factors": "delete /api/v1/users/:userId/factors",
});
