import { routeCommands } from "./route-commands.ts";

export const keysCommand = routeCommands("keys", "a tenant's keys", {
  list: "get /api/v1/keys",
  "rotate-data": "post /api/v1/keys/data/rotate",
  "rotate-signing": "post /api/v1/keys/signing/rotate",
});
