import { routeCommands } from "./route-commands.ts";

export const holdCommand = routeCommands("hold", "legal holds", {
  list: "get /api/v1/holds",
  place: "post /api/v1/holds",
  coverage: "get /api/v1/holds/:holdId/coverage",
  release: "post /api/v1/holds/:holdId/release",
});
